from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "ltc.calendars"
    label = "calendars"
