from django.apps import AppConfig


class AutomationConfig(AppConfig):
    name = "ltc.automation"
    label = "automation"
