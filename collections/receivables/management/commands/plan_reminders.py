import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from receivables.services.policies import policies
from receivables.services.rehearsal import rehearse


class Command(BaseCommand):
    help = "Show which reminders the runs of some days would send, supersede, defer or suppress, and why. Nothing is written or sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="the workspace's code")
        parser.add_argument("--from", dest="first", required=True, help="the first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", required=True, help="the last day, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            first, last = date.fromisoformat(options["first"]), date.fromisoformat(options["last"])
        except ValueError:
            raise CommandError("Give the days as YYYY-MM-DD.") from None
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no workspace {options['tenant']!r}.")
        with acting_for(tenant):
            policies()
        with acting_for(tenant):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            try:
                found = rehearse(first, last, now=timezone.now())
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal
            for each in found:
                line = each.as_line()
                if options["json"]:
                    self.stdout.write(json.dumps(line, ensure_ascii=False))
                else:
                    words = (
                        line["date"],
                        line["invoice"],
                        f"/{line['seq']}",
                        f"level {line['level']}",
                        line["outcome"],
                        line["reason"] or "",
                    )
                    self.stdout.write("  ".join(words))
