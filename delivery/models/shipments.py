from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.constraints import WithinCommitment
from delivery.events import ShipmentDelivered, ShipmentReleased, ShipmentShipped
from delivery.models.commitments import DeliveryCommitment
from ltc.calendars.selectors import today, zone_of
from ltc.money.fields import QuantityField
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import Tenant, TenantModel
from ltc.users.visibility import Visible
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel

TODAY = Input("on", _("Date"), InputKind.DATE, required=False, initial=lambda record, actor: timezone.localdate())


def moment_of(on: date | None, at: datetime, tenant: Tenant) -> datetime:
    """The instant for something that happened on that day: `at` if it is the same day, else noon of the tenant's day.

    Raises Refusal for a day after that of `at`.
    """
    day = today(tenant, at=at)
    if on is None or on == day:
        return at
    if on > day:
        raise Refusal(_("This day is still to come. Give the day on which it happened."), code="date_in_future", field="on")
    return datetime(on.year, on.month, on.day, 12, tzinfo=zone_of(tenant))


class Shipment(StatefulModel):
    """Goods of one order that travel together."""

    permission_area = "delivery"
    visible_through = "order__"

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RELEASED = "released", _("Released")
        SHIPPED = "shipped", _("Shipped")
        ARRIVED = "arrived", _("Arrived")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("Number"), max_length=40)
    order = TenantForeignKey("orders.Order", models.PROTECT, related_name="shipments", verbose_name=_("Order"))
    carrier = models.CharField(_("Carrier"), max_length=120, blank=True)
    tracking_no = models.CharField(_("Tracking number"), max_length=80, blank=True)
    planned_on = models.DateField(_("Planned for"))
    state = StateField(_("State"), choices=State, default=State.PLANNED)
    released_at = models.DateTimeField(_("Released"), null=True, blank=True, editable=False)
    shipped_at = models.DateTimeField(_("Shipped"), null=True, blank=True, editable=False)
    arrived_at = models.DateTimeField(_("Arrived"), null=True, blank=True, editable=False)
    pod_at = models.DateTimeField(_("Signed for"), null=True, blank=True, editable=False)
    pod_signed_by = models.CharField(_("Signed for by"), max_length=120, blank=True, editable=False)
    note = models.CharField(_("Note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Shipment")
        verbose_name_plural = _("Shipments")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "state", "planned_on"], name="shipment_board"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="shipment_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="shipment_number_is_unique"),
            models.CheckConstraint(
                condition=Q(pod_at__isnull=True) | Q(shipped_at__isnull=False, pod_at__gte=F("shipped_at")),
                name="a_shipment_is_signed_for_after_it_left",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["shipped", "arrived", "delivered"]) | Q(shipped_at__isnull=False),
                name="a_shipment_under_way_has_left",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | (Q(pod_at__isnull=False) & ~Q(pod_signed_by="")),
                name="a_delivered_shipment_is_signed_for",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @guard(_("The order is on hold or not confirmed. Release or confirm it first."))
    def order_is_in_hand(self) -> bool:
        return self.order.state in ("confirmed", "in_progress")

    @guard(_("The customer is on credit hold. Finance has to clear it first."))
    def customer_may_be_supplied(self) -> bool:
        return not self.order.customer.credit_hold

    @guard(_("Something is to be paid before shipment and is not collected yet."))
    def is_paid_for(self) -> bool:
        return not any(part.gate == "before_shipment" and not part.collected_on for part in self.order.plan_lines.all())

    @transition(
        state, source=State.PLANNED, target=State.RELEASED, conditions=[order_is_in_hand, customer_may_be_supplied, is_paid_for],
        permission="delivery.release", label=_("Release"), icon="package-check", primary=True, event=ShipmentReleased,
    )  # fmt: skip
    def release(self, *, at: datetime) -> None:
        """The warehouse may pack: nothing is on hold, and what had to be paid before shipment is paid."""
        self.released_at = at

    @transition(
        state, source=State.RELEASED, target=State.SHIPPED, conditions=[order_is_in_hand], permission="delivery.ship",
        label=_("Ship"), icon="truck", primary=True, event=ShipmentShipped,
        inputs=[
            Input("carrier", _("Carrier"), initial=lambda shipment, actor: shipment.carrier or None, max_length=120),
            Input("tracking_no", _("Tracking number"), required=False, max_length=80),
            TODAY,
        ],
    )  # fmt: skip
    def ship(self, *, at: datetime, carrier: str, tracking_no: str = "", on: date | None = None) -> None:
        """The goods left us."""
        if not carrier.strip():
            raise Refusal(_("Name the carrier."), code="required", field="carrier")
        self.carrier, self.tracking_no = carrier, tracking_no or self.tracking_no
        self.shipped_at = moment_of(on, at, self.tenant)

    @transition(
        state, source=State.SHIPPED, target=State.ARRIVED, permission="delivery.arrive", label=_("Arrived"), icon="map-pin", inputs=[TODAY]
    )
    def arrive(self, *, at: datetime, on: date | None = None) -> None:
        """The goods are at the customer's and not signed for yet."""
        self.arrived_at = self._after_it_left(moment_of(on, at, self.tenant))

    @transition(
        state, source=[State.SHIPPED, State.ARRIVED], target=State.DELIVERED, permission="delivery.confirm_pod",
        label=_("Confirm delivery"), icon="check-check", primary=True, event=ShipmentDelivered,
        inputs=[Input("signed_by", _("Signed for by"), max_length=120), TODAY],
    )  # fmt: skip
    def confirm_pod(self, *, at: datetime, signed_by: str, on: date | None = None) -> None:
        """The customer signed for the goods: the quantities count as delivered from that day."""
        if not signed_by.strip():
            raise Refusal(_("Name the person who signed for the goods."), code="required", field="signed_by")
        self.pod_at, self.pod_signed_by = self._after_it_left(moment_of(on, at, self.tenant)), signed_by

    @transition(
        state, source=[State.PLANNED, State.RELEASED], target=State.CANCELLED, permission="delivery.cancel", label=_("Cancel"),
        icon="ban", danger=True, inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def cancel(self, *, reason: str) -> None:
        """It will not go; its quantities can be planned again."""

    def _after_it_left(self, moment: datetime) -> datetime:
        assert self.shipped_at is not None
        left_on = today(self.tenant, at=self.shipped_at)
        if today(self.tenant, at=moment) < left_on:
            sentence = _("The goods left on %(day)s. Give that day or a later one.")
            raise Refusal(sentence % {"day": left_on}, code="date_before_shipment", field="on")
        return max(moment, self.shipped_at)


class ShipmentLine(Visible, TenantModel):
    """How much of a commitment is in a shipment."""

    permission_area = "delivery"
    visible_through = "shipment__order__"

    shipment = TenantForeignKey(Shipment, models.CASCADE, related_name="lines")
    commitment = TenantForeignKey(DeliveryCommitment, models.PROTECT, related_name="shipment_lines")
    qty = QuantityField(_("Quantity"))

    class Meta:
        verbose_name = _("Shipment line")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "shipment", "commitment"], name="a_shipment_names_a_commitment_once"),
            models.CheckConstraint(condition=Q(qty__gt=0), name="shipment_line_has_a_quantity"),
            WithinCommitment(name="shipments_stay_within_the_commitment"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment}: {self.commitment} × {self.qty.normalize():f}"
