from collections.abc import Iterable, Sequence
from typing import Any

from leads.models import Lead
from ltc.customers.ties import ties
from ltc.events.bus import subscribe
from ltc.workflow.engine import carries_out
from opportunities.events import OpportunityWon
from opportunities.models import Opportunity
from orders import seeds
from orders.events import OrderConfirmed, OrderReleased
from orders.models import Order
from orders.services.confirmation import prepare_confirmation
from orders.services.drafts import convert_lead_to_order, draft_from_opportunity, refuse_while_ordered
from orders.services.progress import fire_on_confirmation, follow_up
from orders.services.recurring import plan_periods, stop_periods

__all__ = ["seeds"]

carries_out(Order, "confirm")(prepare_confirmation)
carries_out(Order, "bill_periodically")(plan_periods)
carries_out(Order, "stop_billing")(stop_periods)
carries_out(Lead, "convert_to_order")(convert_lead_to_order)
carries_out(Opportunity, "unwin")(refuse_while_ordered)


@subscribe(OpportunityWon)
def draft_the_order(event: OpportunityWon) -> None:
    draft_from_opportunity(Opportunity.objects.get(pk=event.record), actor=event.actor, at=event.at)


@subscribe(OrderConfirmed)
def trigger_what_is_due_now(event: OrderConfirmed) -> None:
    fire_on_confirmation(Order.objects.get(pk=event.record), actor=event.actor, at=event.at)


@subscribe(OrderReleased)
def catch_up(event: OrderReleased) -> None:
    follow_up(Order.objects.get(pk=event.record), actor=event.actor, at=event.at)


@ties
def with_open_orders(customers: Sequence[Any]) -> Iterable[Any]:
    """The customers whose orders are not done with."""
    done = [Order.State.CLOSED, Order.State.CANCELLED]
    return Order.objects.filter(customer__in=customers).exclude(state__in=done).values_list("customer", flat=True).distinct()
