from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "ltc.notifications"
    label = "notifications"
