from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from orders.models import Order
from receivables.models import Allocation, Invoice, Payment, ReceivableItem
from receivables.services.receipts import record_payment
from receivables.trace import cash_by_origin, trace
from tests import make
from tests.collections import make as cash
from tests.collections.make import NOON
from tests.delivery import make as goods
from tests.opportunities import make as deals

pytestmark = pytest.mark.usefixtures("inside")
D = Decimal
CHAIN = ["lead", "opportunity", "order", "shipment", "acceptance", "invoice", "receivableitem", "allocation", "payment"]


def walked(rep, amount="10000.00"):
    """A lead that walked all the way to cash."""
    lead = deals.qualified_lead(rep, company_name=f"Walker {amount} Ltd")
    perform(lead, "convert", actor=SYSTEM, name="Packing line", amount=D(amount), currency="CNY")
    deal = Opportunity.objects.get(lead=lead)
    for _step in range(4):
        perform(deal, "advance", actor=SYSTEM)
    perform(deal, "win", actor=SYSTEM)
    order = Order.objects.get(opportunity=deal)
    order.lines.update(promised_on=NOON.date() + timedelta(days=30))
    order.payment_term = goods.orders.terms()["prepaid"]
    order.save()
    perform(order, "confirm", actor=SYSTEM, at=NOON)
    cash.issued(Invoice.objects.get(order=order))
    return lead, deal, order


@pytest.fixture
def way(rep):
    lead, deal, order = walked(rep)
    payment = cash.paid(order.customer, "10000.00")
    goods.accepted(order, at=NOON)
    order.refresh_from_db()
    assert order.state == "closed"
    records = [lead, deal, order, order.shipments.get(), order.acceptances.get(), Invoice.objects.get()]
    return [*records, ReceivableItem.objects.get(), Allocation.objects.get(), payment]


@pytest.mark.parametrize("start", range(9), ids=CHAIN)
def test_from_any_record_the_whole_way_is_seen(way, start):
    chain = trace(way[start], SYSTEM)
    assert [node["kind"] for node in chain["nodes"]] == CHAIN
    assert [node["id"] for node in chain["nodes"]] == [str(record.pk) for record in way]
    assert [node["kind"] for node in chain["nodes"] if node["is_start"]] == [CHAIN[start]]
    assert [(link["from"], link["to"]) for link in chain["links"]] == [
        ("lead-1", "opportunity-1"), ("opportunity-1", "order-1"), ("order-1", "shipment-1"), ("shipment-1", "acceptance-1"),
        ("order-1", "invoice-1"), ("invoice-1", "receivableitem-1"), ("receivableitem-1", "allocation-1"), ("allocation-1", "payment-1"),
    ]  # fmt: skip
    (money,) = chain["cash"]
    assert money["amount"] == "10000.0000"
    (portion,) = money["portions"]
    assert (portion["lead"], portion["channel"]) == ("lead-1", way[0].channel.code)


def test_what_an_actor_may_not_see_has_only_kind_and_number(way):
    chain = trace(way[-1], make.member("fin"))
    lead = chain["nodes"][0]
    assert lead == {"key": "lead-1", "kind": "lead", "number": way[0].number, "redacted": True}
    assert {node["kind"] for node in chain["nodes"] if node["redacted"]} == {"lead"}
    assert chain["cash"][0]["portions"][0]["lead"] is None
    marketing = trace(way[0], make.member("mkt"))
    assert [node["kind"] for node in marketing["nodes"] if not node["redacted"]] == ["lead"]
    assert all(set(node) == {"key", "kind", "number", "redacted"} for node in marketing["nodes"][1:])
    assert marketing["cash"] == []


def test_one_payment_over_two_deals_stems_from_both_leads(rep):
    _lead, _deal, first = walked(rep, "6000.00")
    _lead2, _deal2, second = walked(rep, "3000.00")
    ReceivableItem.objects.update(customer=first.customer)
    Invoice.objects.update(customer=first.customer)
    payment = cash.paid(first.customer, "9500.00")
    perform(payment, "allocate", actor=SYSTEM, at=NOON)
    portions = cash_by_origin([payment])[payment.pk]
    assert [(p.origin and p.origin.lead, p.amount) for p in portions] == [
        (first.opportunity.lead_id, D("6000")), (second.opportunity.lead_id, D("3000")), (None, D("500")),
    ]  # fmt: skip
    assert [node["kind"] for node in trace(payment, SYSTEM)["nodes"]].count("lead") == 2
    assert [node["kind"] for node in trace(_lead, SYSTEM)["nodes"]].count("lead") == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.decimals("0.01", "2500", places=2), min_size=1, max_size=5), rest=st.decimals("0", "500", places=2))
def test_whatever_is_allocated_the_parts_sum_to_the_cash(rep, parts, rest):
    order = cash.order(rep, term="prepaid", price="1250.00", at=NOON)
    item = cash.issued(Invoice.objects.get(order=order)).items.get()
    payment = record_payment(
        actor=SYSTEM, amount=sum(parts, rest), currency="CNY", received_on=NOON.date(), customer=order.customer, at=NOON
    )
    Payment.objects.filter(pk=payment.pk).update(remittance_text="none of ours")
    perform(payment, "post", actor=SYSTEM, at=NOON)
    for part in parts:
        if not payment.allocations.filter(method="exact").exists():
            perform(payment, "allocate", actor=SYSTEM, at=NOON, rows=[{"item": item, "amount": part}])
    portions = cash_by_origin([payment])[payment.pk]
    assert sum(p.amount for p in portions) == payment.amount
    assert sum(p.amount_base for p in portions) == payment.amount_base
