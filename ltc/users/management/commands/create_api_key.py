from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key
from ltc.users.roles import Role


class Command(BaseCommand):
    help = "Make an API key for a tenant. The key is the last line on stdout, and is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="code of the tenant, as in its address /t/<code>/")
        parser.add_argument("--scopes", default="*", help='what it reaches: "leads:read,orders:write", or "*" for everything (default)')
        parser.add_argument("--role", default=Role.API.value, choices=Role.values)
        parser.add_argument("--name", default="command line")
        parser.add_argument("--expires-days", type=int, default=None, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant “{options['tenant']}”. Make one with create_tenant.")
        access = [item for item in options["scopes"].replace(",", " ").split() if item]
        try:
            with acting_for(tenant):
                key, text = issue_key(
                    created_by=SYSTEM,
                    name=options["name"],
                    access=access,
                    role=options["role"],
                    days=options["expires_days"],
                )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stderr.write(f"{key.name}: {' '.join(key.access)} in {tenant.name}, expires {key.expires_at or 'never'}.")
        self.stdout.write(text)
