from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "ltc.api"
    label = "api"
