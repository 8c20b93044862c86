"""What happens when two meet at one customer: a colleague asks to join or to take over, and two records become one or two again."""

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.leads import Lead
from ltc.customers.models import Customer
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.models import StatefulModel

ANSWER = (Input("answer", _("Answer"), required=False, max_length=300),)


class AccessRequest(StatefulModel):
    """Somebody met a record of another's and asks to join or to take it over; the owner's manager decides."""

    permission_area = "requests"
    own_fields = ("requester", "approver")

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        APPROVED = "approved", _("Agreed")
        REFUSED = "refused", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Kind(models.TextChoices):
        JOIN = "join", _("Join")
        TRANSFER = "transfer", _("Take over")

    state = StateField(_("state"), choices=State, default=State.OPEN)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    lead = TenantForeignKey(Lead, models.PROTECT, null=True, related_name="requests", verbose_name=_("lead"))
    customer = TenantForeignKey(Customer, models.PROTECT, null=True, related_name="requests", verbose_name=_("customer"))
    requester = TenantForeignKey(Membership, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    holder = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("owner"))
    approver = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    reason = models.CharField(_("reason"), max_length=300)
    answer = models.CharField(_("answer"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lead__isnull=False, customer__isnull=True) | models.Q(lead__isnull=True, customer__isnull=False),
                name="request_is_about_a_lead_or_a_customer",
            ),
            models.UniqueConstraint(fields=["tenant", "requester", "lead"], condition=models.Q(state="open"), name="one_request_per_lead"),
            models.UniqueConstraint(
                fields=["tenant", "requester", "customer"], condition=models.Q(state="open"), name="one_request_per_customer"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="requests_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.requester}"

    @property
    def subject(self) -> Any:
        return self.lead or self.customer

    @transition(
        state, source=State.OPEN, target=State.APPROVED, permission="requests.decide", label=_("Agree"), inputs=ANSWER, icon="check",
        primary=True,
    )  # fmt: skip
    def approve(self, *, answer: str = "") -> None:
        """The colleague joins, or becomes the owner."""
        self.answer = answer

    @transition(
        state, source=State.OPEN, target=State.REFUSED, permission="requests.decide", label=_("Decline"), icon="x", danger=True,
        inputs=[Input("answer", _("Answer"), max_length=300)],
    )  # fmt: skip
    def refuse(self, *, answer: str = "") -> None:
        """Everything stays as it is."""
        self.answer = answer

    @transition(state, source=State.OPEN, target=State.WITHDRAWN, permission="requests.withdraw", label=_("Withdraw"), icon="undo-2")
    def withdraw(self) -> None:
        """The colleague has thought better of it."""


class LeadMerge(TenantRecord):
    """What the merging of a lead changed, so that it can be taken back while nothing was built on it."""

    lead = TenantForeignKey(Lead, models.PROTECT, related_name="merges")
    survivor = TenantForeignKey(Lead, models.PROTECT, related_name="absorbed")
    state_before = models.CharField(max_length=30)
    merged_at = models.DateTimeField()
    changed = models.JSONField(default=dict)
    activities = models.JSONField(default=list)
    followers = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "lead"], condition=models.Q(undone_at__isnull=True), name="a_lead_is_merged_once")
        ]

    def __str__(self) -> str:
        return f"{self.lead} into {self.survivor}"

    def moved(self) -> list[uuid.UUID]:
        return [uuid.UUID(text) for text in self.activities]
