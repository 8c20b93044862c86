"""New leads find their owner by the tenant's ordered rules; who stands in them is kept here too."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.distribution import HELD, Method
from leads.models import DistributionRule, DistributionTurn, Lead
from leads.models.choices import LeadState
from leads.rescoring import score_leads
from leads.turns import next_turn
from ltc.calendars.business_days import add_business_minutes
from ltc.calendars.periods import local_day
from ltc.calendars.selectors import work_calendar, zone_of
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.users.roles import Role
from ltc.workflow.engine import perform

EDITABLE = frozenset(
    {
        *("name", "position", "active", "regions", "industries", "products", "channels", "score_min", "score_max"),
        *("working_hours_only", "member", "team", "pool"),
    }
)


@transaction.atomic
def create_rule(*, actor: Actor, **fields: Any) -> DistributionRule:
    """A new rule of the list. Raises Forbidden, Refusal."""
    if not actor.has_perm("pools.add"):
        raise Forbidden(_("You may not change the rules. Ask your administrator."))
    return _saved(DistributionRule(**fields))


@transaction.atomic
def update_rule(rule: DistributionRule, *, actor: Actor, **changes: Any) -> DistributionRule:
    """Change a rule, or its place in the list. Raises Forbidden, Refusal."""
    if not actor.has_perm("pools.change"):
        raise Forbidden(_("You may not change the rules. Ask your administrator."))
    locked = DistributionRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    for name, value in changes.items():
        setattr(locked, name, value)
    return _saved(locked)


def _saved(rule: DistributionRule) -> DistributionRule:
    try:
        rule.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refusal(messages[0], code="invalid_input", field="" if field == "__all__" else field) from error
    rule.save()
    return rule


def distribute(lead: Lead, *, at: datetime | None = None, besides: Collection[Any] = ()) -> DistributionRule | None:
    """Give a lead to whom the first rule says that fits and has somebody free; that rule, or None if the lead stays where it is.

    `besides` are members who do not get it.
    """
    at = at or timezone.now()
    rules = [rule for rule in _active_rules() if rule.fits(lead)]
    return next((rule for rule in rules if _carried_out(rule, lead, at, besides)), None)


def distribute_new(lead: Lead, *, at: datetime) -> None:
    """Score a lead that has just been captured, because rules look at the score, and distribute it. Nothing without rules."""
    if DistributionRule.objects.filter(active=True).exists():
        score_leads([lead], as_of=at)
        distribute(lead, at=at)


@transaction.atomic
def distribute_waiting(*, actor: Actor, most: int = 500) -> int:
    """Run the rules over the leads that wait in no pool of their own, the hottest first; how many found a place. Raises Forbidden."""
    if not actor.has_perm("pools.change"):
        raise Forbidden(_("You may not change the rules. Ask your administrator."))
    waiting = Lead.objects.filter(state=LeadState.NEW, owner__isnull=True, pool__isnull=True).select_related("channel")
    return sum(distribute(lead) is not None for lead in waiting.order_by("-score", "captured_at")[:most])


@transaction.atomic
def distribute_these(leads: Collection[Any]) -> int:
    """Run the rules over those of these leads that are new and have no owner, the hottest first; how many found a place."""
    waiting = Lead.objects.filter(pk__in=leads, state=LeadState.NEW, owner__isnull=True, pool__isnull=True).select_related("channel")
    return sum(distribute(lead) is not None for lead in waiting.order_by("-score", "captured_at", "id"))


def _active_rules() -> list[DistributionRule]:
    return list(DistributionRule.objects.filter(active=True).select_related("member", "team", "pool").order_by("position", "id"))


def _carried_out(rule: DistributionRule, lead: Lead, at: datetime, besides: Collection[Any]) -> bool:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    zone = zone_of(tenant)
    if rule.working_hours_only and add_business_minutes(work_calendar(), at, 0, zone) != at:
        return False
    if rule.pool is not None:
        Lead.objects.filter(pk=lead.pk).update(pool=rule.pool)
        lead.pool = rule.pool
        return lead.owner_id is None
    on = local_day(at, zone)
    if rule.team is not None:
        return _in_turn(rule, lead, at, on, besides)
    assert rule.member is not None
    free = free_members(Membership.objects.filter(pk=rule.member.pk), on=on, besides=besides)
    return bool(free) and _given(lead, free[0], rule, Method.RULE, at)


def _in_turn(rule: DistributionRule, lead: Lead, at: datetime, on: date, besides: Collection[Any]) -> bool:
    turn = _turn_of(rule)
    assert rule.team is not None
    team = Membership.objects.filter(team__path__startswith=rule.team.path, role=Role.REP)
    free = {str(member.pk): member for member in free_members(team, on=on, besides=besides)}
    chosen, standing = next_turn({pk: member.capacity for pk, member in free.items()}, turn.standing)
    if chosen is None or not _given(lead, free[chosen], rule, Method.ROUND_ROBIN, at):
        return False
    turn.standing = {pk: points for pk, points in standing.items() if points}
    turn.save(update_fields=["standing"])
    return True


def _turn_of(rule: DistributionRule) -> DistributionTurn:
    """The rule's pointer, its row locked until the transaction ends."""
    locked = DistributionTurn.objects.select_for_update(of=("self",))
    found = locked.filter(rule=rule).first()
    if found is None:
        DistributionTurn.objects.bulk_create([DistributionTurn(rule=rule)], ignore_conflicts=True)
        found = locked.get(rule=rule)
    return found


def free_members(members: Any, *, on: date, besides: Collection[Any] = ()) -> Sequence[Membership]:
    """Those who are active, at work on that day and hold less than they can, the least loaded first. One query."""
    away = Q(on_leave_from__lte=on) & (Q(on_leave_to__isnull=True) | Q(on_leave_to__gte=on))
    held = Count("leads", filter=Q(leads__state__in=HELD))
    found = members.filter(state=Membership.State.ACTIVE).exclude(away).exclude(pk__in=list(besides)).annotate(held=held)
    return [member for member in found.select_related("team").order_by("held", "name", "pk") if member.held < member.capacity]


def _given(lead: Lead, owner: Membership, rule: DistributionRule, method: str, at: datetime) -> bool:
    try:
        with transaction.atomic():
            perform(lead, "assign", actor=SYSTEM, at=at, owner=owner, method=method, reason=rule.name)
    except (Refusal, IntegrityError):
        return False
    return True
