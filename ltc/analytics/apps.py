from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "ltc.analytics"
    label = "analytics"
