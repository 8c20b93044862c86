"""The pages of promises to pay and of disputes."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.web import cells, formats
from ltc.web.additions import adds_actions, adds_related
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.filters import DisputeFilters, PromiseFilters
from receivables.forms import DisputeForm, PromiseForm
from receivables.models import Dispute, Invoice, PromiseToPay, ReceivableItem
from receivables.services.disputes import open_dispute
from receivables.services.promises import make_promise
from receivables.views.invoices import customer_cell

Promise, Argued = PromiseToPay.State, Dispute.State
PROMISE_HUES = {
    Promise.OPEN: "blue", Promise.KEPT: "green", Promise.PARTIALLY_KEPT: "amber", Promise.BROKEN: "rose", Promise.CANCELLED: "slate",
    Promise.SUPERSEDED: "slate",
}  # fmt: skip
DISPUTE_HUES = {
    Argued.OPEN: "amber", Argued.INVESTIGATING: "blue", Argued.WAITING_CUSTOMER: "violet", Argued.RESOLVED_CREDIT: "green",
    Argued.RESOLVED_REJECTED: "rose", Argued.WITHDRAWN: "slate",
}  # fmt: skip
PROMISES = RecordPage(
    model=PromiseToPay,
    plural="promises",
    icon="handshake",
    label=gettext_lazy("Promise to pay"),
    label_plural=gettext_lazy("Promises to pay"),
    hue="violet",
    group="collect",
    order=57,
    search=("customer__name__icontains",),
    joins=("customer",),
    title=lambda promise: promise.customer.name,
    subtitle=lambda promise: formats.money(promise.promised_amount, promise.currency),
    tag=lambda promise: {"label": promise.get_state_display(), "hue": PROMISE_HUES[promise.state]},
)
DISPUTES = RecordPage(
    model=Dispute,
    plural="disputes",
    icon="message-square-warning",
    label=gettext_lazy("Dispute"),
    label_plural=gettext_lazy("Disputes"),
    hue="amber",
    group="collect",
    order=58,
    search=("item__invoice__number__istartswith", "item__customer__name__icontains"),
    joins=("item__invoice__order", "item__customer"),
    title=lambda dispute: dispute.item.customer.name,
    subtitle=lambda dispute: f"{dispute.item.invoice} · {dispute.get_reason_display()}",
    tag=lambda dispute: {"label": dispute.get_state_display(), "hue": DISPUTE_HUES[dispute.state]},
)


def promised_for(promise: Any) -> Cell:
    late = promise.state == Promise.OPEN and promise.promised_on < timezone.localdate()
    return cells.date(promise.promised_on, late=late)


class PromiseList(RecordListView):
    select = ("customer",)
    filterset_class = PromiseFilters
    filter_names = ("state",)
    default_sort = "-promised_on"
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("promised_amount", gettext_lazy("Promised amount"), "money"),
        Column("promised_on", gettext_lazy("Promised for"), cell=promised_for, sort="promised_on"),
        Column("state", gettext_lazy("State"), "tag", hues=PROMISE_HUES),
        Column("received", gettext_lazy("Received"), "money", hide_small=True),
        Column("made_on", gettext_lazy("Made on"), "date", hide_small=True),
        Column("channel", gettext_lazy("Channel"), cell=lambda promise: cells.text(promise.get_channel_display()), hide_small=True),
    )
    views = (
        NamedView("open", gettext_lazy("Open"), lambda promises, actor: promises.filter(state=Promise.OPEN), counted=True),
        NamedView("broken", gettext_lazy("Broken"), lambda promises, actor: promises.filter(state=Promise.BROKEN)),
        NamedView("all", gettext_lazy("All"), lambda promises, actor: promises),
    )
    empty_text = gettext_lazy("A promise is entered on the invoice or the customer that it is about.")


class PromiseRecord(RecordView):
    select = ("customer", "contact")
    state_hues = PROMISE_HUES
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("promised_amount", gettext_lazy("Promised amount"), "money", icon="wallet"),
        Column("promised_on", gettext_lazy("Promised for"), "date", icon="calendar"),
        Column("good_until", gettext_lazy("Good until"), "date", icon="hourglass"),
        Column("received", gettext_lazy("Received"), "money", icon="hand-coins"),
        Column("contact", gettext_lazy("Contact"), icon="user-round"),
        Column("channel", gettext_lazy("Channel"), icon="phone", cell=lambda promise: cells.text(promise.get_channel_display())),
        Column("evidence", gettext_lazy("Evidence"), icon="message-square"),
        Column("made_on", gettext_lazy("Made on"), "date", icon="calendar"),
        Column("closed_on", gettext_lazy("Decided on"), "date", icon="calendar"),
        Column("cancel_reason", gettext_lazy("Why cancelled"), icon="ban"),
    )

    def sections(self, record: Any) -> list[dict[str, Any]]:
        rows = list(record.items.select_related("item__invoice").order_by("item__due_date"))
        return [{"title": "", "template": "collections/promised_items.html", "place": "main", "rows": rows}]

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}


class AboutItems(CreateView):
    """A form about open items: those of an invoice or a customer that the address names."""

    def items(self) -> Any:
        """The open items that may be chosen, as far as the member sees them."""
        found = ReceivableItem.objects.visible_to(self.actor).filter(open_amount__gt=0, released=True)
        asked = {name: identifier(self.request.GET.get(name, "")) for name in ("invoice", "customer", "item")}
        if asked["item"]:
            found = found.filter(pk=asked["item"])
        if asked["invoice"]:
            found = found.filter(invoice=asked["invoice"])
        if asked["customer"]:
            found = found.filter(customer=asked["customer"])
        return found.select_related("invoice__order", "customer").order_by("due_date", "pk")

    def form(self, record: Any = None, data: Any = None) -> Any:
        made = super().form(record, data)
        made.offer(self.items(), ticked=bool(self.request.GET))
        return made

    def next_url(self, record: Any) -> str:
        """The record that was made; from the workbench back to where the clerk was."""
        customer = identifier(self.request.GET.get("customer", ""))
        if customer and self.request.GET.get("from") == "workbench":
            return f"{reverse('workbench')}?customer={customer}"
        return str(super().next_url(record))


class PromiseCreate(AboutItems):
    form_class = PromiseForm
    title = gettext_lazy("Promise to pay")
    submit_label = gettext_lazy("Enter the promise")

    def save(self, form: Any, record: Any) -> PromiseToPay:
        values = dict(form.cleaned_data)
        rows = [{"item": item, "amount": None} for item in values.pop("items")]
        return make_promise(actor=self.actor, items=rows, **values)


class DisputeCreate(AboutItems):
    form_class = DisputeForm
    title = gettext_lazy("Dispute")
    submit_label = gettext_lazy("Enter the dispute")

    def save(self, form: Any, record: Any) -> Dispute:
        return open_dispute(actor=self.actor, **form.cleaned_data)


def identifier(text: str) -> uuid.UUID | None:
    """The id in an address, or None if it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class DisputeList(RecordListView):
    select = ("item__invoice__order", "item__invoice__customer", "item__customer", "owner")
    filterset_class = DisputeFilters
    filter_names = ("state", "reason")
    columns = (
        Column("customer", gettext_lazy("Customer"), path="item.customer.name", sort="id"),
        Column("invoice", gettext_lazy("Invoice"), cell=lambda found: cells.link(found.item.invoice, url_for(found.item.invoice))),
        Column("amount", gettext_lazy("Disputed amount"), "money", currency="item.currency"),
        Column("reason", gettext_lazy("Reason"), cell=lambda found: cells.text(found.get_reason_display())),
        Column("state", gettext_lazy("State"), "tag", hues=DISPUTE_HUES),
        Column("due_on", gettext_lazy("Answer by"), "due", sort="due_on"),
        Column("owner", gettext_lazy("Owner"), "person", hide_small=True),
    )
    views = (
        NamedView("open", gettext_lazy("Open"), lambda found, actor: found.filter(state__in=Dispute.UNSOLVED), counted=True),
        NamedView("mine", gettext_lazy("Mine"), lambda found, actor: found.filter(state__in=Dispute.UNSOLVED, owner=actor.pk)),
        NamedView("all", gettext_lazy("All"), lambda found, actor: found),
    )
    empty_text = gettext_lazy("A dispute is entered on the invoice that it is about.")


class DisputeRecord(RecordView):
    select = ("item__invoice__order", "item__invoice__customer", "item__customer", "owner")
    state_hues = DISPUTE_HUES
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("invoice", gettext_lazy("Invoice"), icon="receipt",
               cell=lambda found: cells.link(found.item.invoice, url_for(found.item.invoice))),
        Column("amount", gettext_lazy("Disputed amount"), "money", currency="item.currency", icon="wallet"),
        Column("reason", gettext_lazy("Reason"), icon="message-square-warning", cell=lambda found: cells.text(found.get_reason_display())),
        Column("description", gettext_lazy("What the customer says"), icon="message-square"),
        Column("owner", gettext_lazy("Owner"), "person", icon="user-round"),
        Column("opened_on", gettext_lazy("Opened on"), "date", icon="calendar"),
        Column("due_on", gettext_lazy("Answer by"), "date", icon="hourglass"),
        Column("resolution", gettext_lazy("Answer"), icon="message-square"),
        Column("resolved_on", gettext_lazy("Resolved on"), "date", icon="calendar"),
    )  # fmt: skip


@adds_actions(Invoice)
def chase(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    """What the customer may answer to an invoice: a promise, or an objection."""
    if invoice.state != Invoice.State.ISSUED:
        return
    kinds = (
        ("promise", _("Promise to pay"), "handshake", "promises:new", PromiseToPay(customer=invoice.customer)),
        ("dispute", _("Dispute"), "message-square-warning", "disputes:new", Dispute(item=ReceivableItem(customer=invoice.customer))),
    )
    for name, label, icon, route, record in kinds:
        if actor.has_perm(f"{record.permission_area}.add", record):
            url = f"{reverse(route)}?invoice={invoice.pk}"
            yield {"name": name, "label": label, "icon": icon, "url": url, "needs_input": True, "link": False, "primary": False}


@adds_related(Invoice)
def answers_to_invoice(invoice: Any, actor: Any) -> Iterator[dict[str, Any]]:
    """Promises and disputes of an invoice."""
    promises = PromiseToPay.objects.visible_to(actor).filter(items__item__invoice=invoice).distinct().order_by("-made_at")[:10]
    if rows := [promise_row(promise) for promise in promises]:
        yield {"title": _("Promises to pay"), "rows": rows}
    disputes = Dispute.objects.visible_to(actor).filter(item__invoice=invoice).select_related("item").order_by("-opened_at")[:10]
    if rows := [dispute_row(dispute) for dispute in disputes]:
        yield {"title": _("Disputes"), "rows": rows}


def promise_row(promise: Any) -> dict[str, Any]:
    """A promise in a list beside a record."""
    return {
        "icon": "handshake",
        "label": formats.money(promise.promised_amount, promise.currency),
        "tag": {"label": promise.get_state_display(), "hue": PROMISE_HUES[Promise(promise.state)]},
        "detail": formats.day(promise.promised_on),
        "url": url_for(promise),
    }


def dispute_row(dispute: Any) -> dict[str, Any]:
    """A dispute in a list beside a record."""
    return {
        "icon": "message-square-warning",
        "label": f"{dispute.get_reason_display()} · {formats.money(dispute.amount, dispute.item.currency)}",
        "tag": {"label": dispute.get_state_display(), "hue": DISPUTE_HUES[Argued(dispute.state)]},
        "detail": formats.day(dispute.opened_on),
        "url": url_for(dispute),
    }
