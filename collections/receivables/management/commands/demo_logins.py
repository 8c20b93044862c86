from typing import Any

from django.core.management.base import BaseCommand

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from receivables.demo.loading import PASSWORD
from receivables.management.commands.seed_demo import OPERATOR


class Command(BaseCommand):
    help = "Print whom the demo lets you sign in as."

    def handle(self, *args: Any, **options: Any) -> None:
        for tenant in Tenant.objects.filter(is_demo=True).order_by("id"):
            self.stdout.write(f"\n  {tenant.name}   /t/{tenant.code}/")
            shown: set[str] = set()
            with acting_for(tenant):
                for member in Membership.objects.filter(state=Membership.State.ACTIVE).order_by("created_at"):
                    if member.role not in shown:
                        shown.add(member.role)
                        self.stdout.write(f"    {member.get_role_display():<24} {member.email:<28} {member.name}")
        self.stdout.write(f"\n  Operator's console /operator/   {OPERATOR}\n  Password of everyone: {PASSWORD}\n")
