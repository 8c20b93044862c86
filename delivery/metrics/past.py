"""Promises of delivery as they stood at an instant: for when, by whom moved, and what was delivered of them by then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Coalesce

from delivery.models import CommitmentChange, DeliveryCommitment, ShipmentLine
from ltc.analytics.counted import Question
from ltc.analytics.past import CHUNK, Moment, histories

COLUMNS = (
    *("id", "seq", "kind", "qty", "promised_baseline", "promised_current", "state", "completed_on", "order_line__line_no"),
    *("order_line__order", "order_line__order__number", "order_line__order__owner", "order_line__order__team", "origin", "campaign"),
    *("order_line__product__sku", "order_line__order__customer__region", "order_line__order__customer__kind"),
    *("order_line__order__state", "order_line__order__closed_at"),
)
ENDED = ("cancelled", "waived")
COUNTED = "count_delivery"
SENT_BACK = ("in_progress", "planned", "open")
ZERO = Decimal(0)


@dataclass(slots=True)
class Promise:
    """A commitment as it stood: its two dates, and what came of it."""

    id: Any
    seq: int
    type: str
    qty: Decimal
    baseline: date
    current: date
    state: str
    completed_on: date | None
    line_no: int
    order: Any
    number: str
    owner: Any
    team: Any
    channel: str
    campaign: str
    product: str
    region: str
    segment: str
    order_state: str
    order_closed_at: datetime | None
    delivered: list[tuple[date, Decimal]] = field(default_factory=list)
    kind: str = "delivery_commitment"

    @property
    def label(self) -> str:
        return f"{self.number} / {self.line_no}.{self.seq}"

    def dimension(self, by: str) -> str:
        return str(getattr(self, by) or "")

    def quantity_by(self, day: date) -> Decimal:
        """How much had been delivered by the end of a day."""
        return sum((qty for on, qty in self.delivered if on <= day), ZERO)

    @property
    def is_milestone(self) -> bool:
        return self.type == DeliveryCommitment.Kind.MILESTONE


def promised_in(question: Question) -> Q:
    """The commitments of the orders of which anything is, or ever was, promised for a day of the period."""
    days = (question.period.first, question.period.last)
    changed = Q(changes__old_date__range=days) | Q(changes__new_date__range=days)
    dated = DeliveryCommitment.objects.filter(Q(promised_baseline__range=days) | Q(promised_current__range=days) | changed)
    return Q(order_line__order__in=dated.order_by().values("order_line__order"))


def promises_then(question: Question, narrowed: Q | None = None) -> Iterator[Promise]:
    """The commitments of confirmed orders that stood at `as_of`, cancelled and waived ones left out, in four queries."""
    zone, today = question.period.zone, question.today
    rows = DeliveryCommitment.objects.visible_to(question.actor).filter(order_line__order__confirmed_at__lte=question.as_of).order_by()
    if narrowed is not None:
        rows = rows.filter(narrowed)
    chosen: Any = None if narrowed is None else rows.values("pk")
    rows = rows.annotate(
        origin=Coalesce("order_line__order__opportunity__lead__channel__code", "order_line__order__lead__channel__code"),
        campaign=Coalesce("order_line__order__opportunity__lead__campaign__name", "order_line__order__lead__campaign__name"),
    )
    promises = {row[0]: Promise(*row) for row in rows.values_list(*COLUMNS).iterator(chunk_size=CHUNK)}
    if chosen is not None and len(promises) <= CHUNK:
        chosen = list(promises)  # a few ids are quicker named than asked for again: the planner misjudges the nested question
    _changes(promises, question.as_of, chosen)
    _deliveries(promises, zone, today, chosen)
    told = dict(histories(DeliveryCommitment, chosen))
    for promise in promises.values():
        _stand(promise, told.get(promise.id, []), zone, today)
        if promise.state not in ENDED and not _order_is_off(promise, zone, today):
            yield promise


def _changes(promises: dict[Any, Promise], as_of: datetime, chosen: Any) -> None:
    """The dates as they were promised by `as_of`: only the customer and force majeure move the baseline."""
    seen: set[Any] = set()
    changes = CommitmentChange.objects.order_by("commitment", "at", "pk")
    if chosen is not None:
        changes = changes.filter(commitment__in=chosen)
    for pk, old, new, who, at in changes.values_list("commitment", "old_date", "new_date", "requested_by", "at").iterator(chunk_size=CHUNK):
        promise = promises.get(pk)
        if promise is None:
            continue
        if pk not in seen:
            seen.add(pk)
            promise.baseline = promise.current = old
        if at <= as_of:
            promise.current = new
            if who != CommitmentChange.RequestedBy.US:
                promise.baseline = new


def _deliveries(promises: dict[Any, Promise], zone: ZoneInfo, today: date, chosen: Any) -> None:
    lines = ShipmentLine.objects.filter(shipment__pod_at__isnull=False, shipment__state="delivered").order_by("shipment__pod_at")
    if chosen is not None:
        lines = lines.filter(commitment__in=chosen)
    for pk, qty, at in lines.values_list("commitment", "qty", "shipment__pod_at").iterator(chunk_size=CHUNK):
        promise = promises.get(pk)
        if promise is not None and at is not None and (day := at.astimezone(zone).date()) <= today:
            promise.delivered.append((day, qty))


def _stand(promise: Promise, moments: list[Moment], zone: ZoneInfo, today: date) -> None:
    """State and completion of a promise as they were known on the day."""
    seen = [moment for moment in moments if moment.at.astimezone(zone).date() <= today]
    if len(seen) < len(moments):
        promise.state = next((moment.after for moment in reversed(seen) if moment.after), "open")
    if promise.is_milestone:
        promise.completed_on = _submitted(promise, moments, seen, zone, today)
        return
    if any(moment.name == COUNTED for moment in moments):
        promise.delivered = _counted(seen, zone)
    counted, complete = ZERO, None
    for day, qty in promise.delivered:
        counted += qty
        if counted >= promise.qty and complete is None:
            complete = day
    if complete is None and promise.state == "closed_short" and promise.delivered:
        complete = promise.delivered[-1][0]
    promise.completed_on = complete


def _counted(seen: list[Moment], zone: ZoneInfo) -> list[tuple[date, Decimal]]:
    """What was delivered, as the history tells it: what the customer rejected was not."""
    delivered: list[tuple[date, Decimal]] = []
    for moment in seen:
        if moment.name not in (COUNTED, "reject") or not moment.data.get("qty"):
            continue
        qty = Decimal(str(moment.data["qty"]))
        if moment.name == COUNTED:
            told = moment.data.get("on")
            delivered.append((date.fromisoformat(str(told)[:10]) if told else moment.at.astimezone(zone).date(), qty))
            continue
        match = next((place for place in reversed(range(len(delivered))) if delivered[place][1] == qty), None)
        if match is not None:
            del delivered[match]
    return sorted(delivered)


def _submitted(promise: Promise, moments: list[Moment], seen: list[Moment], zone: ZoneInfo, today: date) -> date | None:
    """The day of a milestone's last submission that was not sent back."""
    if not any(moment.after == "submitted" for moment in moments):
        return promise.completed_on if promise.completed_on is not None and promise.completed_on <= today else None
    submitted = None
    for moment in seen:
        if moment.after == "submitted":
            submitted = moment.at.astimezone(zone).date()
        elif moment.after in SENT_BACK:
            submitted = None
    return submitted


def _order_is_off(promise: Promise, zone: ZoneInfo, today: date) -> bool:
    off = promise.order_state == "cancelled"
    return off and (promise.order_closed_at is None or promise.order_closed_at.astimezone(zone).date() <= today)
