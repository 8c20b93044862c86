from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ltc.web"
    label = "web"
