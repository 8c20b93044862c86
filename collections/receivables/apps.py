from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReceivablesConfig(AppConfig):
    """Collections: everything but Python's import name says so, because a package `collections` would hide the standard library's."""

    name = "receivables"
    label = "collections"
    verbose_name = _("Collections")
