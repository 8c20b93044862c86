"""Leads going from hand to hand: what an assignment, a claim and a return to the pool check and leave behind."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.models import Lead, LeadAssignment
from leads.models.choices import LeadState
from leads.pool import FIRST_RESPONSE_MINUTES, PoolRules, is_cooling_down
from ltc.calendars.business_days import add_business_minutes
from ltc.calendars.periods import day_of, local_day
from ltc.calendars.selectors import work_calendar, zone_of
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import Membership
from ltc.workflow.engine import carries_out

Method = LeadAssignment.Method
HELD = (LeadState.ASSIGNED, LeadState.WORKING, LeadState.NURTURING, LeadState.QUALIFIED)


@carries_out(Lead, "assign")
def assign_lead(lead: Lead, *, actor: Actor, at: datetime, owner: Membership, reason: str = "") -> dict[str, Any]:
    """Give a lead to a member who is active and has room for it, and say when a first answer is due."""
    if owner.state != Membership.State.ACTIVE:
        raise Refusal(_("%(name)s is not active. Choose someone else.") % {"name": owner.name}, code="invalid_input", field="owner")
    _check_room(owner, lead)
    method = Method.RULE if actor.kind == "system" else Method.TRANSFER if lead.owner_id else Method.MANUAL
    _note(lead, to=owner, method=method, reason=reason or "", at=at)
    return {"owner": owner, "due": first_response_due(lead, at=at)}


@carries_out(Lead, "claim")
def claim_lead(lead: Lead, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Take a lead out of the pool: so many a day, so many at once, and not one that was just given back."""
    if not isinstance(actor, Membership):
        raise Refusal(_("Only a person can claim a lead. Assign it instead."), code="invalid_input")
    member = (
        Membership.objects.select_for_update(of=("self",)).select_related("team").get(pk=actor.pk)
    )  # two claims at once count one after the other
    tenant, rules = Tenant.objects.get(pk=current_tenant_id()), PoolRules()
    zone = zone_of(tenant)
    today = local_day(at, zone)
    since, until = day_of(today).instants(zone)
    claimed = LeadAssignment.objects.filter(to_member=member, method=Method.CLAIM, at__gte=since, at__lt=until).count()
    if claimed >= rules.daily_claim_limit:
        sentence = _("You have claimed %(count)s leads today, which is the limit. Work on these first.")
        raise Refusal(sentence % {"count": claimed}, code="claim_limit")
    _check_room(member, lead)
    given_back = LeadAssignment.objects.filter(lead=lead, from_member=member, method__in=[Method.RETURN, Method.RECLAIM])
    last = given_back.order_by("-at").values_list("at", flat=True).first()
    if is_cooling_down(local_day(last, zone) if last else None, today, rules):
        sentence = _("You gave this lead back less than %(days)s days ago. Leave it to someone else, or ask your manager.")
        raise Refusal(sentence % {"days": rules.cooldown_days}, code="cooldown")
    _note(lead, to=member, method=Method.CLAIM, at=at)
    return {"owner": member, "due": first_response_due(lead, at=at)}


@carries_out(Lead, "return_to_pool")
def return_lead(lead: Lead, *, actor: Actor, at: datetime, reason: str = "") -> dict[str, Any]:
    """Give a lead back; its owner cannot claim it again at once."""
    _note(lead, to=None, method=Method.RECLAIM if actor.kind == "system" else Method.RETURN, reason=reason or "", at=at)
    return {}


def first_response_due(lead: Lead, *, at: datetime) -> datetime | None:
    """By when a lead of this grade wants a first answer, in the tenant's working hours; None for the lowest grade."""
    minutes = FIRST_RESPONSE_MINUTES.get(lead.grade)
    if minutes is None:
        return None
    zone = zone_of(Tenant.objects.get(pk=current_tenant_id()))
    return add_business_minutes(work_calendar(), at, minutes, zone)


def _check_room(member: Membership, lead: Lead) -> None:
    if lead.owner_id == member.pk:
        return
    held = Lead.objects.filter(owner=member, state__in=HELD).count()
    if held >= member.capacity:
        sentence = _("%(name)s holds %(count)s leads, which is the limit.")
        raise Refusal(sentence % {"name": member.name, "count": held}, code="holding_cap")


def _note(lead: Lead, *, to: Membership | None, method: str, at: datetime, reason: str = "") -> None:
    LeadAssignment.objects.create(lead=lead, from_member_id=lead.owner_id, to_member=to, method=method, reason=reason[:200], at=at)
