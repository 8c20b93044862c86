from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "ltc.users"
    label = "users"
