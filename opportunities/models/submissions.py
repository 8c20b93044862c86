"""What people say that they will win in a period."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership, Team
from ltc.users.visibility import Visible
from opportunities.periods import PERIOD_KEY


class ForecastSubmission(Visible, TenantRecord):
    """A person's forecast for a period, in the base currency: what is won and will be, as of the day on which it was handed in.

    Who thinks otherwise hands in another one; the one that a manager locks is what the forecast is measured by.
    """

    permission_area = "forecasts"
    own_fields = ("user",)

    user = TenantForeignKey(Membership, models.PROTECT, related_name="forecasts", verbose_name=_("Person"))
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Team"), editable=False)
    period = models.CharField(
        _("Period"),
        max_length=7,
        help_text=_("A year (2026), a quarter (2026-Q3) or a month (2026-07)."),
        validators=[RegexValidator(PERIOD_KEY, _("Give a year (2026), a quarter (2026-Q3) or a month (2026-07)."))],
    )
    starts_on = models.DateField(_("First day"), editable=False)
    ends_on = models.DateField(_("Last day"), editable=False)
    commit_amount = AmountField(_("Committed"), help_text=_("What you will win for certain, what is won already included."))
    best_case_amount = AmountField(_("Best case"), help_text=_("The same, if everything goes well."))
    note = models.CharField(_("Note"), max_length=500, blank=True)
    submitted_at = models.DateTimeField(_("Handed in"), editable=False)
    is_locked = models.BooleanField(_("Locked"), default=False, help_text=_("The forecast is measured by it and takes no other one."))

    class Meta:
        verbose_name = _("Forecast")
        verbose_name_plural = _("Forecasts")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "period", "user", "submitted_at"], name="one_forecast_per_person_and_instant"),
            models.UniqueConstraint(
                fields=["tenant", "period", "user"], condition=Q(is_locked=True), name="one_locked_forecast_per_person_and_period"
            ),
            models.CheckConstraint(
                condition=Q(commit_amount__gte=0, best_case_amount__gte=F("commit_amount")), name="best_case_is_at_least_what_is_committed",
                violation_error_message=_("The best case is at least what is committed."),
            ),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="forecast_period_ends_after_it_starts"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["tenant", "starts_on", "ends_on"], name="forecasts_in_time")]

    def __str__(self) -> str:
        return f"{self.user}: {self.period}"
