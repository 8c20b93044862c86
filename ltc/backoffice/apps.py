from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "ltc.backoffice"
    label = "backoffice"
