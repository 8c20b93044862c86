"""Customers, deals and their reasons, made the short way."""

import itertools
from decimal import Decimal
from typing import Any

from leads.models import CloseReason, Lead
from ltc.customers.models import Customer
from ltc.customers.services import create_customer
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from opportunities.services import create_opportunity
from tests.leads import make as leads

_number = itertools.count(1)


def customer(name: str = "", **fields: Any) -> Customer:
    return create_customer(actor=SYSTEM, name=name or f"Customer {next(_number)} Ltd", **fields)


def reason(kind: str = "lost", code: str = "price") -> CloseReason:
    return leads.close_reason(code, kind)


def deal(owner: Membership, *, amount: str = "260000.00", stage: str = "discovery", **fields: Any) -> Opportunity:
    """An open deal, brought to a stage."""
    known = {"customer": fields.pop("customer", None) or customer(owner=owner), "name": f"Deal {next(_number)}"}
    opportunity = create_opportunity(**{"actor": SYSTEM, "owner": owner, "amount": Decimal(amount), **known, **fields})
    while opportunity.stage != stage:
        perform(opportunity, "advance", actor=SYSTEM)
    return opportunity


def qualified_lead(owner: Membership, **fields: Any) -> Lead:
    lead = leads.lead(owner=owner, **{**leads.UNDERSTOOD, **fields})
    perform(lead, "log_first_contact", actor=owner)
    return perform(lead, "qualify", actor=owner)
