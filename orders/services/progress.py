"""What the stages downstream tell an order: delivered, accepted, invoiced, collected, triggered. The derived statuses follow."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.calendars.selectors import today, work_calendar
from ltc.events.bus import publish
from ltc.events.past import is_past
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from opportunities.pricing import plain
from orders.due_dates import due_date
from orders.events import PlanLineTriggered
from orders.models import CollectionPlanLine, Order, OrderLine, Trigger
from orders.plan import USUAL_LAG

# Shares of a quantity are rounded to six decimals; so much may be missing when all of them are invoiced.
ROUNDING: Final = Decimal("0.0001")
Progress = Order.Progress
# What makes an order billable as a whole, for parts of the price that fall due from the invoice on.
BILLABLE_FROM: Final = {
    Order.BillingPolicy.ON_ORDER: "order",
    Order.BillingPolicy.PERIODIC: "order",
    Order.BillingPolicy.ON_DELIVERY: "delivery",
    Order.BillingPolicy.MILESTONES: "delivery",
    Order.BillingPolicy.ON_ACCEPTANCE: "acceptance",
}


class OverDelivery(Refusal):
    """More would be delivered, accepted or invoiced than was agreed."""

    code = "over_delivery"


@transaction.atomic
def record_delivery(line: OrderLine, *, qty: Decimal, actor: Actor, at: datetime | None = None) -> Order:
    """So much of a line reached the customer (negative: came back). When all lines have, parts due on delivery are triggered.

    Raises OverDelivery.
    """
    return _add(line, "qty_delivered", qty, actor=actor, at=at)


@transaction.atomic
def record_acceptance(line: OrderLine, *, qty: Decimal, actor: Actor, at: datetime | None = None) -> Order:
    """The customer accepted so much of a line. When all is accepted, parts due on acceptance are triggered. Raises OverDelivery."""
    return _add(line, "qty_accepted", qty, actor=actor, at=at)


@transaction.atomic
def record_invoiced(line: OrderLine, *, qty: Decimal, actor: Actor, at: datetime | None = None) -> Order:
    """So much of a line was invoiced (negative: credited). An invoice over a share of the order counts that share of each quantity.

    Raises OverDelivery with the code `over_invoice`.
    """
    return _add(line, "qty_invoiced", qty, actor=actor, at=at)


@transaction.atomic
def close_short(line: OrderLine, *, actor: Actor, at: datetime | None = None) -> Order:
    """The customer agreed that the rest of a line will not be delivered; what came counts as all."""
    at = at or timezone.now()
    order = locked_order(line.order_id)
    OrderLine.objects.filter(pk=line.pk).update(closed_short=True)
    return _follow(order, actor=actor, at=at)


@transaction.atomic
def settle_collection(order: Order, *, collected: Decimal, actor: Actor, at: datetime | None = None) -> Order:
    """So much of an order's total is collected by now, in its currency, written-off amounts included. Closes it if it is done."""
    at, order = at or timezone.now(), locked_order(order.pk)
    order.collection_status = Progress.FULL if collected >= order.gross else Progress.PARTIAL if collected > 0 else Progress.NONE
    order.save(update_fields=["collection_status"])
    return _follow(order, actor=actor, at=at)


@transaction.atomic
def mark_collected(part: CollectionPlanLine, *, on: date | None) -> None:
    """A part of the price is paid in full (None: no longer, its payment was taken back); what waited for it may go on."""
    CollectionPlanLine.objects.filter(pk=part.pk).update(collected_on=on)


@transaction.atomic
def start_if_confirmed(order: Order, *, at: datetime | None = None) -> Order:
    """Work on an order began, by a first shipment or milestone; an order that has started stays as it is."""
    order = locked_order(order.pk)
    if order.state == Order.State.CONFIRMED:
        perform(order, "start", actor=SYSTEM, at=at)
    return order


@transaction.atomic
def fire_trigger(order: Order, trigger: str, *, on: date, actor: Actor, at: datetime | None = None) -> list[CollectionPlanLine]:
    """Something happened that makes parts of the price due: they get their due date, and collections is told. Each fires once.

    `on` is the day from which the terms run. Returns the parts that fired.
    """
    at = at or timezone.now()
    locked_order(order.pk)
    waiting = list(order.plan_lines.select_for_update().filter(trigger=trigger, triggered_at__isnull=True))
    calendar = work_calendar() if waiting else None
    for part in waiting:
        assert calendar is not None
        part.triggered_at, part.triggered_on, part.due_date = at, on, due_date(part, on, calendar)
        part.save(update_fields=["triggered_at", "triggered_on", "due_date"])
        publish(PlanLineTriggered(record=order.pk, plan_line=part.pk, on=on, at=at, actor=actor))
    if trigger == Trigger.FINAL_ACCEPTED:
        start_of_warranty(order, on)
    return waiting


@transaction.atomic
def date_from_invoice(part: CollectionPlanLine, *, invoiced_on: date) -> date:
    """A part that is due from its invoice on was invoiced: the day by which it is owed, kept on the part."""
    part = CollectionPlanLine.objects.select_for_update().get(pk=part.pk)
    if part.trigger == Trigger.INVOICE_ISSUED and part.triggered_at is not None:
        part.due_date = due_date(part, invoiced_on, work_calendar())
        part.save(update_fields=["due_date"])
    return part.due_date or due_date(part, invoiced_on, work_calendar())


def start_of_warranty(order: Order, on: date) -> None:
    """The warranty runs: what is kept back until its end is expected then."""
    order.plan_lines.filter(trigger=Trigger.WARRANTY_END, triggered_at__isnull=True).update(
        expected_date=on + USUAL_LAG[Trigger.WARRANTY_END]
    )


@transaction.atomic
def fire_dated_triggers(*, on: date, at: datetime) -> int:
    """Trigger what was waiting for a day: fixed dates, and the end of warranty of what is completed. How many parts fired."""
    due = (
        CollectionPlanLine.objects.filter(triggered_at__isnull=True, expected_date__lte=on).select_related("order").order_by("order", "seq")
    )
    fixed = due.filter(trigger=Trigger.FIXED_DATE).exclude(order__state__in=[Order.State.DRAFT, Order.State.CANCELLED])
    ended = due.filter(trigger=Trigger.WARRANTY_END, order__state=Order.State.COMPLETED)
    fired = 0
    for part in [*fixed, *ended]:
        part.triggered_at, part.triggered_on = at, part.expected_date
        assert part.triggered_on is not None
        part.due_date = due_date(part, part.triggered_on, work_calendar())
        part.save(update_fields=["triggered_at", "triggered_on", "due_date"])
        publish(PlanLineTriggered(record=part.order_id, plan_line=part.pk, on=part.triggered_on, at=at, actor=SYSTEM))
        fired += 1
    return fired


def fire_on_confirmation(order: Order, *, actor: Actor, at: datetime) -> None:
    """A confirmed order triggers what is due on signing and confirmation, and on the invoice if it is billed at once."""
    on = _day(at)
    for trigger in (Trigger.CONTRACT_SIGNED, Trigger.ORDER_CONFIRMED):
        fire_trigger(order, trigger, on=on, actor=actor, at=at)
    if BILLABLE_FROM[Order.BillingPolicy(order.billing_policy)] == "order":
        fire_trigger(order, Trigger.INVOICE_ISSUED, on=on, actor=actor, at=at)


@transaction.atomic
def follow_up(order: Order, *, actor: Actor, at: datetime) -> Order:
    """Bring an order's derived statuses up to date, and complete or close it if it is done."""
    return _follow(locked_order(order.pk), actor=actor, at=at)


def locked_order(pk: Any) -> Order:
    """An order's row, locked, so that its quantities and statuses change one at a time."""
    return Order.objects.select_for_update(of=("self",)).get(pk=pk)


def _add(line: OrderLine, field: str, qty: Decimal, *, actor: Actor, at: datetime | None) -> Order:
    at = at or timezone.now()
    order = locked_order(line.order_id)
    line = OrderLine.objects.get(pk=line.pk)
    reached = getattr(line, field) + qty
    most = line.qty_delivered if field == "qty_accepted" else line.qty
    if reached > most and reached - most < ROUNDING:
        reached = most
    if not 0 <= reached <= most or (field == "qty_delivered" and reached < line.qty_accepted):
        code = "over_invoice" if field == "qty_invoiced" else "over_delivery"
        sentence = _("Line %(line)s: %(reached)s of %(most)s is not possible. Correct the quantity.")
        raise OverDelivery(sentence % {"line": line.line_no, "reached": plain(reached), "most": plain(most)}, code=code)
    setattr(line, field, reached)
    line.save(update_fields=[field])
    return _follow(order, actor=actor, at=at)


def _follow(order: Order, *, actor: Actor, at: datetime) -> Order:
    before = order.delivery_status, order.acceptance_status
    lines = list(order.lines.all())
    order.delivery_status = _progress(lines, "qty_delivered")
    order.acceptance_status = _progress(lines, "qty_accepted")
    order.billing_status = _progress(lines, "qty_invoiced")
    order.save(update_fields=["delivery_status", "acceptance_status", "billing_status"])
    if before[0] != Progress.FULL == order.delivery_status:
        _fire_all(order, (Trigger.SHIPPED, Trigger.DELIVERED), "delivery", actor=actor, at=at)
    if before[1] != Progress.FULL == order.acceptance_status:
        _fire_all(order, (Trigger.PRELIMINARY_ACCEPTED, Trigger.FINAL_ACCEPTED), "acceptance", actor=actor, at=at)
    if is_past():
        return order  # the file says when an order was completed or closed
    if order.state in (Order.State.CONFIRMED, Order.State.IN_PROGRESS) and order.is_fulfilled():
        perform(order, "complete", actor=SYSTEM, at=at)
    if order.state == Order.State.COMPLETED and order.is_settled():
        perform(order, "close", actor=SYSTEM, at=at)
    return order


def _fire_all(order: Order, triggers: tuple[Trigger, ...], basis: str, *, actor: Actor, at: datetime) -> None:
    """Everything reached the customer, or was accepted: what was due on it, or on the invoice that follows it, falls due."""
    on = _day(at)
    for trigger in triggers:
        fire_trigger(order, trigger, on=on, actor=actor, at=at)
    if BILLABLE_FROM[Order.BillingPolicy(order.billing_policy)] == basis:
        fire_trigger(order, Trigger.INVOICE_ISSUED, on=on, actor=actor, at=at)


def _progress(lines: list[OrderLine], field: str) -> str:
    if lines and all(_is_done(line, field) for line in lines):
        return Progress.FULL
    return Progress.PARTIAL if any(getattr(line, field) for line in lines) else Progress.NONE


def _is_done(line: OrderLine, field: str) -> bool:
    """A line that was closed short is done with what came."""
    whole = line.qty_delivered if line.closed_short else line.qty
    return getattr(line, field) >= whole - ROUNDING


def _day(at: datetime) -> date:
    return today(Tenant.objects.get(pk=current_tenant_id()), at=at)
