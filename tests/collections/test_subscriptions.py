"""Orders that are billed period by period: one invoice for each, on time, late, or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from ltc.events.outbox import run_pending
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from orders.models import Order
from orders.periods import shares, span, starts
from orders.services.progress import fire_dated_triggers
from receivables.integrity import assert_ledger_holds
from receivables.models import Invoice
from receivables.services.subscriptions import issue_subscriptions
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.orders import make as orders


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


def subscribed(rep: Any, *, periods: int = 3, first: date = date(2026, 1, 31), price: str = "100.00") -> Order:
    """A confirmed order over ten pieces, billed monthly."""
    order = orders.draft(rep, lines=[orders.line(price, qty="10")])
    perform(order, "bill_periodically", actor=rep, at=at(1, 2), every="month", first=first, periods=periods)
    return perform(order, "confirm", actor=SYSTEM, at=at(1, 2))


def day(month: int, number: int) -> int:
    """The jobs of one day: how many periods have begun, and how many invoices were issued."""
    fire_dated_triggers(on=date(2026, month, number), at=at(month, number))
    return issue_subscriptions(at=at(month, number))


def test_periods_begin_on_the_same_day_of_the_month_and_the_last_takes_the_rest() -> None:
    begins = starts(date(2026, 1, 31), "month", 4)
    assert begins == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert shares(3) == [Decimal("0.333333"), Decimal("0.333333"), Decimal("0.333334")]
    assert span(begins[0], begins[1:], []) == (date(2026, 1, 31), date(2026, 2, 27))
    assert span(date(2026, 10, 1), [], [date(2026, 7, 1)]) == (date(2026, 10, 1), date(2026, 12, 31))
    assert starts(date(2024, 2, 29), "year", 2)[1] == date(2025, 2, 28)


def test_each_period_proposes_one_invoice_and_all_together_are_the_order(inside: Tenant, rep: Any) -> None:
    order = subscribed(rep)
    assert not Invoice.objects.exists()
    for _time in range(2):
        fire_dated_triggers(on=date(2026, 1, 31), at=at(1, 31))
    first = Invoice.objects.get()
    assert (first.kind, first.state, first.gross, first.note) == ("subscription", "draft", Decimal("333.34"), "2026-01-31 – 2026-02-27")
    fire_dated_triggers(on=date(2026, 3, 31), at=at(3, 31))  # February's run did not happen: it is caught up
    invoices = [cash.issued(invoice, at=at(3, 31)) for invoice in Invoice.objects.order_by("plan_line__seq")]
    assert sum(invoice.gross for invoice in invoices) == order.gross
    assert sum(invoice.lines.get().qty for invoice in invoices) == 10
    assert invoices[0].items.get().due_date == date(2026, 3, 2) and invoices[0].items.get().kind == "subscription"
    order.refresh_from_db()
    assert order.billing_status == "full"
    assert_ledger_holds()


def test_a_twelfth_of_twelve_months_is_one_month_at_its_price(inside: Tenant, rep: Any) -> None:
    order = orders.draft(rep, lines=[orders.line("1200.00", qty="12")])
    perform(order, "bill_periodically", actor=rep, at=at(1, 2), every="month", first=date(2026, 1, 2), periods=12)
    perform(order, "confirm", actor=SYSTEM, at=at(1, 2))
    day(3, 2)
    assert [(invoice.gross, invoice.lines.get().qty) for invoice in Invoice.objects.all()] == [(1200, 1)] * 3


def test_they_issue_and_send_themselves_where_that_is_set(inside: Tenant, rep: Any) -> None:
    order = subscribed(rep)
    assert day(1, 31) == 0
    Tenant.objects.filter(pk=inside.pk).update(settings={**inside.settings, "issue_subscriptions": True})
    cash.Contact.objects.create(customer=order.customer, name="Lin", email="lin@example.com", is_billing=True)
    assert [day(1, 31), day(1, 31), day(2, 28)] == [1, 0, 1]
    run_pending()
    assert [letter.to for letter in mail.outbox] == [["lin@example.com"]] * 2
    assert sorted(Invoice.objects.values_list("state", flat=True)) == ["issued", "issued"]


def test_what_needs_an_approval_waits_for_it(inside: Tenant, rep: Any) -> None:
    Tenant.objects.filter(pk=inside.pk).update(settings={**inside.settings, "issue_subscriptions": True, "invoice_approval_from": 100})
    subscribed(rep)
    assert [day(1, 31), day(2, 1)] == [0, 0]
    assert Invoice.objects.get().state == "in_approval"


def test_a_cancelled_order_is_not_billed_and_a_stopped_one_no_further(inside: Tenant, rep: Any) -> None:
    gone, order = subscribed(rep), subscribed(rep)
    perform(gone, "cancel", actor=SYSTEM, at=at(1, 20), reason="Changed their mind")
    day(1, 31)
    assert Invoice.objects.get().order_id == order.pk
    perform(order, "stop_billing", actor=make.member("fin"), at=at(2, 10), last=date(2026, 2, 10), reason="Terminated")
    day(3, 31)
    assert Invoice.objects.count() == 1
    with pytest.raises(Refusal):
        perform(order, "stop_billing", actor=SYSTEM, last=date(2026, 2, 10), reason="Again")


@pytest.mark.parametrize("wrong", [{"every": "week"}, {"periods": 0}, {"periods": 121}, {"days_to_pay": -1}])
def test_a_plan_that_makes_no_sense_is_refused_and_leaves_the_old_one(inside: Tenant, rep: Any, wrong: dict[str, Any]) -> None:
    order = orders.draft(rep, lines=[orders.line("100.00", qty="10")])
    with pytest.raises(Refusal):
        perform(order, "bill_periodically", actor=rep, **{"every": "month", "first": date(2026, 1, 1), "periods": 12, **wrong})
    order.refresh_from_db()
    assert order.billing_policy != "periodic" and not order.plan_lines.exists()


def test_a_subscription_by_rest(tenant: Tenant) -> None:
    with acting_for(tenant):
        order = orders.draft(make.member("rep"), lines=[orders.line("1200.00", qty="1")])
    caller = caller_of(tenant)
    body = {"every": "quarter", "first": "2026-01-01", "periods": 4, "days_to_pay": 10}
    answer = caller.post(f"orders/{order.pk}/actions/bill_periodically/", body, If_Match="*", Idempotency_Key="a")
    assert (answer.status_code, answer.json()["billing_policy"]) == (200, "periodic"), answer.content
    with acting_for(tenant):
        dates = [part.expected_date for part in order.plan_lines.order_by("seq")]
    assert dates == [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]


def test_the_last_period_of_a_month_end_ends_where_the_next_one_would_begin() -> None:
    begins = starts(date(2026, 10, 31), "month", 5)
    assert begins[-1] == date(2027, 2, 28)
    assert span(begins[-1], [], begins[:-1]) == (date(2027, 2, 28), date(2027, 3, 30))
    assert span(begins[0], begins[1:], []) == (date(2026, 10, 31), date(2026, 11, 29))
