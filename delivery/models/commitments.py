from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE

from delivery.events import PromiseChanged
from ltc.money.fields import QuantityField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantLog
from ltc.users.visibility import Visible
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel


class DeliveryCommitment(StatefulModel):
    """A part of an order line that we promised for a day. Punctuality is measured against the baseline, which only the customer moves."""

    permission_area = "delivery"
    visible_through = "order_line__order__"

    class Kind(models.TextChoices):
        SHIPMENT = "shipment", _("Shipment")
        MILESTONE = "milestone", _("Milestone")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PARTIALLY_DELIVERED = "partially_delivered", _("Partly delivered")
        DELIVERED = "delivered", _("Delivered")
        CLOSED_SHORT = "closed_short", _("Closed short")
        CANCELLED = "cancelled", _("Cancelled")
        WAIVED = "waived", _("Waived")

    order_line = TenantForeignKey("orders.OrderLine", models.PROTECT, related_name="commitments", verbose_name=_("Order line"))
    kind = models.CharField(_("Kind"), max_length=9, choices=Kind, default=Kind.SHIPMENT)
    seq = models.PositiveSmallIntegerField(_("Number"), default=1)
    qty = QuantityField(_("Quantity"))
    qty_delivered = QuantityField(_("Delivered"), default=Decimal(0), editable=False)
    promised_baseline = models.DateField(_("Promised at first"), editable=False)
    promised_current = models.DateField(_("Promised for"))
    state = StateField(_("State"), choices=State, default=State.OPEN)
    completed_on = models.DateField(_("Completed on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Delivery commitment")
        verbose_name_plural = _("Delivery commitments")
        ordering = ["promised_current", "seq"]
        indexes = [models.Index(fields=["tenant", "promised_current"], condition=Q(completed_on=None), name="commitments_to_come")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "order_line", "seq"], name="commitment_seq_is_unique"),
            models.CheckConstraint(condition=Q(qty__gt=0), name="commitment_has_a_quantity"),
            models.CheckConstraint(
                condition=Q(qty_delivered__gte=0, qty_delivered__lte=F("qty")), name="no_more_is_delivered_than_promised"
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(completed_on__isnull=False), name="a_delivered_commitment_has_its_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_line} / {self.seq}"

    @transition(
        state, source=[State.OPEN, State.PARTIALLY_DELIVERED], target=RETURN_VALUE(State.PARTIALLY_DELIVERED, State.DELIVERED),
        permission="delivery.confirm_pod", label=_("Count a delivery"), automatic=True,
    )  # fmt: skip
    def count_delivery(self, *, qty: Decimal, on: date) -> str:
        """The customer signed for so much of it on that day; it is complete on the first day on which all of it is there."""
        self.qty_delivered += qty
        if self.qty_delivered < self.qty:
            return self.State.PARTIALLY_DELIVERED
        self.completed_on = on
        return self.State.DELIVERED

    @transition(
        state, source=[State.OPEN, State.PARTIALLY_DELIVERED], target=None, permission="delivery.re_promise",
        label=_("Promise another date"), icon="calendar-clock", event=PromiseChanged,
        inputs=[
            Input("promised_on", _("New date"), InputKind.DATE),
            Input(
                "requested_by", _("Asked for by"), InputKind.CHOICE,
                choices=[("customer", _("Customer")), ("us", _("Us")), ("force_majeure", _("Force majeure"))],
                help=_("If we ask, the first promise stays the measure of punctuality."),
            ),
            Input("reason", _("Reason"), max_length=300),
        ],
    )  # fmt: skip
    def re_promise(self, *, promised_on: date, requested_by: str, reason: str) -> None:
        """The date moves; the baseline with it only if the customer asked or nobody could help it."""
        self.promised_current = promised_on
        if requested_by != "us":
            self.promised_baseline = promised_on

    @transition(
        state, source=[State.OPEN], target=State.CANCELLED, permission="delivery.cancel", label=_("Cancel the commitment"), automatic=True
    )
    def cancel(self) -> None:
        """The order is off."""

    def is_late(self, today: date) -> bool:
        """Whether the promised day is over and something is missing."""
        return self.state in (self.State.OPEN, self.State.PARTIALLY_DELIVERED) and self.promised_current < today


class CommitmentChange(Visible, TenantLog):
    """One move of a promised date: from when to when, who asked, and why."""

    permission_area = "delivery"
    visible_through = "commitment__order_line__order__"

    class RequestedBy(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        US = "us", _("Us")
        FORCE_MAJEURE = "force_majeure", _("Force majeure")

    commitment = TenantForeignKey(DeliveryCommitment, models.PROTECT, related_name="changes")
    old_date = models.DateField(_("From"))
    new_date = models.DateField(_("To"))
    requested_by = models.CharField(_("Asked for by"), max_length=13, choices=RequestedBy)
    reason = models.CharField(_("Reason"), max_length=300)
    approved_by = models.CharField(_("Approved by"), max_length=120)
    at = models.DateTimeField(_("When"))

    class Meta:
        verbose_name = _("Change of a promise")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.old_date} → {self.new_date}"
