"""Orders and payment terms, made the short way."""

from datetime import date
from decimal import Decimal
from typing import Any

from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from orders.models import Order, PaymentTerm
from orders.seeds import seed_payment_terms
from orders.services.drafts import create_order
from tests.opportunities import make as deals

PROMISED = date(2026, 9, 30)


def terms(locale: str = "zh-hans") -> dict[str, PaymentTerm]:
    """The usual payment terms, by code."""
    seed_payment_terms(Tenant(locale=locale))
    return {term.code: term for term in PaymentTerm.objects.all()}


def line(price: str = "1130000.00", *, qty: str = "1", **fields: Any) -> dict[str, Any]:
    return {"description": "Packing line", "qty": Decimal(qty), "unit_price": Decimal(price), "promised_on": PROMISED, **fields}


def draft(owner: Membership, *, term: str = "3-6-1", **fields: Any) -> Order:
    known = {"customer": fields.pop("customer", None) or deals.customer(owner=owner), "lines": [line()], "price_includes_tax": True}
    return create_order(**{"actor": SYSTEM, "owner": owner, "payment_term": terms()[term], **known, **fields})
