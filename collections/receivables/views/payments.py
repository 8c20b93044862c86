"""The pages of payments, of reminders, and of the way from lead to cash."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from ltc.web import cells, formats
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for, url_of
from ltc.web.workspace import WorkspaceView
from ltc.workflow.engine import perform
from ltc.workflow.models import link_type
from receivables.filters import AllocationFilters, PaymentFilters
from receivables.forms import PaymentForm
from receivables.models import Allocation, Invoice, Payment
from receivables.services.bank import candidates
from receivables.services.receipts import record_payment
from receivables.trace import KINDS, trace
from receivables.views.invoices import customer_cell

State = Payment.State
HUES = {
    State.IMPORTED: "slate", State.IDENTIFIED: "blue", State.POSTED: "green", State.UNIDENTIFIED: "amber", State.REVERSED: "rose",
}  # fmt: skip
ALLOCATION_HUES = {Allocation.State.ACTIVE: "green", Allocation.State.REVERSED: "rose"}

PAYMENTS = RecordPage(
    model=Payment,
    plural="payments",
    icon="wallet",
    label=gettext_lazy("Payment"),
    label_plural=gettext_lazy("Payments"),
    hue="green",
    group="collect",
    order=55,
    go="y",
    search=("number__istartswith", "payer_name__icontains", "bank_ref__istartswith", "customer__name__icontains"),
    joins=("customer",),
    subtitle=lambda payment: payment.customer.name if payment.customer else payment.payer_name,
    tag=lambda payment: {"label": payment.get_state_display(), "hue": HUES[payment.state]},
)
ALLOCATIONS = RecordPage(
    model=Allocation,
    plural="allocations",
    icon="split",
    label=gettext_lazy("Allocation"),
    label_plural=gettext_lazy("Allocations"),
    hue="green",
    search=("payment__number__istartswith", "item__invoice__number__istartswith"),
    joins=("payment", "item__invoice__order"),
    title=lambda allocation: f"{allocation.payment} → {allocation.item.invoice}",
)


def to_post(payments: Any, actor: Any) -> Any:
    return payments.filter(state__in=[State.IMPORTED, State.IDENTIFIED])


def with_rest(payments: Any, actor: Any) -> Any:
    return payments.filter(state=State.POSTED, unallocated__gt=0)


def of_nobody(payments: Any, actor: Any) -> Any:
    return payments.filter(state=State.UNIDENTIFIED)


class PaymentList(RecordListView):
    select = ("customer",)
    filterset_class = PaymentFilters
    filter_names = ("state", "method")
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("amount", gettext_lazy("Amount"), "money", sort="amount"),
        Column("unallocated", gettext_lazy("On account"), "money"),
        Column("received_on", gettext_lazy("Received on"), "date", sort="received_on"),
        Column("method", gettext_lazy("Method"), cell=lambda payment: cells.text(payment.get_method_display()), hide_small=True),
        Column("payer_name", gettext_lazy("Payer"), hide_small=True),
        Column("bank_ref", gettext_lazy("Bank reference"), hide_small=True),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda payments, actor: payments),
        NamedView("to_post", gettext_lazy("To post"), to_post, counted=True),
        NamedView("on_account", gettext_lazy("To allocate"), with_rest, counted=True),
        NamedView("unknown", gettext_lazy("Payer unknown"), of_nobody, counted=True),
    )
    new_label = gettext_lazy("Record payment")
    empty_text = gettext_lazy("Record what came in at the bank.")


class PaymentRecord(RecordView):
    select = ("customer",)
    state_hues = HUES
    path_states = (State.IMPORTED, State.IDENTIFIED, State.POSTED)
    path_lost = (State.REVERSED,)
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("amount", gettext_lazy("Amount"), "money", icon="wallet"),
        Column("unallocated", gettext_lazy("On account"), "money", icon="hand-coins"),
        Column("received_on", gettext_lazy("Received on"), "date", icon="calendar"),
        Column("method", gettext_lazy("Method"), icon="credit-card", cell=lambda payment: cells.text(payment.get_method_display())),
        Column("fx_rate", gettext_lazy("Exchange rate"), "number", icon="arrow-left-right"),
        Column("payer_name", gettext_lazy("Payer"), icon="user-round"),
        Column("remittance_text", gettext_lazy("Remittance text"), icon="message-square"),
        Column("bank_account", gettext_lazy("Our bank account"), icon="landmark"),
        Column("bank_ref", gettext_lazy("Bank reference"), icon="hash"),
        Column("reversed_reason", gettext_lazy("Why reversed"), icon="undo-2"),
    )

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        payer = record.customer.name if record.customer else record.payer_name
        return [
            {"text": payer, "kind": "text", "url": url_for(record.customer) if record.customer else ""},
            {"text": formats.money(record.amount, record.currency), "kind": "money"},
            {"text": formats.day(record.received_on), "kind": "date"},
        ]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """What is allocated wholly is not offered to be allocated."""
        return [button for button in super().actions(record) if button["allowed"] or button["name"] != "allocate"]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        allocations = record.allocations.select_related("item__invoice", "payment").order_by("-created_at")
        found = [{"title": "", "template": "collections/allocations.html", "place": "main", "allocations": list(allocations)}]
        if record.state == State.POSTED and record.unallocated:
            proposal = record.suggestion()
            shares = {share.item: share.amount for share in proposal.shares}
            items = record.customer.receivable_items.filter(pk__in=shares).select_related("invoice").order_by("due_date")
            rows = [{"item": item, "amount": shares[item.pk]} for item in items]
            found.insert(0, {"title": "", "template": "collections/suggestion.html", "place": "main", "rows": rows, "rest": proposal.rest})
        if likely := candidates(record):
            found.insert(0, {"title": "", "template": "collections/candidates.html", "place": "main", "candidates": likely})
        return found

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}


class PaymentCreate(CreateView):
    form_class = PaymentForm
    permission = "receivables.record_payment"
    title = gettext_lazy("Record payment")
    submit_label = gettext_lazy("Record")

    def initial(self, record: Any) -> dict[str, Any]:
        tenant = self.request.tenant  # type: ignore[attr-defined]
        initial = {"received_on": timezone.localdate(), "currency": tenant.base_currency}
        asked = _identifier(self.request.GET.get("invoice", ""))
        invoice = Invoice.objects.visible_to(self.actor).filter(pk=asked).first() if asked else None
        if invoice is not None:
            initial |= {"customer": invoice.customer, "currency": invoice.currency, "amount": invoice.open_amount}
            initial |= {"remittance_text": invoice.number or ""}
        return initial

    def save(self, form: PaymentForm, record: Any) -> Payment:
        values = dict(form.cleaned_data)
        post = values.pop("post")
        payment = record_payment(actor=self.actor, **values)
        if post:
            perform(payment, "post", actor=self.actor)
        return payment


def source_cell(allocation: Any) -> Any:
    return cells.link(allocation.source, url_for(allocation.source))


class AllocationList(RecordListView):
    select = ("payment", "credit_note__invoice", "write_off", "item__invoice__order", "item__invoice__customer")
    filterset_class = AllocationFilters
    filter_names = ("state", "method")
    columns = (
        Column("name", gettext_lazy("Allocation"), sort="id"),
        Column("amount", gettext_lazy("Amount"), "money", currency="item.currency"),
        Column("date", gettext_lazy("Date"), "date", sort="date"),
        Column("state", gettext_lazy("State"), "tag", hues=ALLOCATION_HUES),
        Column("method", gettext_lazy("Found by"), cell=lambda allocation: cells.text(allocation.get_method_display())),
    )


class AllocationRecord(RecordView):
    select = ("payment", "credit_note__invoice", "write_off", "item__invoice__order", "item__invoice__customer")
    state_hues = ALLOCATION_HUES
    props = (
        Column("payment", gettext_lazy("Payment"), icon="wallet", cell=source_cell),
        Column("invoice", gettext_lazy("Invoice"), icon="receipt",
               cell=lambda found: cells.link(found.item.invoice, url_for(found.item.invoice))),
        Column("amount", gettext_lazy("Amount"), "money", currency="item.currency", icon="coins"),
        Column("fx_diff", gettext_lazy("Exchange result"), "number", icon="arrow-left-right"),
        Column("date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("reversed_on", gettext_lazy("Reversed on"), "date", icon="undo-2"),
    )  # fmt: skip


class TraceView(WorkspaceView):
    """The whole way of a record from the first touch to the bank line, for those who see the record."""

    def get(self, request: HttpRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
        model = next((each for each in KINDS if link_type(each) == kind), None)
        record = model.objects.visible_to(self.actor).filter(pk=pk).first() if model else None
        if model is None or record is None or not self.actor.has_perm(f"{model.permission_area}.view"):
            raise Http404
        chain = trace(record, self.actor)
        kinds = {link_type(each): each for each in KINDS}
        nodes = {node["key"]: self._described(node, kinds[node["kind"]]) for node in chain["nodes"]}
        steps = [
            {"label": each._meta.verbose_name, "nodes": [node for node in nodes.values() if node["kind"] == link_type(each)]}
            for each in KINDS
        ]
        cash = [
            {**money, "node": nodes[money["payment"]], "portions": [_shown(part, nodes) for part in money["portions"]]}
            for money in chain["cash"]
        ]
        touches = [{**ends, "node": nodes[ends["lead"]]} for ends in chain["touches"]]
        context = {"record": record, "record_url": url_for(record), "steps": [step for step in steps if step["nodes"]], "cash": cash}
        context["touches"] = touches
        return self.show("collections/trace.html", context)

    def _described(self, node: dict[str, Any], model: Any) -> dict[str, Any]:
        if node["redacted"]:
            return {**node, "url": ""}
        amount = Decimal(node["amount"]) if node["amount"] else None
        on = date.fromisoformat(node["on"]) if node["on"] else None
        return {**node, "url": url_of(model._meta.label_lower, node["id"]), "amount": amount, "on": on}


def _shown(part: dict[str, Any], nodes: dict[str, Any]) -> dict[str, Any]:
    return {**part, "node": nodes.get(part["lead"]), "amount": Decimal(part["amount"]), "amount_base": Decimal(part["amount_base"])}


def _identifier(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
