from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "ltc.customers"
    label = "customers"
