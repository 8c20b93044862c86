from delivery.after_sales import ask_after, new_clock
from delivery.events import AcceptanceAccepted, CaseResolved, ShipmentDelivered, ShipmentShipped
from delivery.models import Acceptance, Case, DeliveryCommitment, Shipment
from delivery.services import (
    cancel_commitments,
    commit_order,
    count_acceptance,
    count_delivery,
    follow_departure,
    log_new_promise,
)
from ltc.events.bus import subscribe
from ltc.workflow.engine import carries_out
from orders.events import OrderCancelled, OrderConfirmed
from orders.models import Order

carries_out(DeliveryCommitment, "re_promise")(log_new_promise)
carries_out(Case, "reopen")(new_clock)


@subscribe(OrderConfirmed)
def promise_what_was_ordered(event: OrderConfirmed) -> None:
    commit_order(Order.objects.get(pk=event.record), at=event.at)


@subscribe(OrderCancelled)
def take_promises_back(event: OrderCancelled) -> None:
    cancel_commitments(Order.objects.get(pk=event.record), at=event.at)


@subscribe(ShipmentShipped)
def tell_order_of_departure(event: ShipmentShipped) -> None:
    follow_departure(Shipment.objects.get(pk=event.record), actor=event.actor, at=event.at)


@subscribe(ShipmentDelivered)
def tell_order_of_delivery(event: ShipmentDelivered) -> None:
    count_delivery(Shipment.objects.get(pk=event.record), actor=event.actor, at=event.at)


@subscribe(AcceptanceAccepted)
def tell_order_of_acceptance(event: AcceptanceAccepted) -> None:
    count_acceptance(Acceptance.objects.get(pk=event.record), actor=event.actor, at=event.at)


@subscribe(CaseResolved)
def ask_how_it_was(event: CaseResolved) -> None:
    ask_after(Case.objects.get(pk=event.record), at=event.at)
