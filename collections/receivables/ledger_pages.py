"""What the ledger adds to other pages: buttons to credit, refund and earmark, a customer's statement, and work for approvers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.users.roles import Capability
from ltc.web import formats, home
from ltc.web.additions import adds_actions, adds_related
from ltc.web.records import url_for
from receivables.models import CreditNote, Invoice, Payment, Refund, WriteOff
from receivables.services.tax import covered
from receivables.views.adjustments import CREDIT_HUES, REFUND_HUES
from receivables.views.tax import TAX_HUES


def _button(name: str, label: str, icon: str, url: str) -> dict[str, Any]:
    return {"name": name, "label": label, "icon": icon, "url": url, "needs_input": True}


@adds_actions(Invoice)
def credit_it(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if invoice.state in Invoice.POSTED and invoice.kind != Invoice.Kind.PROFORMA and actor.has_perm("receivables.request_credit", invoice):
        yield _button("credit", _("Credit"), "undo-2", f"{reverse('credit-notes:new')}?invoice={invoice.pk}")


@adds_actions(Invoice)
def ask_for_tax_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if invoice.state in Invoice.POSTED and actor.has_perm("receivables.issue", invoice) and covered(invoice) < invoice.gross:
        yield _button("tax_invoice", _("Tax invoice"), "stamp", f"{reverse('tax-invoices:new')}?invoice={invoice.pk}")


@adds_related(Invoice)
def tax_invoices_of_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    found = invoice.tax_invoices.select_related("invoice__order").order_by("created_at", "pk")[:20]
    if rows := [
        {
            "icon": "stamp", "label": str(made), "url": url_for(made), "detail": formats.money(made.gross_total, invoice.currency),
            "tag": {"label": made.get_state_display(), "hue": TAX_HUES[made.state]},
        }
        for made in found
    ]:  # fmt: skip
        yield {"title": _("Tax invoices"), "rows": rows}


@adds_actions(Payment)
def pay_back_or_earmark(payment: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if payment.state != Payment.State.POSTED or not payment.unallocated:
        return
    if actor.has_perm("receivables.allocate", payment):
        yield _button("earmark", _("Earmark"), "pin", reverse("payments:earmark", args=[payment.pk]))
    if actor.has_perm("receivables.refund", payment):
        yield _button("refund", _("Pay back"), "undo", f"{reverse('refunds:new')}?payment={payment.pk}")


@adds_actions(Customer)
def statement(customer: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if actor.has_perm("receivables.view", customer):
        url = reverse("customer_statement", args=[customer.pk])
        yield {"name": "statement", "label": _("Statement of account"), "icon": "file-text", "url": url, "link": True}


@adds_related(Invoice)
def credits_of_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    found = CreditNote.objects.visible_to(actor).filter(invoice=invoice).select_related("invoice__order").order_by("created_at", "pk")
    if rows := [_credit(credit) for credit in found[:20]]:
        yield {"title": _("Credit notes"), "rows": rows}


@adds_related(Payment)
def what_else_was_done(payment: Any, actor: Any) -> Iterator[dict[str, Any]]:
    if refunds := list(payment.refunds.order_by("created_at")[:20]):
        yield {"title": _("Refunds"), "rows": [_refund(refund) for refund in refunds]}
    if bills := list(payment.bills.all()):
        yield {
            "title": _("Bills of exchange"),
            "rows": [
                {"icon": "file-check", "label": bill.number, "detail": formats.day(bill.due_on), "url": url_for(bill)} for bill in bills
            ],
        }
    if kept := list(payment.earmarks.filter(active=True).select_related("plan_line__order")):
        yield {
            "title": _("Earmarks"),
            "rows": [
                {
                    "icon": "pin", "label": f"{each.plan_line.order.number} / {each.plan_line.seq}", "url": url_for(each.plan_line.order),
                    "detail": formats.money(each.amount, payment.currency),
                }
                for each in kept
            ],
        }  # fmt: skip


def _credit(credit: CreditNote) -> dict[str, Any]:
    return {
        "icon": "undo-2", "label": str(credit), "url": url_for(credit), "detail": formats.money(credit.gross, credit.currency),
        "tag": {"label": credit.get_state_display(), "hue": CREDIT_HUES[CreditNote.State(credit.state)]},
    }  # fmt: skip


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "icon": "undo", "label": formats.money(refund.amount, refund.currency), "url": url_for(refund), "detail": formats.day(refund.date),
        "tag": {"label": refund.get_state_display(), "hue": REFUND_HUES[Refund.State(refund.state)]},
    }  # fmt: skip


@home.register
def to_approve(member: Any, now: datetime) -> Iterator[home.Suggestion]:
    """Write-offs, refunds and credit notes that wait for a second person."""
    if Capability.FINANCE_APPROVER not in getattr(member, "capabilities", ()) or not member.has_perm("receivables.approve"):
        return
    waiting: list[Any] = [
        *CreditNote.objects.filter(state=CreditNote.State.IN_APPROVAL).select_related("customer", "invoice__order").order_by("pk")[:3],
        *WriteOff.objects.filter(state=WriteOff.State.REQUESTED)
        .select_related("customer", "item__invoice__order", "payment")
        .order_by("pk")[:3],
        *Refund.objects.filter(state=Refund.State.REQUESTED)
        .select_related("customer", "payment", "credit_note__invoice")
        .order_by("pk")[:3],
    ]
    for record in waiting:
        yield home.Suggestion(
            title=_("Approve %(record)s") % {"record": record},
            reason=f"{record.customer.name} · {formats.money(record.amount, record.currency)}",
            url=url_for(record), icon="check", hue="violet", due=record.created_at, weight=80,
        )  # fmt: skip
