from datetime import date
from typing import Any

import django_fsm
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.calendars.selectors import today
from ltc.money.fields import CurrencyField
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.events import DunningEscalated
from receivables.models.invoices import is_same_person, require_person

LONGEST_PAUSE_OF_FINANCE = 30


class DunningCase(StatefulModel):
    """All that one customer owes in one currency, as far as reminders go; also what a planner locks.

    It exists from the first invoice on and is idle until an item reaches level 3.
    """

    permission_area = "receivables"
    visible_through = "customer__"

    class State(models.TextChoices):
        IDLE = "idle", _("Idle")
        ACTIVE = "active", pgettext_lazy("dunning case", "Active")
        PROMISE = "promise", _("Promised")
        PAUSED = "paused", _("Paused")
        ESCALATED = "escalated", _("Escalated")
        LEGAL = "legal", _("Legal steps")

    RUNNING = (State.IDLE, State.ACTIVE, State.PROMISE, State.ESCALATED)

    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="dunning_cases", verbose_name=_("Customer"))
    currency = CurrencyField(_("Currency"))
    state = StateField(_("State"), choices=State, default=State.IDLE)
    state_before_pause = models.CharField(max_length=30, blank=True, editable=False)
    paused_on = models.DateField(_("Paused on"), null=True, blank=True, editable=False)
    paused_until = models.DateField(_("Paused until"), null=True, blank=True, editable=False)
    pause_reason = models.CharField(_("Reason"), max_length=300, blank=True, editable=False)
    last_reminded_on = models.DateField(_("Reminded on"), null=True, blank=True, editable=False)
    legal_proposed_by = models.UUIDField(null=True, blank=True, editable=False)
    legal_reason = models.CharField(_("Why legal steps"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("Reminder case")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "customer", "currency"], name="one_dunning_case_per_customer_and_currency"),
            models.CheckConstraint(
                condition=Q(state="paused", paused_until__isnull=False) | (~Q(state="paused") & Q(paused_until__isnull=True)),
                name="a_pause_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.currency}"

    @guard(_("Propose the legal steps first."))
    def is_proposed(self) -> bool:
        return self.legal_proposed_by is not None

    @guard(_("Legal steps are proposed already."))
    def is_not_proposed(self) -> bool:
        return self.legal_proposed_by is None

    @guard(_("Send the last notice first, or refuse it."))
    def had_the_last_notice(self) -> bool:
        return self.last_notice_is_used()

    def last_notice_is_used(self) -> bool:
        """Whether the highest level of the policy was sent or given up for an open item."""
        return bool(self.notices.filter(level__gte=7, state__in=["done", "cancelled"]).exists())

    @transition(state, source=State.IDLE, target=State.ACTIVE, permission="receivables.remind", label=_("Activate"), automatic=True)
    def activate(self) -> None:
        """An item has reached level 3."""

    @transition(
        state, source=[State.IDLE, State.ACTIVE, State.PROMISE, State.ESCALATED], target=State.PAUSED,
        permission="receivables.pause_reminders", label=_("Pause reminders"), icon="pause",
        inputs=[
            Input("until", _("Until"), InputKind.DATE, help=_("Finance may pause for 30 days, a sales manager for longer.")),
            Input("reason", _("Reason"), max_length=300),
        ],
    )  # fmt: skip
    def pause(self, *, actor: Any, at: Any, until: date, reason: str) -> None:
        """No reminders up to and including this day; levels that fall due meanwhile are not lost."""
        on = today(self.tenant, at=at)
        longest = 366 if getattr(actor, "role", "") == "mgr" else LONGEST_PAUSE_OF_FINANCE
        if not 0 <= (until - on).days <= longest:
            raise Refusal(_("Choose a day within the next %(days)s days.") % {"days": longest}, code="out_of_range", field="until")
        self.state_before_pause, self.paused_on, self.paused_until, self.pause_reason = self.state, on, until, reason

    @transition(
        state, source=State.PAUSED,
        target=django_fsm.GET_STATE(lambda self, **_inputs: self.state_before_pause or "idle", states=list(RUNNING)),
        permission="receivables.pause_reminders", label=_("Resume reminders"), icon="play",
    )  # fmt: skip
    def resume(self) -> None:
        """Reminders go on where they stood."""
        self.paused_on, self.paused_until, self.pause_reason = None, None, ""

    @transition(
        state, source=State.ACTIVE, target=State.PROMISE, permission="receivables.remind", label=_("Wait for the promise"), automatic=True
    )
    def wait_for_promise(self) -> None:
        """Everything overdue is promised."""

    @transition(
        state, source=State.PROMISE, target=State.ACTIVE, permission="receivables.remind", label=_("Back to reminding"), automatic=True
    )
    def go_back(self) -> None:
        """A promise was broken, or something else fell due."""

    @transition(
        state, source=State.ACTIVE, target=State.ESCALATED, permission="receivables.remind", label=_("Escalate"), automatic=True,
        event=DunningEscalated,
    )  # fmt: skip
    def escalate(self) -> None:
        """An item has reached the formal notice."""

    @transition(
        state, source=State.ESCALATED, target=None, conditions=[is_not_proposed, had_the_last_notice],
        permission="receivables.propose_legal", label=_("Propose legal steps"), icon="scale",
        danger=True, inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def propose_legal(self, *, actor: Any, reason: str) -> None:
        """Finance sees no other way. A sales manager has to agree."""
        self.legal_proposed_by, self.legal_reason = actor.pk, reason

    @transition(
        state, source=State.ESCALATED, target=State.LEGAL, conditions=[is_proposed, had_the_last_notice],
        permission="receivables.approve_legal", label=_("Agree to legal steps"), icon="gavel", danger=True,
        confirm=_("From now on no reminder goes out; the lawyers write."),
    )  # fmt: skip
    def to_legal(self, *, actor: Any) -> None:
        """The lawyers have it: we send nothing more."""
        require_person(actor)
        if is_same_person(actor, self.legal_proposed_by):
            raise Forbidden(_("You proposed this yourself. A sales manager has to agree."), code="same_person")

    @transition(
        state, source=[State.ACTIVE, State.PROMISE, State.ESCALATED, State.LEGAL], target=State.IDLE, permission="receivables.remind",
        label=_("Close"), automatic=True,
    )  # fmt: skip
    def close(self) -> None:
        """Nothing is overdue any more."""
        self.legal_proposed_by, self.legal_reason = None, ""

    @classmethod
    def join_into(cls, *, customer: Any, survivor: Any) -> None:
        """Two customers become one: where both have a case in a currency, the survivor's goes on and takes over the other's notices."""
        kept = {case.currency: case for case in cls.objects.filter(customer=survivor).select_for_update(of=("self",))}
        for case in cls.objects.filter(customer=customer).select_for_update(of=("self",)):
            stays = kept.get(case.currency)
            if stays is None:
                cls.objects.filter(pk=case.pk).update(customer=survivor)
                continue
            for notice in case.notices.all():  # its own scope, so that two reminders of one day do not meet
                scope = notice.scope_key if notice.scope_key != notice.WHOLE else str(case.pk)
                type(notice).objects.filter(pk=notice.pk).update(case=stays, scope_key=scope)
            days = [day for day in (stays.last_reminded_on, case.last_reminded_on) if day]
            cls.objects.filter(pk=stays.pk).update(last_reminded_on=max(days, default=None), updated_at=timezone.now())
