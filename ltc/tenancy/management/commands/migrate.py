from django.core.management.commands import migrate

from ltc.tenancy.folding import FoldingAutodetector


class Command(migrate.Command):
    autodetector = FoldingAutodetector
