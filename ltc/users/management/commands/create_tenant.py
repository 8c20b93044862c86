from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ltc.refusals import Refusal
from ltc.tenancy.models import Tenant
from ltc.users.services import create_tenant


class Command(BaseCommand):
    help = "Found a tenant with everything that a new one starts with. Its code is the last line on stdout."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="its address: /t/<code>/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--time-zone", required=True, help="such as Asia/Shanghai")
        parser.add_argument("--currency", required=True, help="such as CNY")
        parser.add_argument("--locale", default="en", choices=["en", "zh-hans"])
        parser.add_argument("--motion", default=Tenant.SalesMotion.B2B.value, choices=Tenant.SalesMotion.values)

        parser.add_argument(
            "--calendar", help="the country of its public holidays, such as CN; none for weekends only (that of the currency)"
        )
        parser.add_argument("--fiscal-year-start", type=int, default=1, choices=range(1, 13), help="the month in which its years begin")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant = create_tenant(
                code=options["code"],
                name=options["name"],
                time_zone=options["time_zone"],
                currency=options["currency"],
                locale=options["locale"],
                motion=options["motion"],
                calendar={None: None, "none": ""}.get(options["calendar"], options["calendar"]),
                fiscal_year_start_month=options["fiscal_year_start"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(tenant.code)
