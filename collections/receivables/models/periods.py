from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.tenancy.models import TenantModel
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.models.invoices import require_finance_approver


class Period(StatefulModel):
    """A month of the receivables ledger. Nothing is posted into a closed one; a month without a row is open."""

    permission_area = "ledger"
    own_fields = ()

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("period", "Open")
        CLOSED = "closed", pgettext_lazy("period", "Closed")

    month = models.DateField(_("First day"))
    state = StateField(_("State"), choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True, editable=False)
    closed_by = models.UUIDField(null=True, blank=True, editable=False)
    reopened_reason = models.CharField(_("Why reopened"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("Accounting period")
        verbose_name_plural = _("Accounting periods")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month"], name="one_period_per_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="a_period_begins_on_the_first"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @transition(
        state, source=State.OPEN, target=State.CLOSED, permission="ledger.close", label=_("Close"), icon="lock", primary=True,
        inputs=[
            Input("reviewed", _("The bank is imported and payers unknown are looked at"), InputKind.BOOLEAN, required=False),
        ],
        confirm=_("Nothing can be posted into this month after that."),
    )  # fmt: skip
    def close(self, *, actor: Any, at: datetime) -> None:
        """The month is done: the books agree and nothing more is posted into it."""
        self.closed_at, self.closed_by = at, actor.pk

    @transition(
        state, source=State.CLOSED, target=State.OPEN, permission="ledger.close", label=_("Reopen"), icon="lock-open", danger=True,
        inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def reopen(self, *, actor: Any, reason: str) -> None:
        """Something has to be corrected in it; a finance approver agrees."""
        require_finance_approver(actor, author=None)
        self.reopened_reason = reason


def first_of_month(on: date) -> date:
    return on.replace(day=1)


class IntegrityCheck(TenantModel):
    """One check of the books: what did not agree with what, nothing if all did. It repairs nothing."""

    permission_area = "ledger"
    append_only = True

    at = models.DateTimeField(_("Checked"))
    findings = models.JSONField(_("What does not agree"), default=list)

    class Meta:
        verbose_name = _("Check of the books")
        indexes = [models.Index(fields=["tenant", "-at"], name="integrity_check_newest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {len(self.findings)}"
