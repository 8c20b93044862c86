from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "ltc.timeline"
    label = "timeline"
