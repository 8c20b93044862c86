"""What orders add to other pages: the chains of leads and deals, and the home page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leads.models import Lead
from ltc.web import formats, home
from ltc.web.chains import Link, adds_link
from ltc.web.records import url_for
from opportunities.models import Opportunity
from opportunities.pages import link_to as link_to_deal
from opportunities.pages import link_to_lead
from orders.models import Order

SHOWN = {Order.State.CANCELLED: "lost", Order.State.COMPLETED: "done", Order.State.CLOSED: "done"}
PROGRESS = {Order.Progress.NONE: "todo", Order.Progress.PARTIAL: "current", Order.Progress.FULL: "done"}


def link_to(order: Order | None) -> Link:
    if order is None:
        return {"label": _("Order"), "detail": "", "status": "todo", "icon": "package", "url": ""}
    status = SHOWN.get(Order.State(order.state), "current")
    detail = formats.money(order.gross, order.currency)
    return {"label": _("Order"), "detail": detail, "status": status, "icon": "package", "url": url_for(order)}


@adds_link(Lead, place=30)
def order_of_lead(lead: Any, actor: Any) -> Link | None:
    of_lead = Q(lead=lead) | Q(opportunity__lead=lead)
    return link_to(Order.objects.visible_to(actor).filter(of_lead).exclude(state=Order.State.CANCELLED).first())


@adds_link(Opportunity, place=30)
def order_of_opportunity(deal: Any, actor: Any) -> Link | None:
    return link_to(Order.objects.visible_to(actor).filter(opportunity=deal).exclude(state=Order.State.CANCELLED).first())


@adds_link(Order, place=10)
def lead_of_order(order: Any, actor: Any) -> Link | None:
    lead = order.lead or (order.opportunity.lead if order.opportunity else None)
    return link_to_lead(lead) if lead else None


@adds_link(Order, place=20)
def opportunity_of_order(order: Any, actor: Any) -> Link | None:
    return link_to_deal(order.opportunity) if order.opportunity else None


@adds_link(Order, place=30)
def order_itself(order: Any, actor: Any) -> Link | None:
    return {**link_to(order), "url": ""}


@adds_link(Order, place=40)
def delivery_of_order(order: Any, actor: Any) -> Link | None:
    return _progress(_("Delivery"), order.delivery_status, order.get_delivery_status_display(), "truck")


@adds_link(Order, place=50)
def billing_of_order(order: Any, actor: Any) -> Link | None:
    return _progress(_("Invoices"), order.billing_status, order.get_billing_status_display(), "receipt")


@adds_link(Order, place=60)
def cash_of_order(order: Any, actor: Any) -> Link | None:
    return _progress(_("Cash"), order.collection_status, order.get_collection_status_display(), "wallet")


def _progress(label: str, status: str, shown: str, icon: str) -> Link:
    done = PROGRESS[Order.Progress(status)]
    return {"label": label, "detail": shown if done != "todo" else "", "status": done, "icon": icon, "url": ""}


@home.register
def drafts_to_confirm(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """One's own draft orders, the oldest first: each is a promise to a customer that waits."""
    drafts = Order.objects.filter(owner=member.pk, state=Order.State.DRAFT).select_related("customer").order_by("order_date", "id")
    for order in drafts[:5]:
        yield home.Suggestion(
            title=_("Confirm order %(number)s") % {"number": order.number},
            reason=order.customer.name,
            url=url_for(order),
            icon="package",
            hue="blue",
            due=order.order_date,
            weight=75,
        )
