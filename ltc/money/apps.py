from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "ltc.money"
    label = "money"
