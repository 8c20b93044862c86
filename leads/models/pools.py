"""Public pools: records without an owner, who may claim them, by which rules."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.pool import PoolRules
from ltc.customers.models import Customer
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantLog, TenantModel, TenantRecord
from ltc.users.models import Membership, Team
from ltc.users.visibility import Visible

USUAL = PoolRules()
RULES = tuple(PoolRules.__dataclass_fields__)
LONGEST = 3650


def _rule(name: str, label: Any, *, least: int = 0, most: int = LONGEST) -> Any:
    validators = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveIntegerField(label, default=getattr(USUAL, name), validators=validators)


class PublicPool(Visible, TenantRecord):
    """A pool of records without an owner, its members and its rules. Records that name no pool are in the default one."""

    permission_area = "pools"
    own_fields = ()
    open_to_reference = True

    name = models.CharField(_("name"), max_length=120)
    active = models.BooleanField(_("active"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    open_to_all = models.BooleanField(_("open to everyone"), default=False)
    idle_days = _rule("idle_days", _("days without a touch"), least=1)
    no_progress_days = _rule("no_progress_days", _("days without progress"), least=1)
    warn_before_days = _rule("warn_before_days", _("days of warning"))
    daily_claim_limit = _rule("daily_claim_limit", _("claims a day"))
    holding_cap = _rule("holding_cap", _("leads at once"), most=1_000_000)
    customer_holding_cap = _rule("customer_holding_cap", _("customers at once"), most=1_000_000)
    cooldown_days = _rule("cooldown_days", _("days before the last owner may claim again"))
    protect_max = _rule("protect_max", _("protected records per person"), most=1_000_000)
    protect_days = _rule("protect_days", _("days of protection"), least=1)
    new_lead_grace_hours = _rule("new_lead_grace_hours", _("hours of grace for own new leads"))

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        ordering = ("-is_default", "name", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="pool_name_is_unique"),
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_default=True), name="one_default_pool"),
            models.CheckConstraint(condition=models.Q(is_default=False) | models.Q(active=True), name="the_default_pool_is_active"),
            models.CheckConstraint(
                condition=models.Q(warn_before_days__lte=models.F("idle_days")),
                name="pool_warns_within_its_idle_days",
                violation_error_message=_("The warning cannot come more days ahead than there are."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> PoolRules:
        """What the pool asks, as the pure rules take it."""
        return PoolRules(**{name: getattr(self, name) for name in RULES})

    @property
    def teams(self) -> list[Team]:
        return [row.team for row in self.members.all() if row.team is not None]

    @property
    def people(self) -> list[Membership]:
        return [row.member for row in self.members.all() if row.member is not None]


class PoolMember(TenantModel):
    """A team, with all below it, or one person, that may claim from a pool."""

    pool = TenantForeignKey(PublicPool, models.CASCADE, related_name="members")
    team = TenantForeignKey(Team, models.CASCADE, null=True, related_name="+")
    member = TenantForeignKey(Membership, models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=False, member__isnull=True) | models.Q(team__isnull=True, member__isnull=False),
                name="pool_member_is_a_team_or_a_person",
            ),
            models.UniqueConstraint(fields=["tenant", "pool", "team"], condition=models.Q(team__isnull=False), name="team_is_in_pool_once"),
            models.UniqueConstraint(
                fields=["tenant", "pool", "member"], condition=models.Q(member__isnull=False), name="person_is_in_pool_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.team or self.member)


class CustomerAssignment(TenantLog):
    """A customer was claimed from the pool, or went back to it."""

    class Method(models.TextChoices):
        CLAIM = "claim", _("Claimed")
        RECLAIM = "reclaim", _("Reclaimed")
        RETURN = "return", _("Returned")

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="assignments")
    from_member = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    to_member = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=7, choices=Method)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "to_member", "method", "at"], name="customer_claims_of_a_member"),
            models.Index(fields=["tenant", "customer", "-at"], name="customer_owners_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.method} at {self.at:%F %T}"


class PoolWarning(TenantLog):
    """An owner was told that a record goes back to the pool soon; once per record and day."""

    record = models.UUIDField()
    on = models.DateField()
    member = TenantForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "record", "on"], name="pool_warns_once_of_a_record_and_day")]

    def __str__(self) -> str:
        return f"{self.record} on {self.on}"


def closed_pools(actor: Any) -> frozenset[Any]:
    """The pools that an actor is no member of: asked once for each actor, by one query."""
    if not isinstance(actor, Membership):
        return frozenset()
    kept: frozenset[Any] | None = actor.__dict__.get("_closed_pools")
    if kept is None:
        path, teams = actor.team.path if actor.team is not None else "", actor.team_ids()
        guarded = PublicPool.objects.filter(open_to_all=False, is_default=False)
        rows = list(guarded.values_list("pk", "members__member", "members__team", "members__team__path"))
        mine = {pk for pk, member, team, above in rows if _is_meant(member, team, above, of=actor.pk, path=path, teams=teams)}
        kept = frozenset(pk for pk, *_row in rows) - mine
        actor.__dict__["_closed_pools"] = kept
    return kept


def is_open_to(pool: PublicPool, member: Any, path: str, teams: frozenset[Any] = frozenset()) -> bool:
    """Whether a person in the team of that path may claim from a pool; who leads a team may see what the team may claim."""
    if pool.open_to_all or pool.is_default:
        return True
    return any(
        _is_meant(row.member_id, row.team_id, row.team.path if row.team else None, of=member, path=path, teams=teams)
        for row in pool.members.all()
    )


def _is_meant(member: Any, team: Any, above: str | None, *, of: Any, path: str, teams: frozenset[Any]) -> bool:
    return member == of or (above is not None and (path.startswith(above) or team in teams))
