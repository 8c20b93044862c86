"""Leads and what they need, made the short way."""

import itertools
from typing import Any

from leads.models import Channel, CloseReason, Lead
from leads.services import capture_lead
from ltc.users.actors import SYSTEM

_number = itertools.count(1)


def channel(code: str = "website", **fields: Any) -> Channel:
    found = Channel.objects.filter(code=code).first()
    return found or Channel.objects.create(code=code, **{"name": code.title(), "kind": "web", **fields})


def close_reason(code: str = "no-budget", kind: str = "disqualify") -> CloseReason:
    return CloseReason.objects.get_or_create(code=code, kind=kind, defaults={"name": code.replace("-", " ").title()})[0]


def lead(**fields: Any) -> Lead:
    number = next(_number)
    known = {"contact_name": f"Person {number}", "company_name": f"Company {number}", "email": f"person{number}@company{number}.example"}
    return capture_lead(**{"actor": SYSTEM, "channel": channel(), **known, **fields})


UNDERSTOOD = {"budget": "approved", "authority": "decision_maker", "need_level": "clear"}
