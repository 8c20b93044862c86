"""Things that tests need, made the short way: a tenant, members of each role. Stages add their own makers beside their tests."""

import itertools
from typing import Any

from ltc.tenancy.models import Tenant
from ltc.users.models import Membership, Team, User

_number = itertools.count(1)


def tenant(code: str, **fields: Any) -> Tenant:
    return Tenant.objects.create(code=code, name=code.title(), **{"time_zone": "Asia/Shanghai", "base_currency": "CNY", **fields})


def team(name: str, parent: Team | None = None) -> Team:
    return Team.objects.create(name=name, parent=parent)


def member(role: str, *, team: Team | None = None, **fields: Any) -> Membership:
    """A member of the active tenant, with a user of their own."""
    email = f"{role}{next(_number)}@example.com"
    user = User.objects.create(email=email, name=email.split("@")[0])
    return Membership.objects.create(user=user, name=user.name, email=email, role=role, team=team, **fields)
