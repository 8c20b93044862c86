from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from delivery.events import CaseResolved
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.users.models import Membership, Team
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel

REOPEN_WITHIN = timedelta(days=14)
NOTE = Input("reason", _("Reason"), max_length=300)


class Case(StatefulModel):
    """Something that a customer asks of us after the sale: a fault, a complaint, a question, and how soon it is answered."""

    permission_area = "service"

    class State(models.TextChoices):
        NEW = "new", _("New")
        ASSIGNED = "assigned", _("Assigned")
        IN_PROGRESS = "in_progress", _("In progress")
        WAITING = "waiting_customer", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    class Type(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint")
        FAULT = "fault", _("Fault")
        QUESTION = "question", _("Question")
        CLAIM = "claim", _("Claim")
        RETURN = "return", pgettext_lazy("case", "Return")

    class Priority(models.TextChoices):
        P1 = "P1", "P1"
        P2 = "P2", "P2"
        P3 = "P3", "P3"
        P4 = "P4", "P4"

    number = models.CharField(_("Number"), max_length=40, editable=False)
    title = models.CharField(_("Title"), max_length=200)
    description = models.TextField(_("Description"), blank=True, max_length=4000)
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="cases", verbose_name=_("Customer"))
    contact = TenantForeignKey("customers.Contact", models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("Contact"))
    order = TenantForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("Order"))
    product = TenantForeignKey("catalog.Product", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Product"))
    serial = models.CharField(_("Serial number"), max_length=80, blank=True)
    type = models.CharField(_("Kind"), max_length=9, choices=Type, default=Type.QUESTION)
    priority = models.CharField(_("Priority"), max_length=2, choices=Priority, default=Priority.P3)
    state = StateField(_("State"), choices=State, default=State.NEW)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("Owner"))
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Team"))
    opened_at = models.DateTimeField(_("Opened"), editable=False)
    sla_response_due = models.DateTimeField(_("Answer due"), null=True, blank=True, editable=False)
    sla_resolve_due = models.DateTimeField(_("Solution due"), null=True, blank=True, editable=False)
    first_response_at = models.DateTimeField(_("First answer"), null=True, blank=True, editable=False)
    waiting_since = models.DateTimeField(_("Waiting since"), null=True, blank=True, editable=False)
    resolved_at = models.DateTimeField(_("Resolved"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True, editable=False)
    reopened_count = models.PositiveSmallIntegerField(_("Reopened"), default=0, editable=False)
    resolution = models.TextField(_("Solution"), blank=True, max_length=4000, editable=False)
    root_cause = models.CharField(_("Cause"), max_length=300, blank=True, editable=False)
    source_system = models.CharField(max_length=40, blank=True)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("Service case")
        verbose_name_plural = _("Service cases")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="case_number_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"], condition=~Q(external_ref=""), name="case_external_ref_is_unique"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["resolved", "closed"]) | Q(resolved_at__isnull=False), name="a_resolved_case_has_its_time"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("opened_at")), name="a_case_is_resolved_after_it_opened"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-opened_at", "-id"], name="cases_newest_first"),
            models.Index(fields=["tenant", "state", "sla_resolve_due"], name="cases_by_due_time"),
            models.Index(fields=["tenant", "customer", "-opened_at"], name="cases_of_a_customer"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.NEW, self.State.ASSIGNED, self.State.IN_PROGRESS, self.State.WAITING)

    @guard(_("It was resolved more than 14 days ago. Open a new case."))
    def was_resolved_lately(self) -> bool:
        return self.resolved_at is not None and timezone.now() - self.resolved_at <= REOPEN_WITHIN

    @transition(
        state, source=[State.NEW, State.ASSIGNED], target=State.ASSIGNED, permission="service.assign", label=_("Assign"), icon="user-plus",
        inputs=[Input("owner", _("Owner"), InputKind.RECORD, model="users.Membership",
                      limit=lambda queryset, case, actor: queryset.filter(state="active"))],
    )  # fmt: skip
    def assign(self, *, owner: Membership) -> None:
        """Somebody is responsible for the answer."""
        self.owner, self.team = owner, owner.team

    @transition(
        state, source=[State.NEW, State.ASSIGNED], target=State.IN_PROGRESS, permission="service.start", label=_("Answered"),
        icon="message-circle", primary=True,
    )  # fmt: skip
    def start(self, *, at: datetime) -> None:
        """The customer has got a first answer, and work goes on."""
        self.first_response_at = self.first_response_at or at

    @transition(
        state, source=State.IN_PROGRESS, target=State.WAITING, permission="service.wait", label=_("Wait for the customer"), icon="pause",
        inputs=[NOTE],
    )  # fmt: skip
    def wait(self, *, at: datetime, reason: str) -> None:
        """The customer has to do something; the clock of the solution stands still."""
        self.waiting_since = at

    @transition(
        state, source=State.WAITING, target=State.IN_PROGRESS, permission="service.wait", label=_("Go on"), icon="play", primary=True,
    )  # fmt: skip
    def resume(self, *, at: datetime) -> None:
        """The customer has answered; the time that they took is added to the deadline."""
        if self.waiting_since is not None and self.sla_resolve_due is not None:
            self.sla_resolve_due += at - self.waiting_since
        self.waiting_since = None

    @transition(
        state, source=State.IN_PROGRESS, target=State.RESOLVED, permission="service.resolve", label=_("Resolve"), icon="circle-check-big",
        primary=True, event=CaseResolved,
        inputs=[
            Input("resolution", _("Solution"), InputKind.LONG_TEXT, max_length=4000),
            Input("root_cause", _("Cause"), required=False, max_length=300),
        ],
    )  # fmt: skip
    def resolve(self, *, at: datetime, resolution: str, root_cause: str = "") -> None:
        """What was asked for is done; the customer is asked how content they are."""
        if not resolution.strip():
            raise Refusal(_("Say what solved it, in a few words."), code="required", field="resolution")
        self.resolved_at, self.resolution, self.root_cause = at, resolution.strip(), root_cause or ""

    @transition(state, source=State.RESOLVED, target=State.CLOSED, permission="service.close", label=_("Close"), icon="archive")
    def close(self, *, at: datetime) -> None:
        """Nobody came back on it."""
        self.closed_at = at

    @transition(
        state, source=[State.RESOLVED, State.CLOSED], target=State.IN_PROGRESS, conditions=[was_resolved_lately],
        permission="service.reopen", label=_("Reopen"), icon="rotate-ccw", inputs=[NOTE],
    )  # fmt: skip
    def reopen(self, *, reason: str, sla_resolve_due: datetime | None = None) -> None:
        """It was not solved after all: a new clock runs for the solution."""
        self.reopened_count += 1
        self.resolved_at = self.closed_at = None
        self.sla_resolve_due = sla_resolve_due

    @transition(
        state, source=[State.NEW, State.ASSIGNED], target=State.CANCELLED, permission="service.cancel", label=_("Cancel"), icon="ban",
        danger=True, inputs=[NOTE],
    )  # fmt: skip
    def cancel(self, *, at: datetime, reason: str) -> None:
        """A duplicate or rubbish: it counts in no figure."""
        self.closed_at = at
