"""GD-6 and GD-11 of the domain rules: what customers are worth, what subscriptions bring, and whose the cash is."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from leads.models import LeadTouch
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from orders.models import Order
from receivables.metrics.recurring import Recurring
from receivables.models import Invoice, Payment
from tests.callers import Caller, caller_of
from tests.contracts.rows import make_row
from tests.ltc.analytics.test_gold_receivables import Books
from tests.ltc.analytics.told import Past, gold_sales, moment

Q2 = "from=2026-04-01&to=2026-06-30&as_of=2026-06-30"


def ask(caller: Caller, code: str, query: str = Q2) -> Any:
    return caller.get(f"metrics/{code}/?{query}").json()


def settle(tenant: Tenant, **chosen: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(settings={"metrics": chosen})


@pytest.mark.parametrize(
    ("code", "churn", "value", "flags"),
    [
        ("ltv.revenue", "0.20", "600000.00", []),
        ("ltv.margin", "0.20", "210000.00", []),
        ("ltv.margin", "0", "420000.00", ["capped"]),
        ("ltv_cac", "0.20", "2.1000", []),
        ("cac.payback_months", "0.20", "28.57", []),
    ],
)
def test_the_worth_of_a_customer(tenant: Tenant, code: str, churn: str, value: str, flags: list[str]) -> None:
    with acting_for(tenant):
        gold_sales()
    settle(tenant, arpa="120000", churn=churn)
    answer = ask(caller_of(tenant), code)
    assert (answer["value"], answer["flags"]) == (value, flags)


def test_who_bought_last_year_and_not_this_year_is_lost(inside: Tenant) -> None:
    base = {"fx_rate": 1, "gross_base": 0, "state": "confirmed"}
    for number in range(5):
        first = make_row(Order, number=f"A{number}", confirmed_at=moment("2025-05-01"), **base)
        if number:
            make_row(Order, number=f"B{number}", confirmed_at=moment("2026-02-01"), customer=first.customer, **base)
    answer = ask(caller_of(inside), "churn")
    assert (answer["value"], answer["numerator"], answer["denominator"]) == ("0.2000", "1", "5")


def test_recurring_revenue_grows_and_shrinks() -> None:
    sums = Recurring()
    for before, after in (("8000", "16000"), ("10000", "8000"), ("0", "10000"), ("1000", "0"), ("1000", "0"), ("1500", "0"), ("1500", "0")):
        sums.add(Decimal(before), Decimal(after))
    for _number in range(74):
        sums.add(Decimal(1000), Decimal(1000))
    sums.add(Decimal(3000), Decimal(3000))
    sums.logos -= 1  # the last one stands for the rest of the money, not for a customer
    assert (sums.start, sums.new, sums.expansion, sums.contraction, sums.churned) == (100_000, 10_000, 8_000, 2_000, 5_000)
    assert (sums.end, sums.annual) == (111_000, 1_332_000)
    assert (sums.net_retention.value, sums.gross_retention.value) == (Decimal("1.0100"), Decimal("0.9300"))
    assert (sums.logo_churn.numerator, sums.logo_churn.denominator, sums.logo_churn.value) == (4, 80, Decimal("0.0500"))


def test_subscriptions_are_read_from_the_books(inside: Tenant) -> None:
    told = Books()
    for day, amount in (("03-10", "1000"), ("06-10", "1500")):
        told.item(f"S{day}", day, "07-01", amount)
    Invoice.objects.update(kind="subscription")
    caller = caller_of(inside)
    values = {code: ask(caller, code)["value"] for code in ("mrr.start", "mrr.expansion", "mrr.end", "arr", "nrr")}
    assert values == {
        "mrr.start": "1000.00", "mrr.expansion": "500.00", "mrr.end": "1500.00", "arr": "18000.00", "nrr": "1.5000",
    }  # fmt: skip


class Market:
    """Leads with touches that become deals, orders, invoices and payments, at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.past, self.books = Past(), Books()

    def sell(self, number: int) -> None:
        chance, past = self.chance, self.past
        lead = past.lead(f"L{number}", chance.choice(["web", "fair", "partner"]), "03-01", converted="03-20")
        for place in range(chance.randint(0, 4)):
            make_row(LeadTouch, lead=lead, channel=past.channel(chance.choice(["web", "fair", "mail"])), dedupe_key=f"{number}-{place}",
                     occurred_at=moment("03-01") + timedelta(days=place))  # fmt: skip
        deal = past.deal(f"O{number}", "1000", "03-20 S1", "04-01 won", lead=f"L{number}")
        type(deal).objects.filter(pk=deal.pk).update(created_at=moment("03-20"))
        order = make_row(Order, number=f"A{number}", opportunity=deal, state="confirmed", fx_rate=1, gross_base=0,
                         confirmed_at=moment("04-02"))  # fmt: skip
        item = self.books.item(f"R{number}", "04-03", "05-03", "1000.00")
        Invoice.objects.filter(pk=item.invoice_id).update(order=order)

    def pay(self, number: int) -> None:
        amount = Decimal(self.chance.randint(100, 33333)) / 100
        allocation = self.books.pay(f"R{number}", f"04-{self.chance.randint(10, 28)}", str(amount))
        extra = Decimal(self.chance.randint(0, 5000)) / 100
        if self.chance.random() < 0.2:
            type(allocation).objects.filter(pk=allocation.pk).update(state="reversed", reversed_on=moment("05-05").date())
        Payment.objects.filter(pk=allocation.payment_id).update(amount=amount + extra, amount_base=(amount + extra) * 7)


@pytest.mark.parametrize("seed", range(3))
def test_the_cash_by_origin_always_sums_to_the_cash_collected(inside: Tenant, seed: int) -> None:
    market = Market(seed)
    for number in range(4):
        market.sell(number)
        for _time in range(market.chance.randint(0, 3)):
            market.pay(number)
    caller = caller_of(inside)
    whole = Decimal(ask(caller, "cash.collected")["value"])
    for code in ("attribution.cash", "attribution.cash.campaign", "attribution.cash.source"):
        table = ask(caller, code)["table"]
        for model in ("first", "last", "linear", "position"):
            lines = [Decimal(line[model]) for name, line in table.items() if name != "total"]
            assert sum(lines) == Decimal(table["total"][model]) == whole, (code, model)


def test_cash_goes_to_the_channels_that_touched_the_lead_before_the_deal(inside: Tenant) -> None:
    past, told = Past(), Books()
    lead = past.lead("L", "web", "03-01", converted="03-20")
    for code, day in (("baidu", "03-02"), ("exhibition", "03-05"), ("wechat", "03-09"), ("mail", "04-15")):
        make_row(LeadTouch, lead=lead, channel=past.channel(code), occurred_at=moment(day), dedupe_key=code)
    deal = past.deal("O", "100000.01", "03-20 S1", "04-01 won", lead="L")
    type(deal).objects.filter(pk=deal.pk).update(created_at=moment("03-20"))
    order = make_row(Order, number="A", opportunity=deal, state="confirmed", fx_rate=1, gross_base=0, confirmed_at=moment("04-02"))
    Invoice.objects.filter(pk=told.item("R", "04-03", "05-03", "100000.01", ("04-20", "100000.01")).invoice_id).update(order=order)
    caller = caller_of(inside)
    expected = {
        "baidu": {"first": "100000.01", "last": "0.00", "linear": "33333.34", "position": "40000.01"},
        "exhibition": {"first": "0.00", "last": "0.00", "linear": "33333.34", "position": "20000.00"},
        "wechat": {"first": "0.00", "last": "100000.01", "linear": "33333.33", "position": "40000.00"},
    }
    for code in ("attribution.cash", "attribution.bookings"):
        table = ask(caller, code)["table"]
        assert {name: line for name, line in table.items() if name != "total"} == expected, code
        assert table["total"]["linear"] == "100000.01"


def test_the_return_on_cash_stands_beside_the_return_on_bookings(inside: Tenant) -> None:
    past, told = Past(), Books()
    past.spend("web", "100")
    past.lead("L", "web", "03-01", converted="03-20")
    deal = past.deal("O", "1000", "03-20 S1", "04-01 won", lead="L")
    order = make_row(Order, number="A", opportunity=deal, state="confirmed", fx_rate=1, gross_base=0, confirmed_at=moment("04-02"))
    Invoice.objects.filter(pk=told.item("R", "04-03", "05-03", "1000", ("04-20", "400")).invoice_id).update(order=order)
    caller = caller_of(inside)
    assert ask(caller, "roi.table")["table"]["web"] == {
        "spend": "100.00", "bookings": "1000.00", "cash": "400.00", "roi_bookings": "2.5000", "roi_cash": "0.4000",
    }  # fmt: skip
    assert (ask(caller, "roi.bookings")["value"], ask(caller, "roi.cash")["value"]) == ("2.5000", "0.4000")


def test_a_lead_becomes_cash_when_the_last_item_is_paid(inside: Tenant) -> None:
    past, told = Past(), Books()
    past.lead("L", "web", "04-02", converted="04-08")
    deal = past.deal("O", "1000", "04-08 S1", "05-15 won", lead="L")
    base = {"fx_rate": 1, "gross_base": 1000, "gross": 1000, "net": 1000, "state": "confirmed"}
    order = make_row(Order, number="A", opportunity=deal, confirmed_at=moment("05-16"), **base)
    for ref, amount, paid in (("R1", "600", "06-01"), ("R2", "350", "07-20")):
        Invoice.objects.filter(pk=told.item(ref, "05-20", "06-20", amount, (paid, amount)).invoice_id).update(order=order)
    kept = told.item("R3", "05-20", None, "50", kind="retention", released=False)
    Invoice.objects.filter(pk=kept.invoice_id).update(order=order)
    caller = caller_of(inside)
    july = "from=2026-07-01&to=2026-07-31&as_of=2026-07-31"
    assert ask(caller, "cycle.lead_to_cash", july)["value"] == "109.0000"
    assert ask(caller, "cycle.lead_to_cash.incl_retention", july)["value"] is None
    assert ask(caller, "cycle.lead_to_cash", july.replace("07-31", "07-19"))["value"] is None
