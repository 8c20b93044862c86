"""Orders to deliver, made the short way."""

from datetime import date, datetime
from typing import Any

from delivery.models import Shipment
from delivery.services import plan_shipment
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from orders.models import Order
from tests.orders import make as orders

PRICE = "10000.00"


def confirmed(owner: Membership, *, qty: str = "10", at: datetime | None = None, **fields: Any) -> Order:
    """A confirmed order over one line."""
    order = orders.draft(owner, **{"lines": [orders.line(PRICE, qty=qty)], **fields})
    return perform(order, "confirm", actor=SYSTEM, at=at)


def planned(order: Order, *, at: datetime | None = None) -> Shipment:
    return plan_shipment(order=order, actor=SYSTEM, planned_on=date(2026, 9, 30), at=at)


def delivered(order: Order, *, at: datetime | None = None) -> Shipment:
    """Everything that is left of the order, shipped and signed for."""
    order.plan_lines.update(collected_on=date(2026, 6, 1))
    shipment = planned(order, at=at)
    perform(shipment, "release", actor=SYSTEM, at=at)
    perform(shipment, "ship", actor=SYSTEM, at=at, carrier="SF Express")
    return perform(shipment, "confirm_pod", actor=SYSTEM, at=at, signed_by="Ms Chen")


def accepted(order: Order, *, at: datetime | None = None) -> Order:
    """Delivered, and every acceptance signed."""
    delivered(order, at=at)
    while (waiting := order.acceptances.filter(state="pending").first()) is not None:
        perform(waiting, "accept", actor=SYSTEM, at=at, signed_by="Mr Wu")
    order.refresh_from_db()
    return order
