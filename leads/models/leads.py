from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import django_fsm
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.events import LeadAssigned, LeadConverted, LeadDisqualified, LeadPutAside, LeadQualified, LeadReactivated, LeadReturned
from leads.models.choices import Grade, LeadState, NeedLevel, ScoreMode
from leads.models.description import LeadDescription, LeadMoments
from leads.models.lead_indexes import INDEXES
from leads.models.named import Named
from leads.models.nurtured import Nurtured
from leads.models.pooled import Pooled
from leads.models.pools import PublicPool
from leads.models.reasons import CloseReason
from leads.models.scored import Scored
from leads.transition_inputs import (
    ASSIGN,
    CONVERT,
    CONVERT_TO_ORDER,
    DISQUALIFY,
    FIRST_CONTACT,
    MERGE,
    NURTURE,
    PROTECT,
    RETURN_TO_POOL,
)
from ltc.calendars.periods import local_day
from ltc.customers.models import Contact, Customer
from ltc.customers.origin import Originated
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership, Team
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField

LONGEST_NURTURE = timedelta(days=180)
REOPEN_WITHIN = timedelta(days=180)
# A nurtured lead is worth a call again before its date when its engagement has risen by so much in so short a time.
ENGAGEMENT_RISE, RISES_WITHIN = Decimal(20), timedelta(days=7)


class Lead(Originated, LeadDescription, LeadMoments, Named, Scored, Nurtured, Pooled):
    """Someone who may want to buy, before we know that they do."""

    State = LeadState
    permission_area = "leads"

    state = StateField(_("state"), choices=LeadState, default=LeadState.NEW)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("owner"))
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("team"))
    pool = TenantForeignKey(PublicPool, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("pool"))
    captured_by = TenantForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)

    score = models.PositiveSmallIntegerField(_("score"), default=0, editable=False)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade, default=Grade.D, editable=False)
    fit_score = models.DecimalField(_("fit"), max_digits=5, decimal_places=2, default=0, editable=False)
    engagement_score = models.DecimalField(_("engagement"), max_digits=5, decimal_places=2, default=0, editable=False)
    matrix_cell = models.CharField(max_length=2, blank=True, editable=False)
    score_lines = models.JSONField(default=list, editable=False)
    score_mode = models.CharField(max_length=6, choices=ScoreMode, default=ScoreMode.RULES, editable=False)
    scored_at = models.DateTimeField(null=True, editable=False)
    engagement_when_nurtured = models.DecimalField(max_digits=5, decimal_places=2, null=True, editable=False)

    close_reason = TenantForeignKey(
        CloseReason, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("close reason")
    )
    customer = TenantForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("customer"))
    contact = TenantForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("contact"))
    merged_into = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into"))

    is_test = models.BooleanField(_("spam or test"), default=False, editable=False)
    source_system = models.CharField(_("source system"), max_length=60, blank=True)
    external_ref = models.CharField(_("reference there"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="lead_number_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"],
                condition=~models.Q(external_ref=""),
                name="lead_external_ref_is_unique",
            ),
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="lead_score_in_range"),
            models.CheckConstraint(
                condition=models.Q(fit_score__range=(0, 100), engagement_score__range=(0, 100)), name="lead_fit_and_engagement_in_range"
            ),
            models.CheckConstraint(condition=models.Q(grade__in=["A", "B", "C", "D"]), name="lead_grade_is_legal"),
            models.CheckConstraint(
                condition=~models.Q(phone="", email="", wecom=""),
                name="lead_is_reachable",
                violation_error_message=_("Add a telephone number, an e-mail address or a WeCom name, so that someone can be reached."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="converted") | models.Q(customer__isnull=False), name="lead_converted_has_a_customer"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="disqualified") | models.Q(close_reason__isnull=False), name="lead_disqualified_has_a_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(state="merged", merged_into__isnull=False)
                | (~models.Q(state="merged") & models.Q(merged_into__isnull=True)),
                name="lead_merged_names_its_survivor",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")), name="lead_is_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | models.Q(state__in=["new", "converted", "disqualified", "merged"]),
                name="lead_in_work_has_an_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(est_amount__isnull=True) | models.Q(est_amount__gte=0), name="lead_value_is_not_negative"
            ),
        ]
        indexes = INDEXES

    def __str__(self) -> str:
        return self.company_name or self.contact_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fold_name()
        super().save(*args, **kwargs)

    @property
    def is_open(self) -> bool:
        return self.state in LeadState.open()

    def local_day(self, at: datetime | None = None) -> date:
        """The tenant's day at an instant, now if none is given; jobs have no time zone of their own."""
        return local_day(at or timezone.now(), ZoneInfo(self.tenant.time_zone))

    # Guards

    @guard(_("Fill in at least three of budget, authority, need and time frame first, so that the lead is known to be real."))
    def is_understood(self) -> bool:
        known = (self.budget != "unknown", self.authority != "unknown", self.need_level != "unknown", self.timeline != "unknown")
        return sum(known) >= 3

    @guard(_("This lead has no need. Change the need, or disqualify the lead."))
    def has_a_need(self) -> bool:
        return self.need_level != NeedLevel.NONE

    @guard(_("It is not time yet: wait for the agreed date, or until the lead becomes clearly more active."))
    def is_worth_another_try(self) -> bool:
        if self.nurture_until is None or self.nurture_until <= self.local_day():
            return True
        return self.engagement_score - self.engagement_before(timezone.now() - RISES_WITHIN) >= ENGAGEMENT_RISE

    def engagement_before(self, at: datetime) -> Decimal:
        """How active a nurtured lead was at an instant, or when it was left alone if that was later."""
        then = None
        if self.state_changed_at is not None and self.state_changed_at <= at:
            then = self.snapshots.filter(at__lte=at).order_by("-at", "-id").values_list("engagement_score", flat=True).first()
        return then if then is not None else self.engagement_when_nurtured or Decimal(0)

    @guard(_("This lead was closed more than 180 days ago. Capture a new one."))
    def was_closed_lately(self) -> bool:
        return self.closed_at is not None and timezone.now() - self.closed_at <= REOPEN_WITHIN

    @guard(_("This lead has an owner already."))
    def is_unclaimed(self) -> bool:
        return self.owner_id is None

    @guard(_("Your company sells through opportunities. Convert the lead to an opportunity."))
    def is_sold_to_directly(self) -> bool:
        return self.tenant.sales_motion == Tenant.SalesMotion.B2C_DIRECT

    @guard(_("This lead is not protected."))
    def is_protected(self) -> bool:
        return self.protected_until is not None and self.protected_until >= self.local_day()

    @guard(_("This lead is protected already."))
    def is_not_protected(self) -> bool:
        return not self.is_protected()

    # Transitions

    @transition(
        state,
        source=[LeadState.NEW, LeadState.ASSIGNED, LeadState.WORKING, LeadState.NURTURING],
        target=django_fsm.GET_STATE(
            lambda self, **_inputs: self.state if self.state in (LeadState.WORKING, LeadState.NURTURING) else LeadState.ASSIGNED,
            states=[LeadState.ASSIGNED, LeadState.WORKING, LeadState.NURTURING],
        ),
        permission="leads.assign",
        label=_("Assign"),
        inputs=ASSIGN,
        event=LeadAssigned,
        icon="user-plus",
    )
    def assign(self, *, owner: Membership, at: datetime, due: datetime | None = None) -> None:
        """Someone is responsible for this lead from now on, and by when they should first answer."""
        self._hand_to(owner, at, due)

    @transition(
        state,
        source=LeadState.NEW,
        target=LeadState.ASSIGNED,
        permission="leads.claim",
        conditions=[is_unclaimed],
        label=_("Claim"),
        event=LeadAssigned,
        icon="hand",
        primary=True,
    )
    def claim(self, *, owner: Membership, at: datetime, due: datetime | None = None) -> None:
        """A salesperson takes the lead out of the pool."""
        self._hand_to(owner, at, due)

    def _hand_to(self, owner: Membership, at: datetime, due: datetime | None) -> None:
        if self.owner_id != owner.pk:
            self.protected_until = None
        self.owner, self.team, self.assigned_at = owner, owner.team, at
        if self.first_response_at is None:
            self.first_response_due_at, self.sla_breached_at = due, None

    @transition(
        state,
        source=LeadState.ASSIGNED,
        target=LeadState.WORKING,
        permission="leads.log_first_contact",
        label=_("First contact made"),
        inputs=FIRST_CONTACT,
        icon="phone",
        primary=True,
    )
    def log_first_contact(self, *, at: datetime, channel: str = "call") -> None:
        """The owner has spoken or written to them for the first time. What is imported as worked on tells nothing about when."""
        self.last_activity_at = at
        if channel != "imported":
            self.first_response_at = self.first_response_at or at

    @transition(
        state,
        source=[LeadState.ASSIGNED, LeadState.WORKING, LeadState.QUALIFIED],
        target=LeadState.NURTURING,
        permission="leads.nurture",
        label=_("Nurture"),
        inputs=NURTURE,
        event=LeadPutAside,
        icon="sprout",
    )
    def nurture(self, *, until: Any, at: datetime, reason: str = "") -> None:
        """The right one at the wrong time: left alone until a date."""
        today = self.local_day(at)
        if not today < until <= today + LONGEST_NURTURE:
            raise Refusal(_("Choose a date from tomorrow on and at most 180 days ahead."), code="invalid_input", field="until")
        self.nurture_until, self.engagement_when_nurtured = until, self.engagement_score

    @transition(
        state,
        source=LeadState.NURTURING,
        target=LeadState.WORKING,
        permission="leads.reactivate",
        conditions=[is_worth_another_try],
        label=_("Work on it again"),
        event=LeadReactivated,
        icon="rotate-ccw",
        primary=True,
    )
    def reactivate(self, *, at: datetime) -> None:
        """The time has come, or the lead has shown fresh interest. The pool's clock starts anew."""
        self.nurture_until = self.engagement_when_nurtured = None
        self.taken_up_at = at

    @transition(
        state,
        source=[LeadState.WORKING, LeadState.NURTURING],
        target=LeadState.QUALIFIED,
        permission="leads.qualify",
        conditions=[is_understood, has_a_need],
        label=pgettext_lazy("lead", "Qualify"),
        event=LeadQualified,
        icon="badge-check",
        primary=True,
    )
    def qualify(self, *, at: datetime) -> None:
        """Worth a salesperson's time: most of budget, authority, need and time frame is known, and there is a need."""
        self.qualified_at = self.qualified_at or at
        self.nurture_until = self.engagement_when_nurtured = None

    @transition(
        state,
        source=LeadState.QUALIFIED,
        target=LeadState.CONVERTED,
        permission="leads.convert",
        label=_("Convert"),
        inputs=CONVERT,
        event=LeadConverted,
        icon="arrow-right-circle",
        primary=True,
    )
    def convert(self, *, customer: Customer, at: datetime, contact: Contact | None = None) -> None:
        """The lead has become a customer with an opportunity. This only records it; who makes them tells which they are."""
        self._become(customer, contact, at)

    def _become(self, customer: Customer, contact: Contact | None, at: datetime) -> None:
        self.customer, self.contact, self.converted_at, self.closed_at = customer, contact, at, at

    @transition(
        state,
        source=LeadState.WORKING,
        target=LeadState.CONVERTED,
        permission="leads.convert_fast",
        label=_("Convert at once"),
        inputs=CONVERT,
        event=LeadConverted,
        icon="arrow-right-circle",
    )
    def convert_fast(self, *, customer: Customer, at: datetime, contact: Contact | None = None) -> None:
        """The same without qualifying first, for who may: the deal is clear enough."""
        self.qualified_at = self.qualified_at or at
        self._become(customer, contact, at)

    @transition(
        state,
        source=[LeadState.WORKING, LeadState.QUALIFIED],
        target=LeadState.CONVERTED,
        permission="leads.convert",
        conditions=[is_sold_to_directly],
        label=_("Convert to an order"),
        inputs=CONVERT_TO_ORDER,
        event=LeadConverted,
        icon="shopping-cart",
    )
    def convert_to_order(self, *, customer: Customer, at: datetime, contact: Contact | None = None) -> None:
        """The lead has become a customer with an order, where nothing lies between. This only records it, as converting does."""
        self._become(customer, contact, at)

    @transition(
        state,
        source=list(LeadState.open()),
        target=LeadState.DISQUALIFIED,
        permission="leads.disqualify",
        label=_("Disqualify"),
        inputs=DISQUALIFY,
        event=LeadDisqualified,
        icon="ban",
        danger=True,
    )
    def disqualify(self, *, reason: CloseReason, at: datetime) -> None:
        """Not one for us, and why."""
        if reason.kind != CloseReason.Kind.DISQUALIFY:
            raise Refusal(_("Choose a reason that is meant for leads."), code="invalid_input", field="reason")
        self.close_reason, self.closed_at = reason, at

    @transition(
        state,
        source=LeadState.DISQUALIFIED,
        target=django_fsm.GET_STATE(
            lambda self, **_inputs: LeadState.WORKING if self.owner_id else LeadState.NEW, states=[LeadState.WORKING, LeadState.NEW]
        ),
        permission="leads.reopen",
        conditions=[was_closed_lately],
        label=_("Reopen"),
        icon="rotate-ccw",
    )
    def reopen(self, *, at: datetime) -> None:
        """They came back, or we were wrong. The pool's clock starts anew."""
        self.closed_at = self.close_reason = None
        self.taken_up_at = at

    @transition(
        state,
        source=list(LeadState.open()),
        target=LeadState.MERGED,
        permission="leads.merge",
        label=_("Merge into another lead"),
        inputs=MERGE,
        icon="merge",
        danger=True,
    )
    def merge(self, *, survivor: "Lead", at: datetime) -> None:
        """The same one twice: what we know goes on with the survivor, and this lead leaves all counts."""
        self.merged_into, self.closed_at = survivor, at

    @transition(
        state,
        source=LeadState.MERGED,
        target=django_fsm.GET_STATE(lambda self, *, state_before, **_inputs: state_before, states=list(LeadState.open())),
        permission="leads.merge",
        label=_("Take the merge back"),
        icon="undo-2",
    )
    def unmerge(self, *, state_before: str) -> None:
        """They were two after all; nothing has been built on the merge yet."""
        self.merged_into = self.closed_at = None

    @transition(
        state,
        source=[LeadState.ASSIGNED, LeadState.WORKING, LeadState.NURTURING],
        target=LeadState.NEW,
        permission="leads.return_to_pool",
        label=_("Return to the pool"),
        inputs=RETURN_TO_POOL,
        event=LeadReturned,
        icon="undo-2",
    )
    def return_to_pool(self, *, pool: PublicPool | None = None) -> None:
        """Nobody is responsible any more, and the members of the pool may claim it."""
        self.owner = self.team = self.assigned_at = self.first_response_due_at = self.nurture_until = self.protected_until = None
        self.engagement_when_nurtured, self.pool = None, pool or self.pool

    @transition(
        state,
        source=[LeadState.ASSIGNED, LeadState.WORKING, LeadState.QUALIFIED],
        target=None,
        permission="leads.protect",
        conditions=[is_not_protected],
        label=_("Protect"),
        inputs=PROTECT,
        icon="shield",
    )
    def protect(self, *, until: date) -> None:
        """It stays with its owner for a while, whatever the pool's rules say."""
        self.protected_until = until

    @transition(
        state,
        source=[LeadState.ASSIGNED, LeadState.WORKING, LeadState.QUALIFIED],
        target=None,
        permission="leads.protect",
        conditions=[is_protected],
        label=_("End the protection"),
        icon="shield-off",
    )
    def unprotect(self) -> None:
        """The pool's rules apply again."""
        self.protected_until = None
