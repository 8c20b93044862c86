"""What delivery adds to other pages: the order's promises and shipments, the button that plans one, the chain, and the home page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Acceptance, DeliveryCommitment, Shipment
from delivery.selectors import open_quantities
from delivery.views import COMMITMENT_HUES, HUES
from ltc.web import formats, home
from ltc.web.additions import adds_actions, adds_related
from ltc.web.chains import Link, adds_link
from ltc.web.records import url_for
from opportunities.pages import link_to as link_to_deal
from opportunities.pages import link_to_lead
from orders.models import Order
from orders.pages import link_to as link_to_order


@adds_related(Order)
def promises_and_shipments(order: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if not actor.has_perm("delivery.view"):
        return
    promises = DeliveryCommitment.objects.visible_to(actor).filter(order_line__order=order).select_related("order_line")
    if rows := [_promise(promise) for promise in promises[:20]]:
        yield {"title": _("Delivery promises"), "rows": rows}
    shipments = Shipment.objects.visible_to(actor).filter(order=order).order_by("planned_on", "pk")
    if order.is_standing:
        yield {"title": _("Shipments"), "rows": [_shipment(shipment) for shipment in shipments[:20]]}


def _promise(promise: DeliveryCommitment) -> dict[str, Any]:
    return {
        "icon": "calendar-check",
        "label": promise.order_line.description,
        "tag": {"label": promise.get_state_display(), "hue": COMMITMENT_HUES[DeliveryCommitment.State(promise.state)]},
        "detail": formats.day(promise.promised_current),
        "url": url_for(promise),
    }


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "icon": "truck",
        "label": shipment.number,
        "tag": {"label": shipment.get_state_display(), "hue": HUES[Shipment.State(shipment.state)]},
        "url": url_for(shipment),
    }


@adds_actions(Order)
def plan_a_shipment(order: Any, actor: Any) -> Iterator[dict[str, Any]]:
    under_way = order.state in (Order.State.CONFIRMED, Order.State.IN_PROGRESS)
    if under_way and actor.has_perm("delivery.add", order) and any(open_quantities(order).values()):
        yield {
            "name": "plan_shipment",
            "label": _("Plan a shipment"),
            "icon": "truck",
            "url": reverse("shipments:plan", args=[order.pk]),
            "needs_input": True,
        }


@adds_link(Shipment, place=10)
def lead_of_shipment(shipment: Any, actor: Any) -> Link | None:
    order = shipment.order
    lead = order.lead or (order.opportunity.lead if order.opportunity else None)
    return link_to_lead(lead) if lead else None


@adds_link(Shipment, place=20)
def opportunity_of_shipment(shipment: Any, actor: Any) -> Link | None:
    return link_to_deal(shipment.order.opportunity) if shipment.order.opportunity else None


@adds_link(Shipment, place=30)
def order_of_shipment(shipment: Any, actor: Any) -> Link | None:
    return link_to_order(shipment.order)


@adds_link(Shipment, place=40)
def shipment_itself(shipment: Any, actor: Any) -> Link | None:
    status = {"delivered": "done", "cancelled": "lost", "returned": "lost"}.get(shipment.state, "current")
    return {"label": _("Delivery"), "detail": shipment.get_state_display(), "status": status, "icon": "truck", "url": ""}


@home.register
def shipments_of_today(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """Shipments whose day has come and that have not left, for those who can release or ship them."""
    if not member.has_perm("delivery.ship"):
        return
    waiting = Shipment.objects.filter(state__in=[Shipment.State.PLANNED, Shipment.State.RELEASED], planned_on__lte=timezone.localdate(now))
    for shipment in waiting.select_related("order__customer").order_by("planned_on", "id")[:5]:
        yield home.Suggestion(
            title=_("Ship %(number)s") % {"number": shipment.number}, reason=shipment.order.customer.name, url=url_for(shipment),
            icon="truck", hue="teal", due=shipment.planned_on, weight=80,
        )  # fmt: skip


@home.register
def acceptances_due(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """Acceptances that the customer owes us, for those who follow them up."""
    if not member.has_perm("delivery.accept"):
        return
    waiting = Acceptance.objects.filter(state=Acceptance.State.PENDING, due_on__lte=timezone.localdate(now))
    for acceptance in waiting.select_related("order__customer").order_by("due_on", "id")[:5]:
        yield home.Suggestion(
            title=_("Get %(number)s signed") % {"number": acceptance.number}, reason=acceptance.order.customer.name,
            url=url_for(acceptance), icon="badge-check", hue="green", due=acceptance.due_on, weight=70,
        )  # fmt: skip
