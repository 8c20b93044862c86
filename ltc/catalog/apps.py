from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "ltc.catalog"
    label = "catalog"
