from datetime import datetime
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ltc.tenancy.models import Tenant
from ltc.users.models import User
from receivables.demo.companies import COMPANIES
from receivables.demo.loading import PASSWORD, load

OPERATOR = "operator@example.com"


class Command(BaseCommand):
    help = "Load the demo tenants, unless they are there. Deterministic for a seed and an anchor (now, unless given)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", choices=[*COMPANIES, "all"], default="all")
        parser.add_argument("--seed", type=int, default=20260101)
        parser.add_argument("--anchor", help="the day that is today in the story, YYYY-MM-DD")
        parser.add_argument("--scale", type=float, default=1.0, help="1.0 is the full size")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            anchor = datetime.fromisoformat(options["anchor"] + "T12:00:00+00:00") if options["anchor"] else timezone.now()
        except ValueError:
            raise CommandError("Give the anchor as YYYY-MM-DD.") from None
        wanted = COMPANIES if options["tenant"] == "all" else {options["tenant"]: COMPANIES[options["tenant"]]}
        if not User.objects.filter(email=OPERATOR).exists():
            User.objects.create_user(OPERATOR, PASSWORD, name="Operator", is_operator=True)
        for company in wanted.values():
            if Tenant.objects.filter(code=company.code).exists():
                self.stdout.write(f"{company.name} is there already.")
                continue
            started = monotonic()
            load(company, seed=options["seed"], anchor=anchor, scale=options["scale"], told=self.stdout.write)
            self.stdout.write(f"{company.name}: loaded in {monotonic() - started:.0f} s.")
