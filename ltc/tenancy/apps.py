from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "ltc.tenancy"
    label = "tenancy"
