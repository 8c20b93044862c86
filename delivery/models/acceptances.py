from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.events import AcceptanceAccepted, AcceptanceRejected
from delivery.models.shipments import TODAY, Shipment
from ltc.calendars.selectors import today
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel


class Acceptance(StatefulModel):
    """The customer's word that a shipment is what was ordered: preliminary, then final."""

    permission_area = "delivery"
    visible_through = "order__"

    class Kind(models.TextChoices):
        ARRIVAL = "arrival", _("On arrival")
        PRELIMINARY = "preliminary", _("Preliminary")
        FINAL = "final", _("Final")

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        CONDITIONALLY_ACCEPTED = "conditionally_accepted", _("Accepted with conditions")
        REJECTED = "rejected", _("Rejected")
        DEEMED_ACCEPTED = "deemed_accepted", _("Deemed accepted")

    COUNTING = (State.ACCEPTED, State.DEEMED_ACCEPTED)

    number = models.CharField(_("Number"), max_length=40)
    shipment = TenantForeignKey(Shipment, models.PROTECT, related_name="acceptances", verbose_name=_("Shipment"))
    order = TenantForeignKey("orders.Order", models.PROTECT, related_name="acceptances", verbose_name=_("Order"))
    kind = models.CharField(_("Kind"), max_length=11, choices=Kind, default=Kind.FINAL)
    state = StateField(_("State"), choices=State, default=State.PENDING)
    submitted_on = models.DateField(_("Submitted on"))
    due_on = models.DateField(_("Due on"))
    accepted_on = models.DateField(_("Accepted on"), null=True, blank=True, editable=False)
    signed_by = models.CharField(_("Signed by"), max_length=120, blank=True, editable=False)
    conditions = models.TextField(_("Conditions"), blank=True, max_length=2000, editable=False)
    rejected_reason = models.CharField(_("Reason of the rejection"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("Acceptance")
        verbose_name_plural = _("Acceptances")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "state", "due_on"], name="acceptances_by_due_date")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="acceptance_number_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "shipment", "kind"], condition=~Q(state="rejected"), name="one_live_acceptance_per_shipment_and_kind"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "deemed_accepted"]) | Q(accepted_on__isnull=False, accepted_on__gte=F("submitted_on")),
                name="an_acceptance_follows_its_submission",
            ),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(rejected_reason=""), name="a_rejection_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.number

    @guard(_("The customer still has time to object. Wait for the due date."))
    def time_is_up(self) -> bool:
        return self.due_on < today(self.tenant, at=timezone.now())

    @transition(
        state, source=[State.PENDING, State.CONDITIONALLY_ACCEPTED], target=State.ACCEPTED, permission="delivery.accept",
        label=_("Accept"), icon="badge-check", primary=True, event=AcceptanceAccepted,
        inputs=[Input("signed_by", _("Signed by"), help=_("The person at the customer's."), max_length=120), TODAY],
    )  # fmt: skip
    def accept(self, *, at: datetime, signed_by: str, on: date | None = None) -> None:
        """The customer signed the certificate."""
        if not signed_by.strip():
            raise Refusal(_("Name the person at the customer's who signed."), code="required", field="signed_by")
        self.accepted_on, self.signed_by = self._day(on, at), signed_by

    @transition(
        state, source=State.PENDING, target=State.CONDITIONALLY_ACCEPTED, permission="delivery.accept",
        label=_("Accept with conditions"), icon="list-checks",
        inputs=[
            Input("conditions", _("Open points and their dates"), InputKind.LONG_TEXT),
            Input("signed_by", _("Signed by"), max_length=120),
        ],
    )  # fmt: skip
    def accept_with_conditions(self, *, conditions: str, signed_by: str) -> None:
        """Accepted but for a list of open points; it counts when they are done."""
        self.conditions, self.signed_by = conditions, signed_by

    @transition(
        state, source=State.PENDING, target=State.REJECTED, permission="delivery.reject", label=_("Reject"), icon="x-circle",
        danger=True, event=AcceptanceRejected, inputs=[Input("reason", _("Reason"), max_length=500)],
    )  # fmt: skip
    def reject(self, *, reason: str) -> None:
        """The customer refused; submit it again after the rework."""
        if not reason.strip():
            raise Refusal(_("Say why, in a few words."), code="required", field="reason")
        self.rejected_reason = reason

    @transition(
        state, source=State.PENDING, target=State.DEEMED_ACCEPTED, conditions=[time_is_up], permission="delivery.deem",
        label=_("Deem accepted"), icon="clock-check", event=AcceptanceAccepted,
        confirm=_("The customer did not object in time and the contract says that this counts as acceptance."),
    )  # fmt: skip
    def deem(self, *, at: datetime) -> None:
        """The time to object is over and nothing was objected."""
        self.accepted_on = self._day(None, at)

    def _day(self, on: date | None, at: datetime) -> date:
        latest = today(self.tenant, at=at)
        day = on or latest
        if not self.submitted_on <= day <= latest:
            sentence = _("Give a day from %(first)s, when it was submitted, to today.")
            raise Refusal(sentence % {"first": self.submitted_on}, code="date_out_of_range", field="on")
        return day
