"""The pages of orders."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.customers.models import Customer
from ltc.customers.pages import source_columns
from ltc.refusals import Refusal
from ltc.web import cells, formats
from ltc.web.answers import refresh
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.inputs import form_for
from ltc.web.lists import NamedView, RecordListView, mine
from ltc.web.records import RecordPage, url_for
from ltc.web.workspace import RecordWorkspaceView
from opportunities.forms import entered_lines
from orders.filters import OrderFilters
from orders.forms import LINES, NewOrderForm, OrderForm
from orders.models import Order
from orders.selectors import credit_position
from orders.services.confirmation import plan_of_term
from orders.services.drafts import create_order, update_order

State, Progress = Order.State, Order.Progress
HUES = {
    State.DRAFT: "slate", State.CONFIRMED: "blue", State.IN_PROGRESS: "violet", State.ON_HOLD: "amber", State.COMPLETED: "teal",
    State.CLOSED: "green", State.CANCELLED: "rose",
}  # fmt: skip
PROGRESS_HUES = {Progress.NONE: "slate", Progress.PARTIAL: "amber", Progress.FULL: "green"}

ORDERS = RecordPage(
    model=Order,
    plural="orders",
    icon="package",
    label=gettext_lazy("Order"),
    label_plural=gettext_lazy("Orders"),
    hue="blue",
    group="fulfil",
    order=30,
    go="o",
    search=("number__istartswith", "customer_po_no__istartswith", "customer__name__icontains"),
    joins=("customer",),
    subtitle=lambda order: order.customer.name,
    tag=lambda order: {"label": order.get_state_display(), "hue": HUES[order.state]},
)


def under_way(orders: Any, actor: Any) -> Any:
    return orders.exclude(state__in=[State.CLOSED, State.CANCELLED])


def customer_cell(order: Any) -> Cell:
    return cells.link(order.customer, url_for(order.customer))


def opportunity_cell(order: Any) -> Cell:
    return cells.link(order.opportunity, url_for(order.opportunity)) if order.opportunity else cells.text("")


def billing_cell(order: Any) -> Cell:
    return cells.text(order.get_billing_policy_display())


class OrderList(RecordListView):
    select = ("customer", "owner")
    filterset_class = OrderFilters
    filter_names = ("state", "owner", "delivery_status", "billing_status", "collection_status")
    default_sort = "-order_date"
    columns = (
        Column("number", gettext_lazy("Document number"), sort="id"),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("gross", gettext_lazy("Total"), "money", sort="gross_base"),
        Column("delivery_status", gettext_lazy("Delivered"), "tag", hues=PROGRESS_HUES),
        Column("billing_status", gettext_lazy("Billed"), "tag", hues=PROGRESS_HUES),
        Column("collection_status", gettext_lazy("Collected"), "tag", hues=PROGRESS_HUES),
        Column("owner", gettext_lazy("Owner"), "person", hide_small=True),
        Column("order_date", gettext_lazy("Order date"), "date", sort="order_date"),
        *source_columns(optional=True),
    )
    views = (
        NamedView("open", gettext_lazy("Under way"), under_way),
        NamedView("mine", gettext_lazy("Mine"), mine),
        NamedView("draft", gettext_lazy("Drafts"), lambda orders, actor: orders.filter(state=State.DRAFT), counted=True),
        NamedView("held", gettext_lazy("On hold"), lambda orders, actor: orders.filter(state=State.ON_HOLD), counted=True),
        NamedView("closed", gettext_lazy("Closed"), lambda orders, actor: orders.filter(state=State.CLOSED)),
        NamedView("all", gettext_lazy("All"), lambda orders, actor: orders),
    )
    empty_text = gettext_lazy("A won opportunity becomes a draft order, or add one here.")


class OrderRecord(RecordView):
    select = ("customer", "opportunity", "opportunity__lead", "lead", "owner", "team", "payment_term")
    state_hues = HUES
    path_states = (State.DRAFT, State.CONFIRMED, State.IN_PROGRESS, State.COMPLETED, State.CLOSED)
    path_lost = (State.CANCELLED,)
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column(
            "opportunity", gettext_lazy("Opportunity"), icon="target",
            cell=opportunity_cell,
        ),
        Column("customer_po_no", gettext_lazy("Customer's order number"), icon="hash"),
        Column("contract_ref", gettext_lazy("Contract"), icon="file-text"),
        Column("order_date", gettext_lazy("Order date"), "date", icon="calendar"),
        Column("requested_date", gettext_lazy("Wanted by"), "date", icon="calendar"),
        Column("payment_term", gettext_lazy("Payment term"), icon="credit-card"),
        Column("billing_policy", gettext_lazy("Billing"), icon="receipt", cell=billing_cell),
        Column("net", gettext_lazy("Net"), "money", icon="coins"),
        Column("tax", gettext_lazy("Tax"), "money", icon="percent"),
        Column("delivery_status", gettext_lazy("Delivered"), "tag", hues=PROGRESS_HUES, icon="truck"),
        Column("acceptance_status", gettext_lazy("Accepted"), "tag", hues=PROGRESS_HUES, icon="badge-check"),
        Column("billing_status", gettext_lazy("Billed"), "tag", hues=PROGRESS_HUES, icon="receipt"),
        Column("collection_status", gettext_lazy("Collected"), "tag", hues=PROGRESS_HUES, icon="wallet"),
        *source_columns(),
        Column("owner", gettext_lazy("Owner"), "person", icon="user-round"),
    )  # fmt: skip

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        return [
            {"text": record.customer.name, "kind": "text", "url": url_for(record.customer)},
            {"text": formats.money(record.gross, record.currency), "kind": "money"},
            {"text": formats.day(record.order_date), "kind": "date"},
        ]

    def described(self, record: Any) -> dict[str, Any]:
        page = super().described(record)
        page["avatar"] = {"icon": self.page.icon, "hue": self.page.hue}
        return page if record.state == State.DRAFT else {**page, "edit_url": None}

    def notices(self, record: Any) -> list[dict[str, Any]]:
        if record.state == State.ON_HOLD:
            return [{"tone": "warn", "text": _("On hold: %(reason)s") % {"reason": record.hold_reason}}]
        if record.state != State.DRAFT or record.credit_check == Order.CreditCheck.OVERRIDDEN:
            return []
        position = credit_position(record)
        if position.passes:
            return []
        amount = formats.money(position.exposure + position.unsecured, self.request.tenant.base_currency)  # type: ignore[attr-defined]
        text = _("The customer's credit does not cover this order (it would owe %(amount)s). Finance can override the check.")
        return [{"tone": "warn", "text": text % {"amount": amount}}]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        may_edit = self.actor.has_perm("orders.change", record) and record.state == State.DRAFT
        parts = list(record.plan_lines.all())
        return [
            {
                "title": "",
                "template": "orders/lines.html",
                "place": "main",
                "lines": list(record.lines.select_related("product")),
                "edit_url": self.page.url("lines", record.pk) if may_edit else None,
            },
            {
                "title": "",
                "template": "orders/plan.html",
                "place": "main",
                "parts": parts or plan_of_term(record),
                "is_preview": not parts,
            },
        ]

    def more_context(self, record: Any) -> dict[str, Any]:
        return {"currency": record.currency}


class OrderCreate(CreateView):
    form_class = NewOrderForm

    def initial(self, record: Any) -> dict[str, Any]:
        tenant = self.request.tenant  # type: ignore[attr-defined]
        return {"currency": tenant.base_currency, "order_date": timezone.localdate()}

    def save(self, form: Any, record: Any) -> Order:
        fields = {name: form.cleaned_data[name] for name in NewOrderForm.Meta.fields}
        customer: Customer = fields.pop("customer")
        if fields["payment_term"] is None:
            del fields["payment_term"]
        return create_order(actor=self.actor, customer=customer, lines=[form.line()], **fields)


class OrderEdit(EditView):
    form_class = OrderForm

    def save(self, form: Any, record: Any) -> Order:
        return update_order(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class OrderLines(RecordWorkspaceView):
    """The lines of a draft, with their promised dates, as a grid in a dialog."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        order = self._open(pk)
        return self._ask(order, form_for(LINES, order, self.actor))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        order = self._open(pk)
        form = form_for(LINES, order, self.actor, request.POST)
        if not form.is_valid():
            return self._ask(order, form, status=422)
        try:
            update_order(order, actor=self.actor, version=self.wanted_version(), lines=entered_lines(form.values()["lines"]))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self._ask(order, form, status=422)
        return refresh(request, self.page.url("record", pk), _("Saved."))

    def _open(self, pk: uuid.UUID) -> Any:
        order = self.record_or_404(pk)
        self.require("orders.change", order)
        return order

    def _ask(self, order: Any, form: Any, *, status: int = 200) -> HttpResponse:
        action = {
            "label": _("Save"),
            "title": _("Lines: %(record)s") % {"record": order},
            "url": f"{self.page.url('lines', order.pk)}?version={self.wanted_version() or order.version}",
            "back_url": self.page.url("record", order.pk),
            "wide": True,
        }
        return self.show_dialog({"action": action, "form": form, "record": order}, status=status)
