from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "ltc.numbering"
    label = "numbering"
