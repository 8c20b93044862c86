"""Commands of the delivery stage: promise, plan, count what was signed for, submit for acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Acceptance, CommitmentChange, DeliveryCommitment, Shipment, ShipmentLine
from delivery.selectors import open_quantities
from ltc.calendars.selectors import today
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import TransitionRefused, perform
from orders.models import Order, OrderLine, Trigger
from orders.services.progress import fire_trigger, record_acceptance, record_delivery, start_if_confirmed

ACCEPTANCE_DAYS: Final = 15
ZERO: Final = Decimal(0)


class OverDelivery(Refusal):
    """More would be shipped than was promised (invariant L3)."""

    code = "over_delivery"


@dataclass(frozen=True)
class Packed:
    """So much of a commitment goes into a shipment."""

    commitment: DeliveryCommitment
    qty: Decimal


@transaction.atomic
def commit_order(order: Order, *, at: datetime) -> list[DeliveryCommitment]:
    """Turn the promised dates of a confirmed order's lines into commitments, whose baseline is fixed from now on. Once per line."""
    promised = {line.order_line_id for line in DeliveryCommitment.objects.filter(order_line__order=order)}
    fallback = order.requested_date or _day(at)
    return DeliveryCommitment.objects.bulk_create(
        DeliveryCommitment(
            order_line=line, qty=line.qty, promised_baseline=line.promised_on or fallback, promised_current=line.promised_on or fallback
        )
        for line in order.lines.all()
        if line.pk not in promised
    )


@transaction.atomic
def cancel_commitments(order: Order, *, at: datetime) -> None:
    """The order is off: nothing is promised any more and nothing planned goes."""
    for shipment in Shipment.objects.filter(order=order, state__in=[Shipment.State.PLANNED, Shipment.State.RELEASED]):
        perform(shipment, "cancel", actor=SYSTEM, at=at, reason=_("The order was cancelled."))
    for commitment in DeliveryCommitment.objects.filter(order_line__order=order, state=DeliveryCommitment.State.OPEN):
        perform(commitment, "cancel", actor=SYSTEM, at=at)


@transaction.atomic
def plan_shipment(
    *, order: Order, actor: Actor, planned_on: date, lines: Sequence[Packed] = (), carrier: str = "", note: str = "",
    at: datetime | None = None,
) -> Shipment:  # fmt: skip
    """Plan what goes together on a day. Without `lines` it is all that is not planned yet.

    Raises Forbidden, OverDelivery, Refusal.
    """
    at = at or timezone.now()
    if not actor.has_perm("delivery.add", order):
        raise Forbidden(_("You may not plan shipments. Ask delivery."))
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if order.state not in (Order.State.CONFIRMED, Order.State.IN_PROGRESS):
        raise TransitionRefused(_("Shipments are planned for a confirmed order that is not on hold. Confirm or release it first."))
    packed = list(lines) or [Packed(commitment, qty) for commitment, qty in open_quantities(order).items() if qty > 0]
    _check_quantities(order, packed)
    shipment = Shipment(
        order=order, planned_on=planned_on, carrier=carrier, note=note, number=next_number("shipment", on=_day(at), gap_free=False)
    )
    shipment.full_clean()
    shipment.save()
    ShipmentLine.objects.bulk_create(ShipmentLine(shipment=shipment, commitment=line.commitment, qty=line.qty) for line in packed)
    record(shipment, kind=Entry.Kind.SYSTEM, name="planned", to_state=shipment.state, actor=actor, at=at)
    fire_trigger(order, Trigger.GOODS_READY, on=_day(at), actor=actor, at=at)
    return shipment


def _check_quantities(order: Order, packed: Sequence[Packed]) -> None:
    if not packed:
        raise OverDelivery(_("Everything of this order is planned or delivered already."), code="nothing_to_ship")
    list(DeliveryCommitment.objects.select_for_update().filter(order_line__order=order).order_by("pk"))
    left = open_quantities(order)
    for line in packed:
        if line.commitment not in left:
            raise Refusal(_("This is not promised by the order. Choose one of its commitments."), code="not_of_this_order", field="lines")
        if not 0 < line.qty <= left[line.commitment]:
            sentence = _("%(qty)s of “%(line)s” is not possible: %(left)s is left to plan.")
            told = {"qty": _number(line.qty), "line": line.commitment.order_line.description, "left": _number(left[line.commitment])}
            raise OverDelivery(sentence % told, field="lines")
        left[line.commitment] -= line.qty


@transaction.atomic
def follow_departure(shipment: Shipment, *, actor: Actor, at: datetime) -> None:
    """Goods left: work on the order has begun, and when all of it has left, what is due on shipment falls due."""
    order = start_if_confirmed(shipment.order, at=at)
    left = ShipmentLine.objects.filter(shipment__order=order, shipment__state__in=["shipped", "arrived", "delivered"])
    shipped = left.aggregate(total=Sum("qty"))["total"] or ZERO
    if shipped >= sum((line.qty for line in order.lines.all()), ZERO):
        assert shipment.shipped_at is not None
        fire_trigger(order, Trigger.SHIPPED, on=_day(shipment.shipped_at), actor=actor, at=at)


@transaction.atomic
def count_delivery(shipment: Shipment, *, actor: Actor, at: datetime) -> Acceptance:
    """Goods were signed for: their quantities are delivered from that day, and the customer is asked to accept them."""
    assert shipment.pod_at is not None
    on = _day(shipment.pod_at)
    lines = list(shipment.lines.select_related("commitment__order_line").order_by("commitment"))
    for line in lines:
        perform(line.commitment, "count_delivery", actor=SYSTEM, at=at, qty=line.qty, on=on)
    acceptance = _submit(shipment, kind=_first_kind(shipment.order), submitted_on=on, actor=SYSTEM, at=at)
    for line in lines:
        record_delivery(line.commitment.order_line, qty=line.qty, actor=actor, at=shipment.pod_at)
    return acceptance


@transaction.atomic
def submit_for_acceptance(*, shipment: Shipment, actor: Actor, kind: str = "", at: datetime | None = None) -> Acceptance:
    """Ask the customer (again) to accept what was delivered. Raises Forbidden, Refusal."""
    at = at or timezone.now()
    if not actor.has_perm("delivery.submit", shipment):
        raise Forbidden(_("You may not submit for acceptance. Ask delivery."))
    if shipment.state != Shipment.State.DELIVERED:
        raise TransitionRefused(_("Only what was delivered can be accepted. Confirm the delivery first."))
    kind = kind or _first_kind(shipment.order)
    if Acceptance.objects.filter(shipment=shipment, kind=kind).exclude(state=Acceptance.State.REJECTED).exists():
        raise Refusal(_("This shipment is submitted for acceptance already."), code="duplicate")
    return _submit(shipment, kind=kind, submitted_on=_day(at), actor=actor, at=at)


@transaction.atomic
def count_acceptance(acceptance: Acceptance, *, actor: Actor, at: datetime) -> None:
    """The customer accepted. The final acceptance counts the quantities; a preliminary one asks for the final."""
    shipment, order = acceptance.shipment, acceptance.order
    assert acceptance.accepted_on is not None
    if acceptance.kind == Acceptance.Kind.FINAL:
        for line in shipment.lines.select_related("commitment__order_line").order_by("commitment"):
            record_acceptance(line.commitment.order_line, qty=line.qty, actor=actor, at=at)
        return
    _submit(shipment, kind=Acceptance.Kind.FINAL, submitted_on=acceptance.accepted_on, actor=SYSTEM, at=at)
    order.refresh_from_db()
    waiting = Shipment.objects.filter(order=order, state=Shipment.State.DELIVERED).exclude(
        pk__in=Acceptance.objects.filter(order=order, state__in=Acceptance.COUNTING).values("shipment")
    )
    if order.delivery_status == Order.Progress.FULL and not waiting.exists():
        fire_trigger(order, Trigger.PRELIMINARY_ACCEPTED, on=acceptance.accepted_on, actor=actor, at=at)


def log_new_promise(
    commitment: DeliveryCommitment, *, actor: Actor, at: datetime, promised_on: date, requested_by: str, reason: str
) -> dict[str, Any]:
    """What promising another date does beside the dates: the change goes into the log for ever."""
    if not reason.strip():
        raise Refusal(_("Say why, in a few words."), code="required", field="reason")
    CommitmentChange.objects.create(
        commitment=commitment, old_date=commitment.promised_current, new_date=promised_on, requested_by=requested_by,
        reason=reason, approved_by=actor.label, at=at,
    )  # fmt: skip
    OrderLine.objects.filter(pk=commitment.order_line_id).update(promised_on=promised_on)
    return {"promised_on": promised_on, "requested_by": requested_by, "reason": reason}


def _number(qty: Decimal) -> str:
    return f"{qty.normalize():f}"


def _first_kind(order: Order) -> str:
    """A preliminary acceptance comes first where a part of the price hangs on it."""
    hangs = any(part.trigger == Trigger.PRELIMINARY_ACCEPTED for part in order.plan_lines.all())
    return Acceptance.Kind.PRELIMINARY if hangs else Acceptance.Kind.FINAL


def _submit(shipment: Shipment, *, kind: str, submitted_on: date, actor: Actor, at: datetime) -> Acceptance:
    acceptance = Acceptance.objects.create(
        shipment=shipment, order=shipment.order, kind=kind, submitted_on=submitted_on,
        due_on=submitted_on + timedelta(days=ACCEPTANCE_DAYS), number=next_number("acceptance", on=_day(at), gap_free=False),
    )  # fmt: skip
    record(acceptance, kind=Entry.Kind.SYSTEM, name="submitted", to_state=acceptance.state, actor=actor, at=at)
    return acceptance


def _day(at: datetime) -> date:
    return today(Tenant.objects.get(pk=current_tenant_id()), at=at)
