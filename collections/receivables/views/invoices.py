"""The pages of invoices and of what is open of them."""

import uuid
from typing import Any

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.web import cells, formats
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.filters import InvoiceFilters, ReceivableItemFilters
from receivables.ledger_forms import FreeInvoiceForm
from receivables.metrics import LABELS
from receivables.models import Allocation, DunningNotice, DunningNoticeItem, Invoice, ReceivableItem
from receivables.selectors import aging
from receivables.services.free_invoices import draft_free_invoice, planned
from receivables.views.documents import other_language

State = Invoice.State
HUES = {
    State.DRAFT: "slate", State.IN_APPROVAL: "amber", State.APPROVED: "blue", State.ISSUED: "violet", State.SETTLED: "green",
    State.VOID: "rose",
}  # fmt: skip
INVOICES = RecordPage(
    model=Invoice,
    plural="invoices",
    icon="receipt",
    label=gettext_lazy("Invoice"),
    label_plural=gettext_lazy("Invoices"),
    hue="amber",
    group="collect",
    order=50,
    go="i",
    search=("number__istartswith", "order__number__istartswith", "customer__name__icontains"),
    joins=("customer", "order"),
    subtitle=lambda invoice: invoice.customer.name,
    tag=lambda invoice: {"label": invoice.get_state_display(), "hue": HUES[invoice.state]},
)
ITEMS = RecordPage(
    model=ReceivableItem,
    plural="receivables",
    icon="hand-coins",
    label=gettext_lazy("Receivable"),
    label_plural=gettext_lazy("Receivables"),
    hue="rose",
    group="collect",
    order=51,
    go="r",
    search=("invoice__number__istartswith", "customer__name__icontains"),
    joins=("invoice__order", "customer"),
    title=lambda item: item.customer.name,
    subtitle=lambda item: item.invoice.number or "",
)


def due_cell(invoice: Any) -> Cell:
    late = invoice.first_due is not None and invoice.first_due < timezone.localdate()
    return cells.date(invoice.first_due, late=late)


def customer_cell(record: Any) -> Cell:
    return cells.link(record.customer, url_for(record.customer)) if record.customer else cells.text("")


def order_cell(record: Any) -> Cell:
    return cells.link(record.order.number, url_for(record.order)) if record.order else cells.text("")


def overdue(invoices: Any, actor: Any) -> Any:
    late = Q(items__open_amount__gt=0, items__released=True, items__due_date__lt=timezone.localdate())
    return invoices.filter(pk__in=Invoice.objects.filter(late).values("pk"))


class InvoiceList(RecordListView):
    select = ("customer", "order")
    filterset_class = InvoiceFilters
    filter_names = ("state", "kind")
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("order", gettext_lazy("Order"), cell=order_cell, hide_small=True),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("gross", gettext_lazy("Total"), "money", sort="gross"),
        Column("left", gettext_lazy("Open"), "money"),
        Column("due", gettext_lazy("Due on"), cell=due_cell),
        Column("invoice_date", gettext_lazy("Invoice date"), "date", sort="invoice_date"),
        Column("sent", gettext_lazy("Sent"), "date", path="sent_at", hide_small=True),
    )
    views = (
        NamedView("open", gettext_lazy("To collect"), lambda invoices, actor: invoices.filter(state=State.ISSUED)),
        NamedView(
            "draft", gettext_lazy("To issue"),
            lambda invoices, actor: invoices.filter(state__in=[State.DRAFT, State.IN_APPROVAL, State.APPROVED]), counted=True,
        ),
        NamedView("overdue", gettext_lazy("Overdue"), overdue, counted=True),
        NamedView("settled", gettext_lazy("Settled"), lambda invoices, actor: invoices.filter(state=State.SETTLED)),
        NamedView("all", gettext_lazy("All"), lambda invoices, actor: invoices),
    )  # fmt: skip
    bulk = ("submit", "approve", "issue")
    new_label = gettext_lazy("Draft an invoice")
    empty_text = gettext_lazy("A part of an order's price becomes a draft invoice when what triggers it has happened.")

    def queryset(self) -> QuerySet[Invoice]:
        """The invoices with what is open of them and since when it is due."""
        still_open = Q(items__open_amount__gt=0)
        return super().queryset().annotate(left=Sum("items__open_amount"), first_due=Min("items__due_date", filter=still_open))


class InvoiceCreate(CreateView):
    """An invoice that no instalment of an order proposes."""

    form_class = FreeInvoiceForm
    title = gettext_lazy("Draft an invoice")
    submit_label = gettext_lazy("Draft")

    def initial(self, record: Any) -> dict[str, Any]:
        return {"currency": self.request.tenant.base_currency}  # type: ignore[attr-defined]

    def save(self, form: Any, record: Any) -> Invoice:
        values = dict(form.cleaned_data)
        line = {name: values.pop(name) for name in ("description", "qty", "unit_price", "tax_code")}
        due = values.pop("due_date")
        invoice = draft_free_invoice(actor=self.actor, lines=[line], **values)
        if due is not None:
            invoice.instalments = planned([{"amount": invoice.gross, "due_date": due}], invoice.gross, invoice.currency)
            invoice.save(update_fields=["instalments"])
        return invoice


class InvoiceRecord(RecordView):
    select = ("customer", "order__opportunity__lead", "order__lead", "plan_line")
    state_hues = HUES
    path_states = (State.DRAFT, State.APPROVED, State.ISSUED, State.SETTLED)
    path_lost = (State.VOID,)
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("order", gettext_lazy("Order"), icon="package", cell=order_cell),
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=lambda invoice: cells.text(invoice.get_kind_display())),
        Column("plan_line", gettext_lazy("Instalment"), icon="split",
               cell=lambda invoice: cells.text(invoice.plan_line.get_trigger_display() if invoice.plan_line else "")),
        Column("invoice_date", gettext_lazy("Invoice date"), "date", icon="calendar"),
        Column("net", gettext_lazy("Net"), "money", icon="coins"),
        Column("tax", gettext_lazy("Tax"), "money", icon="percent"),
        Column("gross", gettext_lazy("Total"), "money", icon="receipt"),
        Column("fx_rate", gettext_lazy("Exchange rate"), "number", icon="arrow-left-right"),
        Column("sent_at", gettext_lazy("Sent"), "moment", icon="mail"),
        Column("sent_to", gettext_lazy("Sent to"), icon="at-sign"),
        Column("po_ref", gettext_lazy("Customer's order number"), icon="hash"),
        Column("note", gettext_lazy("Note"), icon="sticky-note"),
    )  # fmt: skip

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        parts = [
            {"text": record.customer.name, "kind": "text", "url": url_for(record.customer)},
            {"text": formats.money(record.gross, record.currency), "kind": "money"},
        ]
        left = record.open_amount
        if record.state == State.ISSUED:
            parts.append({"text": _("%(amount)s open") % {"amount": formats.money(left, record.currency)}, "kind": "text"})
        if record.is_overdue:
            days = max(item.days_overdue for item in record.items.all())
            parts.append({"text": _("%(days)s days overdue") % {"days": days}, "kind": "late"})
        return parts

    def notices(self, record: Any) -> list[dict[str, Any]]:
        if record.state == State.ISSUED and record.sent_at is None:
            return [{"tone": "warn", "text": _("Not sent yet: no reminder goes out for it.")}]
        return []

    def sections(self, record: Any) -> list[dict[str, Any]]:
        allocations = (
            Allocation.objects.filter(item__invoice=record)
            .select_related("payment", "credit_note", "write_off", "item__invoice")
            .order_by("-created_at")
        )
        reminders = DunningNotice.objects.filter(items__item__invoice=record).distinct().prefetch_related("messages")
        lines = list(record.lines.all())
        return [
            *([{"title": "", "template": "collections/invoice_lines.html", "place": "main", "lines": lines}] if lines else []),
            {
                "title": "",
                "template": "collections/items.html",
                "place": "main",
                "items": list(record.items.all()),
                "may_correct": self.actor.has_perm("receivables.write_off", record),
            },
            {"title": "", "template": "collections/allocations.html", "place": "main", "allocations": list(allocations)},
            {"title": "", "template": "collections/reminders.html", "place": "main", "reminders": list(reminders)},
        ]

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """What was sent is not offered to be sent again, nor to be voided."""
        gone = {"void"} if record.state == State.ISSUED and record.sent_at else set()
        return [
            button
            for button in super().actions(record)
            if (button["allowed"] or button["name"] != "mark_sent") and button["name"] not in gone
        ]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        files = other_language(record)
        if not self.actor.has_perm("receivables.record_payment", record) or record.state != State.ISSUED:
            return files
        url = f"{reverse('payments:new')}?invoice={record.pk}"
        return [{"label": _("Record payment"), "icon": "plus", "url": url, "dialog": True}, *files]


def open_ones(items: Any, actor: Any) -> Any:
    return items.filter(open_amount__gt=0)


def overdue_items(items: Any, actor: Any) -> Any:
    return items.filter(open_amount__gt=0, released=True, due_date__lt=timezone.localdate())


def days_cell(item: Any) -> Cell:
    days = item.days_overdue
    return cells.number(days or None, tone="late" if days > 30 else "")


def level_cell(item: Any) -> Cell:
    if item.reminded is None:
        return cells.text("")
    return cells.tag(_("Level %(level)s") % {"level": item.reminded}, "amber" if item.reminded < 5 else "rose")


class ItemList(RecordListView):
    """What is owed: by age, oldest first."""

    template_name = "collections/receivables.html"
    select = ("customer", "invoice__order", "invoice__customer")
    filterset_class = ReceivableItemFilters
    filter_names = ("age", "kind")
    default_sort = "due_date"
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("invoice", gettext_lazy("Invoice"), cell=lambda item: cells.link(item.invoice, url_for(item.invoice))),
        Column("open", gettext_lazy("Open"), "money", path="open_amount", sort="open_base"),
        Column("amount", gettext_lazy("Amount"), "money", hide_small=True),
        Column("due_date", gettext_lazy("Due on"), "due", sort="due_date"),
        Column("days", gettext_lazy("Days late"), "number", cell=days_cell),
        Column("reminded", gettext_lazy("Reminder"), cell=level_cell),
        Column("kind", gettext_lazy("Kind"), cell=lambda item: cells.text(item.get_kind_display()), hide_small=True),
    )
    views = (
        NamedView("open", gettext_lazy("Open"), open_ones),
        NamedView("overdue", gettext_lazy("Overdue"), overdue_items, counted=True),
        NamedView("paid", gettext_lazy("Paid"), lambda items, actor: items.filter(open_amount=0), sort="-closed_on"),
    )
    empty_title = gettext_lazy("Nothing is owed")
    empty_text = gettext_lazy("An issued invoice is a receivable until it is paid.")

    def queryset(self) -> QuerySet[ReceivableItem]:
        """The items with the highest reminder that went out for them; looked up for the rows that are shown only."""
        sent = DunningNoticeItem.objects.filter(item=OuterRef("pk"), state=DunningNoticeItem.State.SENT).order_by("-level")
        return super().queryset().annotate(reminded=Subquery(sent.values("level")[:1]))

    def row(self, record: Any) -> dict[str, Any]:
        return {**super().row(record), "url": url_for(record.invoice)}

    def extra_actions(self) -> list[dict[str, Any]]:
        if not self.actor.has_perm("receivables.record_payment"):
            return []
        return [{"label": _("Record payment"), "icon": "plus", "url": reverse("payments:new")}]

    def more_context(self) -> dict[str, Any]:
        found = aging(self.actor, timezone.localdate())
        asked = self.request.GET.get("age", "")
        buckets = [
            {
                "label": LABELS[age],
                "value": amount,
                "url": f"{self.page.url('list')}?age={age.value}",
                "current": asked == age.value,
            }
            for age, amount in found.buckets.items()
        ]
        currency = self.request.tenant.base_currency  # type: ignore[attr-defined]
        return {"aging_buckets": buckets, "outstanding": found.total, "overdue": found.overdue, "currency": currency}


class ItemRecord(RecordView):
    """A receivable is shown on its invoice."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        item = self.page.visible_to(self.actor).select_related("invoice").filter(pk=pk).first()
        if item is None:
            raise Http404
        return HttpResponseRedirect(url_for(item.invoice))
