"""The first and the last touch of a lead, kept and carried along to customer, opportunity, order and cash."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Lead
from leads.touches import record_touch
from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from orders.models import Order
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.test_trace import walked
from tests.leads import make as leads
from tests.opportunities import make as deals
from tests.pages import Browser

LANDING = "https://shop.example/?utm_source=baidu&utm_medium=cpc&utm_campaign=spring"
WEEK = timedelta(days=7)


def met_twice(owner: Any, **fields: Any) -> Lead:
    """A lead that came by an advertisement, and to a fair a week later."""
    at = timezone.now() - 2 * WEEK
    lead = deals.qualified_lead(owner, touch={"url": LANDING, "kind": "form", "occurred_at": at}, **fields)
    record_touch(lead, actor=SYSTEM, channel=leads.channel("fair", name="Spring fair"), kind="event", occurred_at=at + WEEK)
    return lead


def ends(record: Any) -> tuple[str, str]:
    record.refresh_from_db()
    return tuple(record.touch_ends[which]["channel"] for which in ("first", "last")) if record.touch_ends else ("", "")


def test_a_lead_knows_its_first_and_its_last_touch(inside: Tenant, rep: Any) -> None:
    lead = met_twice(rep)
    assert ends(lead) == ("website", "fair")
    first, last = lead.touch_ends["first"], lead.touch_ends["last"]
    assert (first["kind"], first["utm"]) == ("form", {"source": "baidu", "medium": "cpc", "campaign": "spring"})
    assert (last["kind"], last["channel_name"], last["utm"]) == ("event", "Spring fair", {})
    record_touch(lead, actor=SYSTEM, channel=leads.channel("expo"), occurred_at=timezone.now() - 9 * WEEK)  # learned of later
    assert ends(lead) == ("expo", "fair")


def test_a_conversion_carries_both_to_customer_opportunity_and_order(inside: Tenant, rep: Any) -> None:
    lead = met_twice(rep)
    perform(lead, "convert", actor=SYSTEM, name="Pumps", amount=Decimal("1000.00"), currency="CNY")
    deal = Opportunity.objects.get(lead=lead)
    assert ends(deal) == ends(deal.customer) == ("website", "fair")
    for _step in range(4):
        perform(deal, "advance", actor=SYSTEM)
    perform(deal, "win", actor=SYSTEM)
    order = Order.objects.get(opportunity=deal)
    assert ends(order) == ("website", "fair")
    record_touch(lead, actor=SYSTEM, channel=leads.channel("newsletter"))
    assert (ends(lead)[1], ends(deal)[1], ends(order)[1]) == ("newsletter", "fair", "fair")  # a deal keeps what led to it


def test_a_lead_that_becomes_an_order_at_once_carries_both_too(inside: Tenant, rep: Any) -> None:
    inside.sales_motion = Tenant.SalesMotion.B2C_DIRECT
    inside.save()
    lead = met_twice(rep, company_name="")
    perform(lead, "convert_to_order", actor=SYSTEM, amount=Decimal("500.00"), currency="CNY")
    order = Order.objects.get(lead=lead)
    assert ends(order) == ends(order.customer) == ("website", "fair")


def test_a_customer_has_the_earliest_and_the_latest_of_all_its_leads(inside: Tenant, rep: Any) -> None:
    early, late = met_twice(rep), deals.qualified_lead(rep, channel=leads.channel("referral"))
    perform(late, "convert", actor=SYSTEM, name="Second", amount=Decimal(1), currency="CNY")
    late.refresh_from_db()
    perform(early, "convert", actor=SYSTEM, name="First", amount=Decimal(1), currency="CNY", customer=late.customer)
    assert ends(late.customer) == ("website", "referral")
    assert ends(Opportunity.objects.get(lead=late)) == ("referral", "referral")
    other = deals.customer()
    perform(late.customer, "merge", actor=SYSTEM, survivor=other)
    assert ends(other) == ("website", "referral")


def test_the_survivor_of_a_merge_has_the_touches_of_both_and_gives_them_back(inside: Tenant) -> None:
    long_ago = timezone.now() - 9 * WEEK
    old, new = leads.lead(at=long_ago, channel=leads.channel("fair")), leads.lead(at=long_ago + WEEK)
    record_touch(old, actor=SYSTEM, channel=leads.channel("expo"))
    perform(old, "merge", actor=SYSTEM, survivor=new)
    assert ends(new) == ("fair", "expo")
    perform(old, "unmerge", actor=SYSTEM)
    assert (ends(new), ends(old)) == (("website", "website"), ("fair", "expo"))


@pytest.fixture
def sold(tenant: Tenant) -> dict[str, Any]:
    """Two ways from lead to cash: one that came by an advertisement and a fair, one that somebody recommended."""
    with acting_for(tenant):
        rep, fin = make.member("rep"), make.member("fin")
        found: dict[str, Any] = {"fin": fin}
        lead, deal, order = walked(rep, "10000.00")
        cash.paid(order.customer, "10000.00")
        met = {"channel": "fair", "channel_name": "Fair", "campaign": None, "kind": "event", "occurred_at": "2026-01-01T00:00:00Z"}
        touches = {"first": {**met, "utm": {"source": "baidu"}}, "last": {**met, "channel": "expo", "utm": {}}}
        for model, record in ((Lead, lead), (Opportunity, deal), (Order, order), (Customer, order.customer)):
            model.objects.filter(pk=record.pk).update(touch_ends=touches)
        _lead, _deal, other = walked(rep, "20000.00")
        cash.paid(other.customer, "20000.00")
    return found


@pytest.mark.parametrize(
    "kind", ["leads", "customers", "opportunities", "orders", "invoices", "receivable-items", "payments", "allocations"]
)
def test_every_list_on_the_way_to_cash_is_narrowed_by_first_and_last_touch(tenant: Tenant, sold: dict[str, Any], kind: str) -> None:
    caller = caller_of(tenant)

    def count(query: str) -> int:
        answer = caller.get(f"{kind}/?{query}")
        assert answer.status_code == 200, answer.content
        return len(answer.json()["data"])

    assert count("") == 2
    assert count("first_channel=fair") == count("last_channel=expo") == count("first_utm_source=baidu") == 1
    assert count("first_channel=expo") == count("last_utm_source=baidu") == count("first_campaign=none") == 0
    assert count("first_channel=fair&last_channel=expo") == 1


def test_customer_opportunity_and_order_show_what_they_came_by(tenant: Tenant, sold: dict[str, Any]) -> None:
    with acting_for(tenant):
        boss = Browser(make.member("exec"))
        order = Order.objects.get(touch_ends__first__channel="fair")
        pages = [f"/orders/{order.pk}/", f"/opportunities/{order.opportunity_id}/", f"/customers/{order.customer_id}/"]
    for page in pages:
        shown = boss.get(page).content.decode()
        assert "Fair · baidu" in shown and "First source" in shown, page
    for listed in ("orders", "opportunities", "customers", "leads"):
        assert "Fair · baidu" in boss.get(f"/{listed}/?view=all&cols=first_source").content.decode(), listed
