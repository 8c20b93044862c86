from django.core.management.commands import makemigrations

from ltc.tenancy.folding import FoldingAutodetector


class Command(makemigrations.Command):
    autodetector = FoldingAutodetector
