"""What selling is measured against: what people and teams are to win, and what the sales force costs."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership, Team
from ltc.users.visibility import Visible
from opportunities.periods import PERIOD_KEY


class Quota(Visible, TenantRecord):
    """What a person or a team is to win in a month, quarter or year, in the base currency."""

    permission_area = "quotas"
    own_fields = ("user",)
    team_fields = ("team", "user__team")

    user = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="quotas", verbose_name=_("Person"))
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="quotas", verbose_name=_("Team"))
    period = models.CharField(
        _("Period"),
        max_length=7,
        help_text=_("A year (2026), a quarter (2026-Q3) or a month (2026-07)."),
        validators=[RegexValidator(PERIOD_KEY, _("Give a year (2026), a quarter (2026-Q3) or a month (2026-07)."))],
    )
    starts_on = models.DateField(_("First day"), editable=False)
    ends_on = models.DateField(_("Last day"), editable=False)
    amount = AmountField(_("Amount"), help_text=_("In the base currency, tax included as in the deals."))

    class Meta:
        verbose_name = _("Quota")
        verbose_name_plural = _("Quotas")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user", "period"], name="one_quota_per_person_and_period",
                violation_error_message=_("There is a quota for this period already. Change that one."),
            ),
            models.UniqueConstraint(
                fields=["tenant", "team", "period"], name="one_quota_per_team_and_period",
                violation_error_message=_("There is a quota for this period already. Change that one."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, team__isnull=True) | Q(user__isnull=True, team__isnull=False),
                name="a_quota_is_of_a_person_or_a_team",
                violation_error_message=_("Name either a person or a team."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="quota_is_not_negative", violation_error_message=_("A quota is not negative.")
            ),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="quota_ends_after_it_starts"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["tenant", "starts_on", "ends_on"], name="quotas_in_time")]

    def __str__(self) -> str:
        return f"{self.user or self.team}: {self.period}"


class SalesCost(Visible, TenantRecord):
    """What the sales force cost on a day or up to it, in its own currency and in the tenant's, at the rate of that day."""

    permission_area = "costs"
    own_fields = ()

    cost_date = models.DateField(_("Date"))
    amount = AmountField(_("Amount"))
    currency = CurrencyField(_("Currency"))
    fx_rate = ExchangeRateField(_("Exchange rate"), default=1, editable=False)
    base_amount = AmountField(_("Amount in base currency"), editable=False)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Sales cost")
        verbose_name_plural = _("Sales costs")
        ordering = ["-cost_date", "-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0, base_amount__gte=0), name="sales_cost_is_not_negative")]
        indexes = [models.Index(fields=["tenant", "-cost_date", "-id"], name="sales_costs_by_day")]

    def __str__(self) -> str:
        return f"{self.cost_date}: {self.amount} {self.currency}"
