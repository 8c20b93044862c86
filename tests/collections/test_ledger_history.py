"""Random histories: whatever finance does in whatever order, the books agree afterwards (invariant I11)."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltc.money.models import ExchangeRate
from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.integrity import violations
from receivables.models import Allocation, Invoice, JournalLine, Payment, ReceivableItem
from tests.collections import make as cash
from tests.collections.make import NOON

pytestmark = pytest.mark.usefixtures("inside")
RATES = {1: "7.10", 2: "7.0533", 3: "6.9871", 4: "7.1234"}

steps = st.lists(
    st.tuples(st.sampled_from(["pay", "pay", "allocate", "allocate", "take_back", "reverse"]), st.integers(1, 400_000), st.integers(1, 4)),
    min_size=1,
    max_size=14,
)


def play(order, kind, cents, day):
    at = NOON.replace(day=day + 5)
    payments, allocations = list(Payment.objects.order_by("pk")), list(Allocation.objects.filter(active=True).order_by("pk"))
    match kind:
        case "pay":
            cash.paid(order.customer, str(Decimal(cents) / 100), currency="USD", at=at)
        case "allocate" if payments:
            payment = payments[cents % len(payments)]
            items = list(ReceivableItem.objects.filter(open_amount__gt=0).order_by("pk"))
            if items and payment.state == "posted" and payment.unallocated:
                item = items[cents % len(items)]
                amount = min(item.open_amount, payment.unallocated, Decimal(cents) / 100)
                perform(payment, "allocate", actor=SYSTEM, at=at, rows=[{"item": item, "amount": amount}])
        case "take_back" if allocations:
            perform(allocations[cents % len(allocations)], "reverse", actor=SYSTEM, at=at)
        case "reverse" if payments and cents % 5 == 0:
            payment = payments[cents % len(payments)]
            if payment.state == "posted":
                perform(payment, "reverse", actor=SYSTEM, at=at, reason="Bounced")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_after_any_history_the_books_agree(rep, history):
    for day, rate in RATES.items():
        ExchangeRate.objects.update_or_create(
            from_currency="USD", to_currency="CNY", rate_date=NOON.date().replace(day=day + 5), defaults={"rate": Decimal(rate)}
        )
    ExchangeRate.objects.update_or_create(from_currency="USD", to_currency="CNY", rate_date=NOON.date(), defaults={"rate": Decimal("7.10")})
    before = JournalLine.objects.count()
    order = cash.order(rep, currency="USD", term="3-6-1", price="333.33")
    for invoice in Invoice.objects.filter(order=order):
        cash.issued(invoice)
    for kind, cents, day in history:
        try:
            play(order, kind, cents, day)
        except Refusal as refusal:
            assert refusal.code != "refused", refusal
    assert list(violations()) == []
    assert JournalLine.objects.count() > before
