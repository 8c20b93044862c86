"""The pages of delivery: shipments as a board and as a table, each with its acceptance, and the promises behind them."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.filters import AcceptanceFilters, CommitmentFilters, ShipmentFilters
from delivery.forms import PLAN
from delivery.models import Acceptance, DeliveryCommitment, Shipment
from delivery.services import Packed, plan_shipment, submit_for_acceptance
from ltc.refusals import Refusal
from ltc.web import cells, formats
from ltc.web.answers import onward
from ltc.web.boards import BoardView, Lane
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.inputs import form_for
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for
from ltc.web.workspace import RecordWorkspaceView
from orders.models import Order

State = Shipment.State
HUES = {
    State.PLANNED: "slate", State.RELEASED: "blue", State.SHIPPED: "violet", State.ARRIVED: "violet", State.DELIVERED: "teal",
    State.RETURNED: "rose", State.CANCELLED: "rose",
}  # fmt: skip
ACCEPTANCE_HUES = {
    Acceptance.State.PENDING: "amber", Acceptance.State.ACCEPTED: "green", Acceptance.State.CONDITIONALLY_ACCEPTED: "blue",
    Acceptance.State.REJECTED: "rose", Acceptance.State.DEEMED_ACCEPTED: "green",
}  # fmt: skip
COMMITMENT_HUES = {
    DeliveryCommitment.State.OPEN: "blue", DeliveryCommitment.State.PARTIALLY_DELIVERED: "amber",
    DeliveryCommitment.State.DELIVERED: "green", DeliveryCommitment.State.CLOSED_SHORT: "slate",
    DeliveryCommitment.State.CANCELLED: "rose",
}  # fmt: skip
ACCEPTED = "accepted"

SHIPMENTS = RecordPage(
    model=Shipment,
    plural="shipments",
    icon="truck",
    label=gettext_lazy("Shipment"),
    label_plural=gettext_lazy("Shipments"),
    nav_label=gettext_lazy("Delivery"),
    hue="teal",
    group="fulfil",
    order=40,
    go="d",
    entry="board",
    search=("number__istartswith", "order__number__istartswith", "tracking_no__istartswith", "order__customer__name__icontains"),
    joins=("order__customer",),
    subtitle=lambda shipment: f"{shipment.order.number} · {shipment.order.customer.name}",
    tag=lambda shipment: {"label": shipment.get_state_display(), "hue": HUES[shipment.state]},
)
ACCEPTANCES = RecordPage(
    model=Acceptance,
    plural="acceptances",
    icon="badge-check",
    label=gettext_lazy("Acceptance"),
    label_plural=gettext_lazy("Acceptances"),
    hue="green",
    group="fulfil",
    order=45,
    search=("number__istartswith", "order__number__istartswith", "order__customer__name__icontains"),
    joins=("order__customer",),
    subtitle=lambda acceptance: f"{acceptance.order.number} · {acceptance.order.customer.name}",
    tag=lambda acceptance: {"label": acceptance.get_state_display(), "hue": ACCEPTANCE_HUES[acceptance.state]},
)
COMMITMENTS = RecordPage(
    model=DeliveryCommitment,
    plural="commitments",
    icon="calendar-check",
    label=gettext_lazy("Delivery promise"),
    label_plural=gettext_lazy("Delivery promises"),
    hue="blue",
    search=("order_line__description__icontains", "order_line__order__number__istartswith"),
    joins=("order_line__order__customer",),
    title=lambda promise: promise.order_line.description,
    subtitle=lambda promise: f"{promise.order_line.order.number} · {promise.order_line.order.customer.name}",
)


def under_way(shipments: Any, actor: Any) -> Any:
    return shipments.filter(state__in=[State.PLANNED, State.RELEASED, State.SHIPPED, State.ARRIVED])


def late_ones(shipments: Any, actor: Any) -> Any:
    return shipments.filter(state__in=[State.PLANNED, State.RELEASED], planned_on__lt=timezone.localdate())


def planned_cell(shipment: Any) -> Cell:
    late = shipment.state in (State.PLANNED, State.RELEASED) and shipment.planned_on < timezone.localdate()
    return cells.date(shipment.planned_on, late=late)


def order_cell(record: Any) -> Cell:
    return cells.link(record.order.number, url_for(record.order))


class ShipmentList(RecordListView):
    select = ("order__customer",)
    filterset_class = ShipmentFilters
    filter_names = ("state",)
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("order", gettext_lazy("Order"), cell=order_cell),
        Column("state", gettext_lazy("State"), "tag", hues=HUES),
        Column("planned_on", gettext_lazy("Planned for"), cell=planned_cell, sort="planned_on"),
        Column("carrier", gettext_lazy("Carrier"), hide_small=True),
        Column("tracking_no", gettext_lazy("Tracking number"), hide_small=True),
        Column("shipped", gettext_lazy("Shipped"), "date", path="shipped_at"),
        Column("delivered", gettext_lazy("Signed for"), "date", path="pod_at"),
    )
    views = (
        NamedView("open", gettext_lazy("Under way"), under_way),
        NamedView("delivered", gettext_lazy("Delivered"), lambda shipments, actor: shipments.filter(state=State.DELIVERED)),
        NamedView("all", gettext_lazy("All"), lambda shipments, actor: shipments),
    )
    empty_text = gettext_lazy("Shipments are planned from a confirmed order.")


class DeliveryBoard(BoardView):
    select = ("order__customer",)
    filterset_class = ShipmentFilters
    lane_field = "lane"
    card_order = ("planned_on", "id")
    views = (
        NamedView("all", gettext_lazy("All"), lambda shipments, actor: shipments),
        NamedView(
            "late", gettext_lazy("Late"), lambda shipments, actor: under_way(shipments, actor).filter(planned_on__lt=timezone.localdate())
        ),
    )
    empty_text = ShipmentList.empty_text

    def queryset(self) -> QuerySet[Shipment]:
        """The shipments with their column: the customer's final acceptance is a column of its own, what has arrived is still under way."""
        done = Acceptance.objects.filter(shipment=OuterRef("pk"), kind=Acceptance.Kind.FINAL, state__in=Acceptance.COUNTING)
        lane = Case(
            When(Exists(done), then=Value(ACCEPTED)),
            When(state=State.ARRIVED, then=Value(State.SHIPPED.value)),
            default=F("state"),
            output_field=CharField(),
        )
        return super().queryset().annotate(lane=lane)

    def lanes(self) -> Sequence[Lane]:
        states = (State.PLANNED, State.RELEASED, State.SHIPPED, State.DELIVERED)
        return [*(Lane(state, state.label, HUES[state]) for state in states), Lane(ACCEPTED, _("Accepted"), "green")]

    def outcomes(self) -> Sequence[Lane]:
        return [Lane(State.CANCELLED, State.CANCELLED.label, "rose")]

    def card(self, record: Any) -> dict[str, Any]:
        customer = record.order.customer.name
        return {
            "account": customer,
            "avatar": {"text": formats.initials(customer), "hue": formats.hue(customer)},
            "close": record.planned_on,
            "close_late": record.lane in (State.PLANNED, State.RELEASED) and record.planned_on < timezone.localdate(),
            "tags": [{"label": record.order.number, "hue": "slate"}],
        }

    def move_for(self, record: Any, target: str) -> tuple[str, dict[str, Any]] | None:
        carrier = {"carrier": record.carrier} if record.carrier else {}
        ways: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
            (State.PLANNED, State.RELEASED): ("release", {}),
            (State.RELEASED, State.SHIPPED): ("ship", carrier),
            (State.SHIPPED, State.DELIVERED): ("confirm_pod", {}),
            (State.PLANNED, State.CANCELLED): ("cancel", {}),
            (State.RELEASED, State.CANCELLED): ("cancel", {}),
        }
        way = ways.get((record.lane, target))
        return way if way and self.actor.has_perm(f"delivery.{way[0]}", record) else None

    def _more_url(self, key: str) -> str:
        return f"{self.page.url('list')}?view=all&state={State.DELIVERED if key == ACCEPTED else key}"


class ShipmentRecord(RecordView):
    select = ("order__customer", "order__opportunity__lead", "order__lead")
    state_hues = HUES
    path_states = (State.PLANNED, State.RELEASED, State.SHIPPED, State.DELIVERED)
    path_lost = (State.CANCELLED, State.RETURNED)
    props = (
        Column("order", gettext_lazy("Order"), icon="package", cell=order_cell),
        Column("planned_on", gettext_lazy("Planned for"), icon="calendar", cell=planned_cell),
        Column("carrier", gettext_lazy("Carrier"), icon="truck"),
        Column("tracking_no", gettext_lazy("Tracking number"), icon="hash"),
        Column("released_at", gettext_lazy("Released"), "moment", icon="package-check"),
        Column("shipped_at", gettext_lazy("Shipped"), "moment", icon="truck"),
        Column("arrived_at", gettext_lazy("Arrived"), "moment", icon="map-pin"),
        Column("pod_at", gettext_lazy("Signed for"), "moment", icon="check-check"),
        Column("pod_signed_by", gettext_lazy("Signed for by"), icon="user-round"),
        Column("note", gettext_lazy("Note"), icon="sticky-note"),
    )

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        customer = record.order.customer
        return [
            {"text": customer.name, "kind": "text", "url": url_for(customer)},
            {"text": record.order.number, "kind": "number", "url": url_for(record.order)},
            {"text": formats.day(record.planned_on), "kind": "date"},
        ]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        lines = list(record.lines.select_related("commitment__order_line").order_by("commitment__order_line__line_no"))
        return [{"title": "", "template": "delivery/shipment_lines.html", "place": "main", "lines": lines}]

    def related(self, record: Any) -> list[dict[str, Any]]:
        return [{"title": ACCEPTANCES.label_plural, "rows": [acceptance_row(each) for each in record.acceptances.all()]}]

    def actions(self, record: Any) -> list[dict[str, Any]]:
        buttons = super().actions(record)
        waiting = record.state == State.DELIVERED and self.actor.has_perm("delivery.submit", record)
        if waiting and not record.acceptances.exclude(state=Acceptance.State.REJECTED).exists():
            url = self.page.url("submit", record.pk)
            buttons.append({"name": "submit", "label": _("Submit for acceptance"), "icon": "badge-check", "url": url, "allowed": True})
        return buttons


def acceptance_row(acceptance: Acceptance) -> dict[str, Any]:
    return {
        "icon": "badge-check",
        "label": f"{acceptance.number} {acceptance.get_kind_display()}",
        "tag": {"label": acceptance.get_state_display(), "hue": ACCEPTANCE_HUES[Acceptance.State(acceptance.state)]},
        "detail": formats.day(acceptance.accepted_on or acceptance.due_on),
        "url": url_for(acceptance),
    }


class SubmitForAcceptance(RecordWorkspaceView):
    """Ask the customer to accept a delivered shipment, again after a rejection."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        acceptance = submit_for_acceptance(shipment=self.record_or_404(pk), actor=self.actor)
        return onward(request, url_for(acceptance), _("%(record)s was submitted.") % {"record": acceptance})


class PlanShipment(RecordWorkspaceView):
    """What goes together on a day, planned from the order in a dialog."""

    permission = "delivery.add"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        order = self._order(pk)
        return self._ask(order, form_for(PLAN, order, self.actor))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        order = self._order(pk)
        form = form_for(PLAN, order, self.actor, request.POST)
        if not form.is_valid():
            return self._ask(order, form, status=422)
        values = form.values()
        packed = [Packed(row["commitment"], row["qty"]) for row in values.pop("lines")]
        try:
            shipment = plan_shipment(order=order, actor=self.actor, lines=packed, **values)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._ask(order, form, status=422)
        return onward(request, url_for(shipment), _("%(record)s was planned.") % {"record": shipment})

    def _order(self, pk: uuid.UUID) -> Order:
        order = Order.objects.visible_to(self.actor).filter(pk=pk).first()
        if order is None:
            raise Http404
        return order

    def _ask(self, order: Order, form: Any, *, status: int = 200) -> HttpResponse:
        action = {
            "label": _("Plan"),
            "title": _("Plan a shipment of %(order)s") % {"order": order},
            "url": self.page.url("plan", order.pk),
            "back_url": url_for(order),
            "wide": True,
        }
        return self.show_dialog({"action": action, "form": form, "record": order}, status=status)


class AcceptanceList(RecordListView):
    select = ("order__customer", "shipment")
    filterset_class = AcceptanceFilters
    filter_names = ("state", "kind")
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("order", gettext_lazy("Order"), cell=order_cell),
        Column("kind", gettext_lazy("Kind"), cell=lambda acceptance: cells.text(acceptance.get_kind_display())),
        Column("state", gettext_lazy("State"), "tag", hues=ACCEPTANCE_HUES),
        Column("due_on", gettext_lazy("Due on"), "due", sort="due_on"),
        Column("accepted_on", gettext_lazy("Accepted on"), "date"),
        Column("signed_by", gettext_lazy("Signed by"), hide_small=True),
    )
    views = (
        NamedView("pending", gettext_lazy("Pending"), lambda found, actor: found.filter(state__in=["pending", "conditionally_accepted"])),
        NamedView("all", gettext_lazy("All"), lambda found, actor: found),
    )
    empty_text = gettext_lazy("A delivered shipment is submitted for acceptance by itself.")


class AcceptanceRecord(RecordView):
    select = ("order__customer", "shipment")
    state_hues = ACCEPTANCE_HUES
    path_states = (Acceptance.State.PENDING, Acceptance.State.ACCEPTED)
    path_lost = (Acceptance.State.REJECTED,)
    props = (
        Column("order", gettext_lazy("Order"), icon="package", cell=order_cell),
        Column("shipment", gettext_lazy("Shipment"), icon="truck", cell=lambda found: cells.link(found.shipment, url_for(found.shipment))),
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=lambda found: cells.text(found.get_kind_display())),
        Column("submitted_on", gettext_lazy("Submitted on"), "date", icon="calendar"),
        Column("due_on", gettext_lazy("Due on"), "date", icon="calendar-clock"),
        Column("accepted_on", gettext_lazy("Accepted on"), "date", icon="badge-check"),
        Column("signed_by", gettext_lazy("Signed by"), icon="user-round"),
        Column("conditions", gettext_lazy("Conditions"), icon="list-checks"),
        Column("rejected_reason", gettext_lazy("Reason of the rejection"), icon="x-circle"),
    )


class CommitmentList(RecordListView):
    select = ("order_line__order__customer",)
    filterset_class = CommitmentFilters
    filter_names = ("state",)
    default_sort = "promised_current"
    columns = (
        Column("name", gettext_lazy("Description"), sort="id"),
        Column("qty", gettext_lazy("Quantity"), "number"),
        Column("qty_delivered", gettext_lazy("Delivered"), "number"),
        Column("state", gettext_lazy("State"), "tag", hues=COMMITMENT_HUES),
        Column("promised_current", gettext_lazy("Promised for"), "date", sort="promised_current"),
        Column("promised_baseline", gettext_lazy("Promised at first"), "date", hide_small=True),
        Column("completed_on", gettext_lazy("Completed on"), "date"),
    )
    views = (
        NamedView("open", gettext_lazy("Open"), lambda found, actor: found.filter(state__in=["open", "partially_delivered"])),
        NamedView("all", gettext_lazy("All"), lambda found, actor: found),
    )


class CommitmentRecord(RecordView):
    select = ("order_line__order__customer",)
    state_hues = COMMITMENT_HUES
    path_states = (DeliveryCommitment.State.OPEN, DeliveryCommitment.State.PARTIALLY_DELIVERED, DeliveryCommitment.State.DELIVERED)
    path_lost = (DeliveryCommitment.State.CANCELLED,)
    props = (
        Column("order", gettext_lazy("Order"), icon="package",
               cell=lambda found: cells.link(found.order_line.order, url_for(found.order_line.order))),
        Column("qty", gettext_lazy("Quantity"), "number", icon="boxes"),
        Column("qty_delivered", gettext_lazy("Delivered"), "number", icon="truck"),
        Column("promised_current", gettext_lazy("Promised for"), "date", icon="calendar-check"),
        Column("promised_baseline", gettext_lazy("Promised at first"), "date", icon="calendar"),
        Column("completed_on", gettext_lazy("Completed on"), "date", icon="check-check"),
    )  # fmt: skip

    def related(self, record: Any) -> list[dict[str, Any]]:
        rows = [
            {"icon": "calendar-clock", "label": f"{formats.day(each.old_date)} → {formats.day(each.new_date)}", "detail": each.reason}
            for each in record.changes.all()
        ]
        return [{"title": _("Changes of the promise"), "rows": rows}]
