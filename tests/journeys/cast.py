"""Founds a tenant with a person of each role, for a journey. Prints its code; everybody's password is the one given.

python -m tests.journeys.cast CODE PASSWORD
"""

import sys

import django

django.setup()

from ltc.tenancy.context import acting_for  # noqa: E402
from ltc.users.models import Membership, Seat, Team, User  # noqa: E402
from ltc.users.services import create_tenant  # noqa: E402

ROLES = ("rep", "mgr", "pre", "dm", "fin", "mkt", "adm", "exec")


def found(code: str, password: str) -> None:
    tenant = create_tenant(code=code, name="Northwind", time_zone="Asia/Shanghai", currency="CNY")
    with acting_for(tenant):
        team = Team.objects.create(name="Sales")
        for role in ROLES:
            user = User.objects.create_user(f"{role}@{code}.example", password, name=role.title())
            capabilities = ["finance_approver"] if role == "fin" else []
            Membership.objects.create(user=user, name=user.name, email=user.email, role=role, team=team, capabilities=capabilities)
            Seat.objects.create(user=user, workspace=tenant)
    print(tenant.code)


if __name__ == "__main__":
    found(sys.argv[1], sys.argv[2])
