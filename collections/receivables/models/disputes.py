from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField
from ltc.tenancy.fields import TenantForeignKey
from ltc.users.models import Membership
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.events import DisputeResolved
from receivables.models.invoices import ReceivableItem


class Dispute(StatefulModel):
    """A customer objects to an item, wholly or in part. The disputed amount is not reminded of while that is open."""

    permission_area = "disputes"
    visible_through = "item__customer__"

    class Reason(models.TextChoices):
        QUALITY = "quality", _("Quality")
        QUANTITY = "quantity", _("Quantity")
        PRICE = "price", _("Price")
        DELIVERY_LATE = "delivery_late", _("Delivered late")
        NO_ACCEPTANCE = "no_acceptance", _("Not accepted yet")
        INVOICE_ERROR = "invoice_error", _("Error in the invoice")
        DUPLICATE = "duplicate", _("Invoiced twice")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        INVESTIGATING = "investigating", _("Being looked into")
        WAITING_CUSTOMER = "waiting_customer", _("Waits for the customer")
        RESOLVED_CREDIT = "resolved_credit", _("Granted")
        RESOLVED_REJECTED = "resolved_rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    UNSOLVED = (State.OPEN, State.INVESTIGATING, State.WAITING_CUSTOMER)

    item = TenantForeignKey(ReceivableItem, models.PROTECT, related_name="disputes", verbose_name=_("Receivable"))
    amount = AmountField(_("Disputed amount"))
    reason = models.CharField(_("Reason"), max_length=13, choices=Reason)
    description = models.CharField(_("What the customer says"), max_length=1000, blank=True)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    due_on = models.DateField(_("Answer by"), null=True, blank=True)
    state = StateField(_("State"), choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("Opened"), editable=False)
    opened_on = models.DateField(_("Opened on"), editable=False)
    waiting_since = models.DateField(_("Waiting since"), null=True, blank=True, editable=False)
    resolved_on = models.DateField(_("Resolved on"), null=True, blank=True, editable=False)
    resolution = models.CharField(_("Answer"), max_length=1000, blank=True, editable=False)
    recorded_by = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Dispute")
        verbose_name_plural = _("Disputes")
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="disputes_newest"),
            models.Index(fields=["tenant", "due_on", "id"], name="disputes_by_answer"),
            models.Index(
                fields=["tenant", "item"], condition=Q(state__in=["open", "investigating", "waiting_customer"]), name="disputes_unsolved"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_dispute_is_over_something"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "investigating", "waiting_customer"], resolved_on__isnull=True)
                | Q(state__in=["resolved_credit", "resolved_rejected", "withdrawn"], resolved_on__isnull=False),
                name="a_dispute_is_resolved_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(waiting_since__isnull=True) | Q(state="waiting_customer"), name="only_a_waiting_dispute_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_reason_display()}"

    @property
    def customer(self) -> Any:
        return self.item.customer

    @property
    def is_unsolved(self) -> bool:
        return self.state in self.UNSOLVED

    @transition(
        state, source=[State.OPEN, State.WAITING_CUSTOMER], target=State.INVESTIGATING, permission="disputes.work", label=_("Look into it"),
        icon="search", primary=True,
    )  # fmt: skip
    def investigate(self, *, due_on: date | None) -> None:
        """Someone looks into it; the days that we waited for the customer do not count."""
        self.waiting_since, self.due_on = None, due_on

    @transition(
        state, source=[State.OPEN, State.INVESTIGATING], target=State.WAITING_CUSTOMER, permission="disputes.work",
        label=_("Wait for the customer"), icon="hourglass",
    )  # fmt: skip
    def wait(self, *, on: date) -> None:
        """The customer has to answer first; our own time stands still."""
        self.waiting_since = on

    @transition(
        state, source=list(UNSOLVED), target=State.RESOLVED_CREDIT, permission="disputes.resolve", label=_("Grant"), icon="check",
        event=DisputeResolved, inputs=[Input("resolution", _("Answer"), InputKind.LONG_TEXT, max_length=1000)],
    )  # fmt: skip
    def resolve_credit(self, *, resolution: str, on: date) -> None:
        """The customer is right: a credit note follows."""
        self._close(resolution, on)

    @transition(
        state, source=list(UNSOLVED), target=State.RESOLVED_REJECTED, permission="disputes.resolve", label=_("Reject"), icon="x",
        event=DisputeResolved,
        inputs=[Input("resolution", _("Written answer to the customer"), InputKind.LONG_TEXT, max_length=1000)],
    )  # fmt: skip
    def resolve_rejected(self, *, resolution: str, on: date) -> None:
        """The customer owes it after all; the next run reminds of it again."""
        self._close(resolution, on)

    @transition(
        state, source=list(UNSOLVED), target=State.WITHDRAWN, permission="disputes.resolve", label=_("Withdraw"), icon="undo-2",
        event=DisputeResolved, inputs=[Input("resolution", _("What the customer says"), InputKind.LONG_TEXT, max_length=1000)],
    )  # fmt: skip
    def withdraw(self, *, resolution: str, on: date) -> None:
        """The customer takes it back."""
        self._close(resolution, on)

    def _close(self, resolution: str, on: date) -> None:
        self.resolution, self.resolved_on, self.waiting_since = resolution, on, None
