"""Rules by which new leads find their owner."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.pools import PublicPool
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
from ltc.users.models import Membership, Team
from ltc.users.visibility import Visible


def words(label: Any) -> Any:
    return ArrayField(models.CharField(max_length=120), verbose_name=label, default=list, blank=True)


class DistributionRule(Visible, TenantRecord):
    """One rule of the ordered list: if a new lead fits, it goes to this person, this team in turn, or this pool.

    A lead fits if each condition that is filled in holds; of the words of one condition any may. A rule whose people are all away, full
    or gone is passed over.
    """

    permission_area = "pools"
    own_fields = ()
    open_to_reference = True

    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveIntegerField(_("position"), default=100)
    active = models.BooleanField(_("active"), default=True)
    regions = words(_("regions"))
    industries = words(_("industries"))
    products = words(_("products"))
    channels = words(_("sources"))
    score_min = models.PositiveSmallIntegerField(_("score from"), null=True, blank=True, validators=[MaxValueValidator(100)])
    score_max = models.PositiveSmallIntegerField(_("score up to"), null=True, blank=True, validators=[MaxValueValidator(100)])
    working_hours_only = models.BooleanField(_("only in working hours"), default=False)
    member = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person"))
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team, in turn"))
    pool = TenantForeignKey(PublicPool, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pool"))

    class Meta:
        verbose_name = _("distribution rule")
        verbose_name_plural = _("distribution rules")
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="distribution_rule_name_is_unique"),
            models.CheckConstraint(
                condition=models.Q(member__isnull=False, team__isnull=True, pool__isnull=True)
                | models.Q(member__isnull=True, team__isnull=False, pool__isnull=True)
                | models.Q(member__isnull=True, team__isnull=True, pool__isnull=False),
                name="distribution_rule_has_one_target",
                violation_error_message=_("Choose one of person, team and pool."),
            ),
            models.CheckConstraint(
                condition=models.Q(score_min__isnull=True)
                | models.Q(score_max__isnull=True)
                | models.Q(score_min__lte=models.F("score_max")),
                name="distribution_rule_scores_are_a_range",
                violation_error_message=_("The lower score cannot be above the upper one."),
            ),
        ]
        indexes = [models.Index(fields=["tenant", "position", "id"], name="distribution_rules_in_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> Any:
        return self.member or self.team or self.pool

    def fits(self, lead: Any) -> bool:
        """Whether a lead fulfils all conditions."""
        spoken = ((self.regions, lead.region), (self.industries, lead.industry), (self.products, lead.product_interest))
        if any(wanted and not _has_any(wanted, text) for wanted, text in spoken):
            return False
        if self.channels and lead.channel.code not in self.channels:
            return False
        score = Decimal(lead.score)
        return (self.score_min is None or score >= self.score_min) and (self.score_max is None or score <= self.score_max)


def _has_any(wanted: list[str], text: str) -> bool:
    folded = text.casefold()
    return any(word.casefold() in folded for word in wanted)


class DistributionTurn(TenantModel):
    """Whose turn it is in a rule's team; locked while somebody is chosen, so that two leads at once do not go to the same one."""

    change_logged = False

    rule = TenantForeignKey(DistributionRule, models.CASCADE, related_name="turns")
    standing = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "rule"], name="one_turn_per_distribution_rule")]

    def __str__(self) -> str:
        return f"turn of {self.rule}"
