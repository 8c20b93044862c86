"""What collections adds to other pages: invoices and money of an order and a customer, the chain, and the home page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Shipment
from ltc.customers.models import Customer
from ltc.web import cells, formats, home
from ltc.web.additions import adds_related
from ltc.web.chains import Link, adds_link
from ltc.web.records import traceable, url_for
from opportunities.pages import link_to as link_to_deal
from opportunities.pages import link_to_lead
from orders.models import Order
from orders.pages import link_to as link_to_order
from receivables.models import DunningCase, Invoice, Payment, ReceivableItem
from receivables.trace import KINDS
from receivables.views.invoices import HUES
from receivables.views.payments import HUES as PAYMENT_HUES
from receivables.views.reminders import CASE_HUES

traceable(KINDS)

PROGRESS = {Order.Progress.NONE: "todo", Order.Progress.PARTIAL: "current", Order.Progress.FULL: "done"}


@adds_related(Order)
def invoices_of_order(order: Any, actor: Any) -> Iterator[dict[str, Any]]:
    found = Invoice.objects.visible_to(actor).filter(order=order).select_related("order").order_by("created_at", "pk")[:20]
    if rows := [_invoice(invoice) for invoice in found]:
        yield {"title": _("Invoices"), "rows": rows}


@adds_related(Customer)
def money_of_customer(customer: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if not actor.has_perm("receivables.view"):
        return
    invoices = Invoice.objects.visible_to(actor).filter(customer=customer, state=Invoice.State.ISSUED).select_related("order")
    yield {"title": _("Open invoices"), "rows": [_invoice(invoice) for invoice in invoices.order_by("invoice_date", "pk")[:10]]}
    payments = Payment.objects.visible_to(actor).filter(customer=customer).order_by("-received_on", "-pk")[:5]
    if rows := [_payment(payment) for payment in payments]:
        yield {"title": _("Payments"), "rows": rows}
    cases = DunningCase.objects.visible_to(actor).filter(customer=customer).order_by("currency")
    if rows := [_case(case) for case in cases]:
        yield {"title": _("Reminders"), "rows": rows}


def _case(case: DunningCase) -> dict[str, Any]:
    """What is reminded of in one currency; its page has the reminders, and pauses them."""
    return {
        "icon": "mail-warning",
        "label": case.currency,
        "tag": {"label": case.get_state_display(), "hue": CASE_HUES[DunningCase.State(case.state)]},
        "detail": formats.day(case.last_reminded_on) if case.last_reminded_on else "",
        "url": url_for(case),
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "icon": "receipt",
        "label": str(invoice),
        "tag": {"label": invoice.get_state_display(), "hue": HUES[Invoice.State(invoice.state)]},
        "url": url_for(invoice),
    }


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "icon": "wallet",
        "label": str(payment),
        "tag": {"label": payment.get_state_display(), "hue": PAYMENT_HUES[Payment.State(payment.state)]},
        "url": url_for(payment),
    }


@adds_link(Invoice, place=10)
def lead_of_invoice(invoice: Any, actor: Any) -> Link | None:
    order = invoice.order
    if order is None:
        return None
    lead = order.lead or (order.opportunity.lead if order.opportunity else None)
    return link_to_lead(lead) if lead else None


@adds_link(Invoice, place=20)
def opportunity_of_invoice(invoice: Any, actor: Any) -> Link | None:
    return link_to_deal(invoice.order.opportunity) if invoice.order and invoice.order.opportunity else None


@adds_link(Invoice, place=30)
def order_of_invoice(invoice: Any, actor: Any) -> Link | None:
    return link_to_order(invoice.order) if invoice.order else None


@adds_link(Invoice, place=40)
def delivery_of_invoice(invoice: Any, actor: Any) -> Link | None:
    return _progress(_("Delivery"), invoice.order, "delivery_status", "truck") if invoice.order else None


@adds_link(Invoice, place=50)
def invoice_itself(invoice: Any, actor: Any) -> Link | None:
    status = {"settled": "done", "void": "lost"}.get(invoice.state, "current")
    return {"label": _("Invoice"), "detail": invoice.get_state_display(), "status": status, "icon": "receipt", "url": ""}


@adds_link(Invoice, place=60)
def cash_of_invoice(invoice: Any, actor: Any) -> Link | None:
    left = invoice.open_amount if invoice.state in Invoice.POSTED else invoice.gross
    status = "done" if invoice.state == Invoice.State.SETTLED else "current" if left < invoice.gross else "todo"
    detail = formats.money(invoice.gross - left, invoice.currency) if status != "todo" else ""
    return {"label": _("Cash"), "detail": detail, "status": status, "icon": "wallet", "url": ""}


@adds_link(Shipment, place=50)
def billing_of_shipment(shipment: Any, actor: Any) -> Link | None:
    return _progress(_("Invoices"), shipment.order, "billing_status", "receipt")


@adds_link(Shipment, place=60)
def cash_of_shipment(shipment: Any, actor: Any) -> Link | None:
    return _progress(_("Cash"), shipment.order, "collection_status", "wallet")


def _progress(label: str, order: Any, name: str, icon: str) -> Link:
    status = PROGRESS[Order.Progress(getattr(order, name))]
    detail = str(getattr(order, f"get_{name}_display")()) if status != "todo" else ""
    return {"label": label, "detail": detail, "status": status, "icon": icon, "url": ""}


@home.register
def invoices_to_issue(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """Invoices that wait for finance, the oldest first: nobody pays what was never sent."""
    if not member.has_perm("receivables.issue"):
        return
    waiting = Invoice.objects.filter(state__in=[Invoice.State.DRAFT, Invoice.State.IN_APPROVAL, Invoice.State.APPROVED])
    for invoice in waiting.select_related("customer", "order").order_by("created_at", "id")[:5]:
        yield home.Suggestion(
            title=_("Issue the invoice of %(order)s") % {"order": invoice.order.number if invoice.order else invoice.customer.name},
            reason=f"{invoice.customer.name} · {formats.money(invoice.gross, invoice.currency)}",
            url=url_for(invoice), icon="receipt", hue="amber", due=invoice.created_at, weight=85,
        )  # fmt: skip


@home.register
def payments_to_allocate(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """Money on account that may pay something."""
    if not member.has_perm("receivables.allocate"):
        return
    waiting = Payment.objects.filter(state=Payment.State.POSTED, unallocated__gt=0, customer__receivable_items__open_amount__gt=0)
    for payment in waiting.select_related("customer").distinct().order_by("received_on", "id")[:5]:
        yield home.Suggestion(
            title=_("Allocate %(payment)s") % {"payment": payment}, reason=payment.payer_name, url=url_for(payment),
            icon="split", hue="green", due=payment.received_on, weight=75,
        )  # fmt: skip


@home.register_figures
def overdue(member: Any, now: datetime) -> Iterator[home.Figure]:
    """What is overdue of what the member sees, in base currency."""
    if not member.has_perm("receivables.view"):
        return
    items = ReceivableItem.objects.visible_to(member).filter(open_amount__gt=0, released=True, due_date__lt=timezone.localdate(now))
    total = items.aggregate(total=Sum("open_base"))["total"] or 0
    yield home.Figure(
        label=gettext_lazy("Overdue"),
        cell=cells.money(total, str(member.tenant.base_currency)),
        url=f"{reverse('receivables:list')}?view=overdue",
        hue="rose",
        order=60,
    )
