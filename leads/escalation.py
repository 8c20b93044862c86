"""Leads that nobody answers: their owner's manager gets a task, and the best ones another owner."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from leads.assignment import distribute, free_members
from leads.distribution import Method
from leads.events import LeadSlaBreached
from leads.models import Lead
from leads.models.choices import Grade, LeadState
from leads.pool import HOT_LEFT_ALONE_MINUTES
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.calendars.business_days import business_minutes_between
from ltc.calendars.periods import local_day
from ltc.calendars.selectors import work_calendar, zone_of
from ltc.events.bus import publish
from ltc.notifications.services import language_of
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.users.roles import Role
from ltc.workflow.engine import perform

MOST = 500


def manager_of(member: Membership) -> Membership | None:
    """Who answers for a member: the manager that they name, else a sales manager of their team or of the nearest one above."""
    if member.manager is not None and member.manager.state == Membership.State.ACTIVE:
        return member.manager
    if member.team is None:
        return None
    above = Membership.objects.filter(role=Role.MANAGER, state=Membership.State.ACTIVE, team__isnull=False).exclude(pk=member.pk)
    leading = [boss for boss in above.select_related("team") if boss.team is not None and member.team.path.startswith(boss.team.path)]
    return max(leading, key=lambda boss: (len(boss.team.path) if boss.team else 0, boss.name), default=None)


def tell_of_breaches(*, at: datetime) -> int:
    """Leads whose first answer is overdue are made known, once each: event, history, task to the owner's manager; how many there were."""
    overdue = Lead.objects.filter(
        state=LeadState.ASSIGNED, first_response_at__isnull=True, sla_breached_at__isnull=True, first_response_due_at__lt=at
    )
    locked = overdue.select_for_update(of=("self",), skip_locked=True).select_related("owner__team", "owner__manager")
    found = list(locked.order_by("pk")[:MOST])
    Lead.objects.filter(pk__in=[lead.pk for lead in found]).update(sla_breached_at=at)
    for lead in found:
        record(lead, kind=Entry.Kind.SYSTEM, name="sla_breached", actor=SYSTEM, at=at, data={"due": str(lead.first_response_due_at)})
        publish(LeadSlaBreached(record=lead.pk, at=at, actor=SYSTEM))
        if lead.owner is not None and (boss := manager_of(lead.owner)) is not None:
            _ask(boss, lead, lead.owner, at)
    return len(found)


def _ask(boss: Membership, lead: Lead, owner: Membership, at: datetime) -> None:
    with override(language_of(boss)):
        words = _("%(owner)s has not answered %(lead)s (grade %(grade)s) in time. Step in or give it to someone else.")
        text = words % {"owner": owner.name, "lead": lead, "grade": lead.grade}
    log_activity(lead, kind=Activity.Kind.TASK, actor=SYSTEM, result=text, due_at=at, assignee=boss)


def pass_on_the_hot(*, at: datetime) -> int:
    """Leads of the best grade without a first contact after 24 business hours go to another rep, by rule; how many did.

    Where no rule finds one it is the least loaded colleague in the team; where nobody is free the manager gets a task.
    """
    zone, calendar = zone_of(Tenant.objects.get(pk=current_tenant_id())), work_calendar()
    since = at - timedelta(minutes=HOT_LEFT_ALONE_MINUTES)
    waiting = Lead.objects.filter(state=LeadState.ASSIGNED, grade=Grade.A, first_response_at__isnull=True, assigned_at__lte=since)
    left_alone = [
        lead
        for lead in waiting.select_related("owner__team", "owner__manager", "channel").order_by("pk")
        if lead.assigned_at and business_minutes_between(calendar, lead.assigned_at, at, zone) >= HOT_LEFT_ALONE_MINUTES
    ]
    on = local_day(at, zone)
    return sum(_passed_on(lead, lead.owner, at, free_members(_colleagues(lead.owner), on=on)) for lead in left_alone if lead.owner)


def _colleagues(owner: Membership) -> Iterable[Membership]:
    return Membership.objects.filter(team=owner.team_id, role=Role.REP).exclude(pk=owner.pk)


def _passed_on(lead: Lead, owner: Membership, at: datetime, colleagues: Iterable[Membership]) -> bool:
    rule = distribute(lead, at=at, besides={owner.pk})
    if rule is not None:
        return True
    for colleague in colleagues:
        try:
            reason = _("No first contact in 24 business hours")
            perform(lead, "assign", actor=SYSTEM, at=at, owner=colleague, method=Method.RULE, reason=reason)
        except Refusal:
            continue
        return True
    if (boss := manager_of(owner)) is not None:
        _ask(boss, lead, owner, at)
    return False
