from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ltc.customers.services import update_customer
from ltc.events import bus
from ltc.money.errors import FxRateMissing
from ltc.money.models import ExchangeRate
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, offered, perform
from orders import credit
from orders.credit import Owed
from orders.events import OrderCancelled, OrderClosed, OrderCompleted, OrderConfirmed, PlanLineTriggered
from orders.models import Order, OrderLine
from orders.selectors import credit_position
from orders.services.confirmation import CreditFailed
from orders.services.drafts import update_order
from orders.services.progress import (
    OverDelivery,
    close_short,
    date_from_invoice,
    fire_dated_triggers,
    fire_trigger,
    mark_collected,
    record_acceptance,
    record_delivery,
    record_invoiced,
    settle_collection,
    start_if_confirmed,
)
from tests import make
from tests.opportunities import make as deals
from tests.orders import make as orders

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


@pytest.fixture
def order(rep: Membership) -> Order:
    return orders.draft(rep)


@pytest.fixture
def confirmed(order: Order, rep: Membership) -> Order:
    return perform(order, "confirm", actor=rep, at=NOON)


def refused(order: Order, name: str, *, actor: Any, because: str = ".", error: type[Refusal] = Refusal, **inputs: Any) -> None:
    """The transition is refused for that reason, and nothing has changed."""
    order.refresh_from_db()
    version, entries, plan = order.version, history(order).count(), order.plan_lines.count()
    with pytest.raises(error, match=because):
        perform(order, name, actor=actor, **inputs)
    order.refresh_from_db()
    assert (order.version, history(order).count(), order.plan_lines.count()) == (version, entries, plan)


def told(event: type[bus.Event], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    heard: list[Any] = []
    monkeypatch.setitem(bus._subscribers, event, [*bus._subscribers[event], heard.append])
    return heard


def plan(order: Order) -> list[tuple[Any, ...]]:
    return [(part.trigger, part.amount, part.triggered_on, part.due_date) for part in order.plan_lines.all()]


def test_confirming_fixes_rate_baseline_and_plan_and_triggers_the_advance(
    order: Order, rep: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed, triggered = told(OrderConfirmed, monkeypatch), told(PlanLineTriggered, monkeypatch)
    perform(order, "confirm", actor=rep, at=NOON)
    assert (order.state, order.confirmed_at, order.fx_rate, order.gross_base) == ("confirmed", NOON, 1, Decimal("1130000.00"))
    assert (order.credit_check, order.lines.get().baseline_date) == ("passed", orders.PROMISED)
    assert plan(order) == [
        ("contract_signed", Decimal("339000.00"), date(2026, 6, 5), date(2026, 6, 12)),
        ("delivered", Decimal("678000.00"), None, None),
        ("final_accepted", Decimal("113000.00"), None, None),
    ]
    expected = [part.expected_date for part in order.plan_lines.all()]
    assert expected == [date(2026, 6, 12), date(2026, 10, 30), date(2026, 11, 29)]
    assert [event.record for event in confirmed] == [order.pk]
    assert [(event.record, event.plan_line, event.on) for event in triggered] == [
        (order.pk, order.plan_lines.first().pk, date(2026, 6, 5))  # type: ignore[union-attr]
    ]
    order.customer.refresh_from_db()
    assert (order.customer.state, order.customer.first_order_at) == ("active", NOON)


def test_an_order_without_lines_is_not_confirmed(rep: Membership) -> None:
    refused(orders.draft(rep, lines=[]), "confirm", actor=rep, error=TransitionRefused, because="at least one line")


def test_an_order_is_not_confirmed_before_each_line_has_a_promised_date(rep: Membership) -> None:
    order = orders.draft(rep, lines=[orders.line(), orders.line(promised_on=None)])
    refused(order, "confirm", actor=rep, error=TransitionRefused, because="promised date")


def test_a_plan_that_does_not_sum_to_the_total_is_refused(order: Order, rep: Membership) -> None:
    update_order(order, actor=rep, plan=[{"trigger": "delivered", "amount": Decimal("1129999.99")}])
    refused(order, "confirm", actor=rep, error=TransitionRefused, because="sums to the order's total")
    update_order(order, actor=rep, plan=[{"trigger": "delivered", "amount": Decimal("1130000.00")}])
    perform(order, "confirm", actor=rep, at=NOON)
    assert plan(order) == [("delivered", Decimal("1130000.00"), None, None)]


def test_an_order_needs_a_term_or_a_plan(rep: Membership) -> None:
    order = orders.draft(rep, payment_term=None)
    refused(order, "confirm", actor=rep, error=TransitionRefused, because="Choose a payment term")


def test_confirming_freezes_the_rate_of_the_day(rep: Membership) -> None:
    order = orders.draft(rep, currency="USD", lines=[orders.line("48000.00")])
    refused(order, "confirm", actor=rep, error=FxRateMissing, at=NOON)
    ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=date(2026, 6, 1), rate=Decimal("7.1234"))
    perform(order, "confirm", actor=rep, at=NOON)
    assert (order.fx_rate, order.gross_base) == (Decimal("7.1234"), Decimal("341923.20"))


def test_an_order_beyond_the_limit_waits_for_finance(rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = deals.customer(owner=rep, credit_limit=Decimal(800_000))
    earlier = perform(orders.draft(rep, customer=customer, lines=[orders.line("420000.00")]), "confirm", actor=rep, at=NOON)
    monkeypatch.setattr(credit, "_sources", [lambda customer: Owed(Decimal(500_000), Decimal(100_000))])
    order = orders.draft(rep, customer=customer, lines=[orders.line("1000.00")])
    assert credit_position(order).exposure == 820_000
    refused(order, "confirm", actor=rep, error=CreditFailed, because="820700.00; the limit is 800000")
    refused(order, "override_credit", actor=rep, error=Forbidden, reason="Please")
    finance = make.member("fin")
    refused(order, "override_credit", actor=finance, reason=" ", because="Say why")
    perform(order, "override_credit", actor=finance, reason="Payment announced")
    assert (order.state, order.credit_check, order.credit_note) == ("draft", "overridden", "Payment announced")
    perform(order, "confirm", actor=rep)
    assert (order.state, order.credit_check, earlier.credit_check) == ("confirmed", "overridden", "passed")


def test_an_override_does_not_cover_lines_that_came_later(order: Order, rep: Membership) -> None:
    perform(order, "override_credit", actor=make.member("fin"), reason="Known")
    order = update_order(order, actor=rep, notes="Call first")
    assert order.credit_check == "overridden"
    order = update_order(order, actor=rep, lines=[orders.line("9000000")])
    assert order.credit_check == ""


def test_what_is_paid_before_delivery_needs_no_credit(rep: Membership) -> None:
    customer = deals.customer(owner=rep, credit_limit=Decimal(0))
    order = orders.draft(rep, term="prepaid", customer=customer)
    perform(order, "confirm", actor=rep)
    refused(orders.draft(rep, term="3-6-1", customer=customer), "confirm", actor=rep, error=CreditFailed)


@pytest.mark.parametrize("owed", [Owed(oldest_overdue_days=61), None])
def test_an_old_debt_or_a_hold_stops_the_order(order: Order, rep: Membership, owed: Owed | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if owed is None:
        perform(order.customer, "set_hold", actor=SYSTEM, reason="Bill dishonoured")
    else:
        monkeypatch.setattr(credit, "_sources", [lambda customer: owed])
    refused(order, "confirm", actor=rep, error=CreditFailed, because="on credit hold" if owed is None else "overdue by 61 days")


def test_nothing_is_sold_to_a_blacklisted_customer(order: Order, rep: Membership) -> None:
    perform(order.customer, "blacklist", actor=SYSTEM, reason="Fraud")
    refused(order, "confirm", actor=rep, because="no new business")


def test_an_order_starts_when_what_is_due_before_production_is_collected(rep: Membership) -> None:
    order = orders.draft(rep)
    update_order(order, actor=rep, plan=[{"trigger": "order_confirmed", "amount": order.gross, "gate": "before_production"}])
    perform(order, "confirm", actor=rep)
    manager = make.member("dm")
    refused(order, "start", actor=manager, error=TransitionRefused, because="before production first")
    mark_collected(order.plan_lines.get(), on=date(2026, 6, 10))
    perform(order, "start", actor=manager)
    assert order.state == "in_progress"


def test_a_rep_does_not_start_work(confirmed: Order, rep: Membership) -> None:
    refused(confirmed, "start", actor=rep, error=Forbidden)


@pytest.mark.parametrize("before", ["confirmed", "in_progress"])
def test_a_hold_stops_the_order_and_a_release_brings_it_back(confirmed: Order, before: str) -> None:
    finance = make.member("fin")
    if before == "in_progress":
        start_if_confirmed(confirmed)
    refused(confirmed, "hold", actor=finance, reason="", because="Say why")
    perform(confirmed, "hold", actor=finance, reason="Overdue")
    assert (confirmed.state, confirmed.hold_reason) == ("on_hold", "Overdue")
    refused(confirmed, "start", actor=make.member("dm"), error=TransitionRefused)
    perform(confirmed, "release", actor=finance)
    assert (confirmed.state, confirmed.hold_reason, confirmed.held_from) == (before, "", "")


def test_an_order_is_cancelled_before_anything_is_delivered(manager: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(OrderCancelled, monkeypatch)
    order = perform(orders.draft(manager), "confirm", actor=manager)
    record_invoiced(order.lines.get(), qty=Decimal("0.3"), actor=SYSTEM)
    refused(order, "cancel", actor=manager, reason="Stopped", error=TransitionRefused, because="credit it first")
    record_invoiced(order.lines.get(), qty=Decimal("-0.3"), actor=SYSTEM)
    refused(order, "cancel", actor=manager, reason=" ", because="Say why")
    perform(order, "cancel", actor=manager, reason="Stopped")
    assert (order.state, len(heard)) == ("cancelled", 1)


def test_a_rep_does_not_cancel(order: Order, rep: Membership) -> None:
    refused(order, "cancel", actor=rep, reason="Oops", error=Forbidden)


def test_delivery_acceptance_billing_and_payment_close_the_order(confirmed: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    completed, closed = told(OrderCompleted, monkeypatch), told(OrderClosed, monkeypatch)
    line = confirmed.lines.get()
    order = start_if_confirmed(confirmed)
    order = record_delivery(line, qty=Decimal("0.4"), actor=SYSTEM)
    assert (order.state, order.delivery_status) == ("in_progress", "partial")
    order = record_delivery(line, qty=Decimal("0.6"), actor=SYSTEM, at=NOON + timedelta(days=90))
    assert (order.state, order.delivery_status, order.acceptance_status) == ("in_progress", "full", "none")
    assert plan(order)[1] == ("delivered", Decimal("678000.00"), date(2026, 9, 3), date(2026, 10, 3))
    order = record_acceptance(line, qty=Decimal(1), actor=SYSTEM, at=NOON + timedelta(days=100))
    assert (order.state, order.acceptance_status, len(completed), len(closed)) == ("completed", "full", 1, 0)
    for share in ("0.3", "0.6", "0.1"):
        order = record_invoiced(line, qty=Decimal(share), actor=SYSTEM)
    assert (order.billing_status, order.state) == ("full", "completed")
    order = settle_collection(order, collected=Decimal("1129999.99"), actor=SYSTEM)
    assert (order.collection_status, order.state) == ("partial", "completed")
    order = settle_collection(order, collected=Decimal("1130000.00"), actor=SYSTEM)
    assert (order.collection_status, order.state, len(closed)) == ("full", "closed", 1)


def test_finance_does_not_close_what_is_not_paid(rep: Membership) -> None:
    order = perform(orders.draft(rep, term="prepaid"), "confirm", actor=rep)
    order = record_delivery(order.lines.get(), qty=Decimal(1), actor=SYSTEM)
    assert order.state == "completed"
    refused(order, "close", actor=make.member("fin"), error=TransitionRefused, because="Not everything is billed")


def test_a_held_order_that_was_delivered_completes_on_release(rep: Membership) -> None:
    order = perform(orders.draft(rep, term="prepaid"), "confirm", actor=rep)
    perform(order, "hold", actor=SYSTEM, reason="Check")
    order = record_delivery(order.lines.get(), qty=Decimal(1), actor=SYSTEM)
    assert (order.state, order.delivery_status) == ("on_hold", "full")
    perform(order, "release", actor=SYSTEM)
    order.refresh_from_db()
    assert order.state == "completed"


def test_a_line_closed_short_is_done_with_what_came(rep: Membership) -> None:
    order = perform(orders.draft(rep, term="prepaid", lines=[orders.line("10", qty="10")]), "confirm", actor=rep)
    line = order.lines.get()
    record_delivery(line, qty=Decimal(7), actor=SYSTEM)
    order = close_short(line, actor=SYSTEM)
    assert (order.state, order.delivery_status, order.lines.get().qty_open) == ("completed", "full", 0)


@pytest.mark.parametrize(
    ("service", "qty", "code"),
    [
        (record_delivery, "1.001", "over_delivery"),
        (record_delivery, "-0.1", "over_delivery"),
        (record_acceptance, "0.5", "over_delivery"),
        (record_invoiced, "1.5", "over_invoice"),
    ],
)
def test_more_than_was_agreed_is_refused(confirmed: Order, service: Any, qty: str, code: str) -> None:
    with pytest.raises(OverDelivery) as refusal:
        service(confirmed.lines.get(), qty=Decimal(qty), actor=SYSTEM)
    assert refusal.value.code == code
    line = confirmed.lines.get()
    assert (line.qty_delivered, line.qty_accepted, line.qty_invoiced) == (0, 0, 0)


def test_thirds_of_a_quantity_make_it_whole(confirmed: Order) -> None:
    for _third in range(3):
        order = record_invoiced(confirmed.lines.get(), qty=Decimal("0.333333"), actor=SYSTEM)
    assert order.billing_status == "full"


def test_a_trigger_fires_once(confirmed: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(PlanLineTriggered, monkeypatch)
    assert len(fire_trigger(confirmed, "delivered", on=date(2026, 9, 1), actor=SYSTEM)) == 1
    assert fire_trigger(confirmed, "delivered", on=date(2026, 9, 2), actor=SYSTEM) == []
    assert len(heard) == 1
    assert plan(confirmed)[1][2:] == (date(2026, 9, 1), date(2026, 10, 1))


def test_a_monthly_account_is_billable_on_delivery_and_due_from_its_invoice(rep: Membership) -> None:
    order = perform(orders.draft(rep, term="eom-60"), "confirm", actor=rep, at=NOON)
    assert plan(order)[0][2:] == (None, None)
    record_delivery(order.lines.get(), qty=Decimal(1), actor=SYSTEM, at=NOON)
    assert plan(order)[0][2:] == (date(2026, 6, 5), date(2026, 8, 29))
    part = order.plan_lines.get()
    assert date_from_invoice(part, invoiced_on=date(2026, 7, 2)) == date(2026, 9, 29)
    assert order.plan_lines.get().due_date == date(2026, 9, 29)


def test_what_is_billed_on_order_is_billable_at_once(rep: Membership) -> None:
    order = perform(orders.draft(rep, term="eom-30", billing_policy="on_order"), "confirm", actor=rep, at=NOON)
    assert plan(order)[0][2:] == (date(2026, 6, 5), date(2026, 7, 30))


def test_retention_falls_due_when_the_warranty_ends(rep: Membership) -> None:
    order = perform(orders.draft(rep, term="3-3-3-1"), "confirm", actor=rep, at=NOON)
    line, accepted = order.lines.get(), NOON + timedelta(days=100)
    record_delivery(line, qty=Decimal(1), actor=SYSTEM, at=accepted)
    record_acceptance(line, qty=Decimal(1), actor=SYSTEM, at=accepted)
    ends = date(2027, 9, 13)
    assert order.plan_lines.get(seq=4).expected_date == ends
    assert fire_dated_triggers(on=ends - timedelta(days=1), at=NOON) == 0
    assert fire_dated_triggers(on=ends, at=NOON) == 1
    assert fire_dated_triggers(on=ends, at=NOON) == 0
    assert plan(order)[3] == ("warranty_end", Decimal("113000.00"), ends, ends)


def test_what_is_offered_says_why_not(rep: Membership) -> None:
    order = orders.draft(rep, lines=[])
    offers = {offer.name: offer for offer in offered(order, rep)}
    assert set(offers) == {"bill_periodically", "confirm", "override_credit", "cancel"}
    assert offers["confirm"].reasons[0] == "Add at least one line first."
    assert not offers["cancel"].permitted


@pytest.mark.parametrize(
    ("model", "broken", "rule"),
    [
        (Order, {"state": "confirmed"}, "a_confirmed_order_has_a_frozen_rate"),
        (Order, {"state": "on_hold", "fx_rate": 1, "gross_base": 1, "confirmed_at": NOON}, "a_held_order_has_a_reason"),
        (Order, {"state": "eaten", "fx_rate": 1, "gross_base": 1, "confirmed_at": NOON}, "orders_order_state_is_legal"),
        (Order, {"gross": 5}, "order_gross_is_net_and_tax"),
        (Order, {"billing_status": "over"}, "order_progress_is_legal"),
        (OrderLine, {"qty_accepted": 1}, "accepted_at_most_delivered_at_most_ordered"),
        (OrderLine, {"qty_delivered": 2}, "accepted_at_most_delivered_at_most_ordered"),
        (OrderLine, {"qty_invoiced": 2}, "invoiced_at_most_ordered"),
        (OrderLine, {"qty": 0}, "order_line_has_a_quantity"),
    ],
)
def test_the_database_knows_the_rules(order: Order, model: Any, broken: dict[str, Any], rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        model.objects.update(**broken)


def test_a_credit_limit_counts_what_is_promised_and_not_yet_invoiced_once(rep: Membership) -> None:
    customer = deals.customer(owner=rep)
    earlier = perform(orders.draft(rep, customer=customer, lines=[orders.line("100000")]), "confirm", actor=rep)
    record_invoiced(earlier.lines.get(), qty=Decimal("0.3"), actor=SYSTEM)
    update_customer(customer, actor=SYSTEM, credit_limit=Decimal(1))
    position = credit_position(orders.draft(rep, customer=customer))
    assert (position.not_invoiced, position.unsecured) == (70000, Decimal("791000.00"))
