"""What customers accepted, and when: shipments by their final acceptance, milestones by their history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from delivery.models import Acceptance, DeliveryCommitment, ShipmentLine
from ltc.analytics.past import CHUNK
from ltc.timeline.models import Entry

COMMITMENT = ("order_line__order", "order_line__line_no")


@dataclass(frozen=True, slots=True)
class Accepted:
    """So much of an order's line was accepted on a day."""

    order: Any
    line_no: int
    qty: Decimal
    on: date


def accepted_by(day: date) -> Iterator[Accepted]:
    """Everything that was accepted by the end of a day."""
    final = Acceptance.objects.filter(state__in=Acceptance.COUNTING, kind=Acceptance.Kind.FINAL, accepted_on__lte=day).order_by()
    days: dict[Any, Any] = dict(final.values_list("shipment", "accepted_on"))
    lines = ShipmentLine.objects.filter(shipment__in=final.values("shipment")).order_by()
    columns = ("shipment", "qty", *(f"commitment__{name}" for name in COMMITMENT))
    for shipment, qty, order, line_no in lines.values_list(*columns).iterator(chunk_size=CHUNK):
        yield Accepted(order, line_no, qty, days[shipment])
    milestones = DeliveryCommitment.objects.filter(kind=DeliveryCommitment.Kind.MILESTONE).order_by()
    told = Entry.objects.filter(subject_type=DeliveryCommitment._meta.label_lower, name="accept", subject__in=milestones.values("pk"))
    accepts = {subject: date.fromisoformat(str(on)) for subject, on in told.order_by("at", "pk").values_list("subject", "data__on") if on}
    for pk, order, line_no, qty in milestones.filter(pk__in=told.values("subject")).values_list("pk", *COMMITMENT, "qty"):
        if (on := accepts.get(pk)) is not None and on <= day:
            yield Accepted(order, line_no, qty, on)
