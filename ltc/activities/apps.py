from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "ltc.activities"
    label = "activities"
