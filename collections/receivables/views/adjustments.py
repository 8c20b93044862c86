"""The pages of credit notes, write-offs, refunds and bills of exchange."""

import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from ltc.web import cells, formats
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.ledger_filters import BillFilters, CreditNoteFilters, RefundFilters, WriteOffFilters
from receivables.ledger_forms import CreditNoteForm, RefundForm, WriteOffForm
from receivables.models import Bill, CreditNote, Invoice, Payment, ReceivableItem, Refund, WriteOff
from receivables.services.credits import draft_credit_note
from receivables.services.differences import write_off
from receivables.services.refunds import request_refund
from receivables.views.documents import other_language
from receivables.views.invoices import customer_cell

Credit = CreditNote.State
CREDIT_HUES = {
    Credit.DRAFT: "slate", Credit.IN_APPROVAL: "amber", Credit.APPROVED: "blue", Credit.AWAITING_RED: "amber", Credit.ISSUED: "violet",
    Credit.APPLIED: "green", Credit.CANCELLED: "rose",
}  # fmt: skip
WRITE_OFF_HUES = {
    WriteOff.State.REQUESTED: "amber", WriteOff.State.POSTED: "green", WriteOff.State.REJECTED: "slate", WriteOff.State.REVERSED: "rose",
}  # fmt: skip
REFUND_HUES = {
    Refund.State.REQUESTED: "amber", Refund.State.POSTED: "green", Refund.State.REJECTED: "slate", Refund.State.RETURNED: "rose",
}  # fmt: skip
BILL_HUES = {
    Bill.State.RECEIVED: "amber", Bill.State.ENDORSED: "blue", Bill.State.DISCOUNTED: "blue", Bill.State.HONOURED: "green",
    Bill.State.DISHONOURED: "rose",
}  # fmt: skip

CREDITS = RecordPage(
    model=CreditNote,
    plural="credit-notes",
    icon="undo-2",
    label=gettext_lazy("Credit note"),
    label_plural=gettext_lazy("Credit notes"),
    hue="violet",
    group="collect",
    order=56,
    search=("number__istartswith", "invoice__number__istartswith", "customer__name__icontains"),
    joins=("customer", "invoice__order"),
    subtitle=lambda credit: credit.customer.name,
    tag=lambda credit: {"label": credit.get_state_display(), "hue": CREDIT_HUES[credit.state]},
)
WRITE_OFFS = RecordPage(
    model=WriteOff,
    plural="write-offs",
    icon="circle-slash",
    label=gettext_lazy("Write-off"),
    label_plural=gettext_lazy("Write-offs"),
    hue="rose",
    group="collect",
    order=57,
    search=("customer__name__icontains", "item__invoice__number__istartswith"),
    joins=("customer", "item__invoice__order", "payment"),
    subtitle=lambda asked: asked.customer.name,
    tag=lambda asked: {"label": asked.get_state_display(), "hue": WRITE_OFF_HUES[asked.state]},
)
REFUNDS = RecordPage(
    model=Refund,
    plural="refunds",
    icon="undo",
    label=gettext_lazy("Refund"),
    label_plural=gettext_lazy("Refunds"),
    hue="amber",
    group="collect",
    order=58,
    search=("customer__name__icontains", "payment__number__istartswith"),
    joins=("customer", "payment", "credit_note__invoice"),
    subtitle=lambda refund: refund.customer.name,
    tag=lambda refund: {"label": refund.get_state_display(), "hue": REFUND_HUES[refund.state]},
)
BILLS = RecordPage(
    model=Bill,
    plural="bills",
    icon="file-check",
    label=gettext_lazy("Bill of exchange"),
    label_plural=gettext_lazy("Bills of exchange"),
    hue="blue",
    search=("number__istartswith", "drawer__icontains"),
    joins=("payment__customer",),
    subtitle=lambda bill: bill.payment.customer.name if bill.payment.customer else bill.payment.payer_name,
    tag=lambda bill: {"label": bill.get_state_display(), "hue": BILL_HUES[bill.state]},
)


def found(model: Any, text: str, actor: Any) -> Any:
    """The record that an address names, if the actor sees it."""
    try:
        key = uuid.UUID(text)
    except ValueError:
        return None
    return model.objects.visible_to(actor).filter(pk=key).first()


def linked(name: str) -> Any:
    """A cell that links to what the record says by that name."""

    def cell(record: Any) -> Cell:
        other = getattr(record, name)
        return cells.link(other, url_for(other)) if other is not None else cells.text("")

    return cell


def item_cell(asked: Any) -> Cell:
    subject = asked.item.invoice if asked.item_id else asked.payment
    return cells.link(subject, url_for(subject))


def to_approve(records: Any, actor: Any) -> Any:
    return records.filter(state="requested")


CUSTOMER = Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell)


class CreditNoteList(RecordListView):
    select = ("customer", "invoice__order", "invoice__customer")
    filterset_class = CreditNoteFilters
    filter_names = ("state", "reason")
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("state", gettext_lazy("State"), "tag", hues=CREDIT_HUES),
        Column("invoice", gettext_lazy("Invoice"), cell=linked("invoice")),
        Column("gross", gettext_lazy("Total"), "money"),
        Column("unallocated", gettext_lazy("On account"), "money"),
        Column("credit_date", gettext_lazy("Date"), "date", sort="credit_date"),
        Column("reason", gettext_lazy("Reason"), cell=lambda credit: cells.text(credit.get_reason_display()), hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda credits, actor: credits),
        NamedView("draft", gettext_lazy("To issue"), lambda credits, actor: credits.filter(state__in=CreditNote.OPEN), counted=True),
        NamedView("on_account", gettext_lazy("To allocate"), lambda credits, actor: credits.filter(unallocated__gt=0), counted=True),
    )
    empty_text = gettext_lazy("Open an issued invoice to credit a part of it.")


class CreditNoteRecord(RecordView):
    select = ("customer", "invoice__order", "invoice__customer")
    state_hues = CREDIT_HUES
    path_states = (Credit.DRAFT, Credit.IN_APPROVAL, Credit.APPROVED, Credit.ISSUED, Credit.APPLIED)
    path_lost = (Credit.CANCELLED,)
    props = (
        CUSTOMER,
        Column("invoice", gettext_lazy("Invoice"), icon="receipt", cell=linked("invoice")),
        Column("net", gettext_lazy("Net"), "money", icon="coins"),
        Column("tax", gettext_lazy("Tax"), "money", icon="percent"),
        Column("gross", gettext_lazy("Total"), "money", icon="wallet"),
        Column("unallocated", gettext_lazy("On account"), "money", icon="hand-coins"),
        Column("credit_date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("reason", gettext_lazy("Reason"), icon="message-square", cell=lambda credit: cells.text(credit.get_reason_display())),
        Column("note", gettext_lazy("Note"), icon="message-square"),
    )

    def sections(self, record: Any) -> list[dict[str, Any]]:
        allocations = record.allocations.select_related("item__invoice__order", "credit_note__invoice").order_by("-created_at")
        lines = list(record.lines.select_related("invoice_line"))
        shown = [{"title": "", "template": "collections/credit_lines.html", "place": "main", "lines": lines}] if lines else []
        return [*shown, {"title": "", "template": "collections/allocations.html", "place": "main", "allocations": list(allocations)}]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        return other_language(record)

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}


class CreditNoteCreate(CreateView):
    form_class = CreditNoteForm
    permission = "receivables.request_credit"
    title = gettext_lazy("Credit a part of an invoice")
    submit_label = gettext_lazy("Draft")

    def initial(self, record: Any) -> dict[str, Any]:
        invoice = found(Invoice, self.request.GET.get("invoice", ""), self.actor)
        return {"invoice": invoice, "amount": invoice.open_amount or invoice.gross} if invoice else {}

    def save(self, form: Any, record: Any) -> CreditNote:
        return draft_credit_note(actor=self.actor, **form.cleaned_data)


class WriteOffList(RecordListView):
    select = ("customer", "item__invoice__order", "item__invoice__customer", "payment")
    filterset_class = WriteOffFilters
    filter_names = ("state", "kind")
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("document", gettext_lazy("Document"), cell=item_cell),
        Column("state", gettext_lazy("State"), "tag", hues=WRITE_OFF_HUES),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("kind", gettext_lazy("Kind"), cell=lambda asked: cells.text(asked.get_kind_display())),
        Column("date", gettext_lazy("Date"), "date"),
        Column("reason", gettext_lazy("Reason"), hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda records, actor: records),
        NamedView("approve", gettext_lazy("To approve"), to_approve, counted=True),
    )


class WriteOffRecord(RecordView):
    select = ("customer", "item__invoice__order", "item__invoice__customer", "payment")
    state_hues = WRITE_OFF_HUES
    props = (
        CUSTOMER,
        Column("document", gettext_lazy("Document"), icon="receipt", cell=item_cell),
        Column("amount", gettext_lazy("Amount"), "money", icon="coins"),
        Column("kind", gettext_lazy("Kind"), icon="tag", cell=lambda asked: cells.text(asked.get_kind_display())),
        Column("date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("reason", gettext_lazy("Reason"), icon="message-square"),
        Column("reversed_on", gettext_lazy("Reversed on"), "date", icon="undo-2"),
    )


class WriteOffCreate(CreateView):
    form_class = WriteOffForm
    permission = "receivables.write_off"
    title = gettext_lazy("Write off")
    submit_label = gettext_lazy("Ask for it")

    def initial(self, record: Any) -> dict[str, Any]:
        item = found(ReceivableItem, self.request.GET.get("item", ""), self.actor)
        return {"item": item, "amount": item.open_amount if item else None, "date": timezone.localdate()}

    def save(self, form: Any, record: Any) -> WriteOff:
        return write_off(actor=self.actor, **form.cleaned_data)


class RefundList(RecordListView):
    select = ("customer", "payment", "credit_note__invoice")
    filterset_class = RefundFilters
    filter_names = ("state",)
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("source", gettext_lazy("From"), cell=linked("source")),
        Column("state", gettext_lazy("State"), "tag", hues=REFUND_HUES),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("date", gettext_lazy("Date"), "date"),
        Column("reason", gettext_lazy("Reason"), hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda records, actor: records),
        NamedView("approve", gettext_lazy("To approve"), to_approve, counted=True),
    )


class RefundRecord(RecordView):
    select = ("customer", "payment", "credit_note__invoice")
    state_hues = REFUND_HUES
    props = (
        CUSTOMER,
        Column("source", gettext_lazy("From"), icon="wallet", cell=linked("source")),
        Column("amount", gettext_lazy("Amount"), "money", icon="coins"),
        Column("date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("reason", gettext_lazy("Reason"), icon="message-square"),
        Column("reversed_on", gettext_lazy("Returned on"), "date", icon="undo-2"),
    )


class RefundCreate(CreateView):
    form_class = RefundForm
    permission = "receivables.refund"
    title = gettext_lazy("Pay back")
    submit_label = gettext_lazy("Ask for it")

    def initial(self, record: Any) -> dict[str, Any]:
        payment = found(Payment, self.request.GET.get("payment", ""), self.actor)
        return {"payment": payment, "amount": payment.unallocated if payment else None, "date": timezone.localdate()}

    def save(self, form: Any, record: Any) -> Refund:
        return request_refund(actor=self.actor, **form.cleaned_data)


class BillList(RecordListView):
    select = ("payment__customer",)
    filterset_class = BillFilters
    filter_names = ("state",)
    default_sort = "due_on"
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("state", gettext_lazy("State"), "tag", hues=BILL_HUES),
        Column("amount", gettext_lazy("Amount"), cell=lambda bill: cells.money(bill.payment.amount, bill.payment.currency)),
        Column("due_on", gettext_lazy("Due on"), "date", sort="due_on"),
        Column("payment", gettext_lazy("Payment"), cell=linked("payment")),
        Column("acceptor", gettext_lazy("Acceptor"), hide_small=True),
    )
    empty_text = gettext_lazy("A payment by bill of exchange is recorded with the number of its bill.")


class BillRecord(RecordView):
    select = ("payment__customer",)
    state_hues = BILL_HUES
    props = (
        Column("payment", gettext_lazy("Payment"), icon="wallet", cell=linked("payment")),
        Column("due_on", gettext_lazy("Due on"), "date", icon="calendar"),
        Column("drawer", gettext_lazy("Drawer"), icon="user-round"),
        Column("acceptor", gettext_lazy("Acceptor"), icon="landmark"),
        Column("endorsed_to", gettext_lazy("Endorsed to"), icon="arrow-right"),
        Column("settled_on", gettext_lazy("Settled on"), "date", icon="calendar"),
    )

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        return [{"text": formats.money(record.payment.amount, record.payment.currency), "kind": "money"}]
