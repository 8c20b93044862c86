"""Leads and customers going from hand to hand: what an assignment, a claim and a return to the pool check and leave behind."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from leads.models import CustomerAssignment, Lead, LeadAssignment
from leads.models.choices import LeadState
from leads.pool import FIRST_RESPONSE_MINUTES, PoolRules, is_cooling_down
from leads.pools import PoolBook
from ltc.calendars.business_days import add_business_minutes
from ltc.calendars.periods import day_of, local_day
from ltc.calendars.selectors import today, work_calendar, zone_of
from ltc.customers.models import Customer
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import Membership
from ltc.workflow.engine import carries_out

Method = LeadAssignment.Method
HELD = (LeadState.ASSIGNED, LeadState.WORKING, LeadState.NURTURING, LeadState.QUALIFIED)
HELD_CUSTOMERS = (Customer.State.PROSPECT, Customer.State.ACTIVE, Customer.State.DORMANT)


@carries_out(Lead, "assign")
def assign_lead(lead: Lead, *, actor: Actor, at: datetime, owner: Membership, reason: str = "", method: str = "") -> dict[str, Any]:
    """Give a lead to a member who is active and has room for it, and say when a first answer is due."""
    if owner.state != Membership.State.ACTIVE:
        raise Refusal(_("%(name)s is not active. Choose someone else.") % {"name": owner.name}, code="invalid_input", field="owner")
    owner = _locked(owner)
    _check_room(owner, lead, owner.capacity)
    usual = Method.RULE if actor.kind == "system" else Method.TRANSFER if lead.owner_id else Method.MANUAL
    _note(lead, to=owner, method=method or usual, reason=reason or "", at=at)
    return {"owner": owner, "due": first_response_due(lead, at=at)}


@carries_out(Lead, "claim")
def claim_lead(lead: Lead, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Take a lead out of the pool: so many a day, so many at once, and not one that was just given back."""
    member, rules = _claimer(actor), PoolBook().home(lead.pool_id).rules
    _check_claims(LeadAssignment.objects.filter(to_member=member, method=Method.CLAIM), rules, at)
    _check_room(member, lead, min(member.capacity, rules.holding_cap))
    given_back = LeadAssignment.objects.filter(lead=lead, from_member=member, method__in=[Method.RETURN, Method.RECLAIM])
    _check_cooldown(given_back, rules, at)
    _note(lead, to=member, method=Method.CLAIM, at=at)
    return {"owner": member, "due": first_response_due(lead, at=at)}


@carries_out(Lead, "return_to_pool")
def return_lead(lead: Lead, *, actor: Actor, at: datetime, reason: str = "") -> dict[str, Any]:
    """Give a lead back; its owner cannot claim it again at once."""
    _note(lead, to=None, method=Method.RECLAIM if actor.kind == "system" else Method.RETURN, reason=reason or "", at=at)
    book = PoolBook()
    return {"pool": book.stored(book.home(lead.pool_id, lead.owner))}


@carries_out(Customer, "claim")
def claim_customer(customer: Customer, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Take a customer out of the pool, by the rules of the claimer's pool."""
    member = _claimer(actor)
    rules = PoolBook().home(owner=member).rules
    _check_claims(CustomerAssignment.objects.filter(to_member=member, method=Method.CLAIM), rules, at)
    held = Customer.objects.filter(owner=member, state__in=HELD_CUSTOMERS).count()
    if held >= rules.customer_holding_cap:
        sentence = _("%(name)s holds %(count)s customers, which is the limit.")
        raise Refusal(sentence % {"name": member.name, "count": held}, code="holding_cap")
    given_back = CustomerAssignment.objects.filter(customer=customer, from_member=member, method__in=[Method.RETURN, Method.RECLAIM])
    _check_cooldown(given_back, rules, at)
    CustomerAssignment.objects.create(customer=customer, to_member=member, method=Method.CLAIM, at=at)
    return {"owner": member}


@carries_out(Customer, "to_pool")
def return_customer(customer: Customer, *, actor: Actor, at: datetime, reason: str = "") -> dict[str, Any]:
    """Give a customer back; its owner cannot claim it again at once."""
    method = Method.RECLAIM if actor.kind == "system" else Method.RETURN
    CustomerAssignment.objects.create(customer=customer, from_member_id=customer.owner_id, method=method, reason=reason[:200], at=at)
    return {}


@carries_out(Lead, "protect")
def protect_lead(lead: Lead, *, actor: Actor, at: datetime, until: date | None = None) -> dict[str, Any]:
    """Keep a lead from going back to the pool; so many at once, and for so many days."""
    return {"until": _protection(lead, lead.pool_id, at, until)}


@carries_out(Customer, "protect")
def protect_customer(customer: Customer, *, actor: Actor, at: datetime, until: date | None = None) -> dict[str, Any]:
    """The same for a customer; both count together."""
    return {"until": _protection(customer, None, at, until)}


def first_response_due(lead: Lead, *, at: datetime) -> datetime | None:
    """By when a lead of this grade wants a first answer, in the tenant's working hours; None for the lowest grade."""
    minutes = FIRST_RESPONSE_MINUTES.get(lead.grade)
    if minutes is None:
        return None
    zone = zone_of(Tenant.objects.get(pk=current_tenant_id()))
    return add_business_minutes(work_calendar(), at, minutes, zone)


def _claimer(actor: Actor) -> Membership:
    if not isinstance(actor, Membership):
        raise Refusal(_("Only a person can claim a lead. Assign it instead."), code="invalid_input")
    return _locked(actor)


def _locked(member: Membership) -> Membership:
    """A member's row, locked: two who give or take for one person at once count one after the other."""
    return Membership.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=member.pk)


def _check_claims(claims: Any, rules: PoolRules, at: datetime) -> None:
    zone = zone_of(Tenant.objects.get(pk=current_tenant_id()))
    since, until = day_of(local_day(at, zone)).instants(zone)
    claimed = claims.filter(at__gte=since, at__lt=until).count()
    if claimed >= rules.daily_claim_limit:
        sentence = _("You have claimed %(count)s leads today, which is the limit. Work on these first.")
        raise Refusal(sentence % {"count": claimed}, code="claim_limit")


def _check_cooldown(given_back: Any, rules: PoolRules, at: datetime) -> None:
    zone = zone_of(Tenant.objects.get(pk=current_tenant_id()))
    last = given_back.order_by("-at").values_list("at", flat=True).first()
    if is_cooling_down(local_day(last, zone) if last else None, local_day(at, zone), rules):
        sentence = _("You gave this lead back less than %(days)s days ago. Leave it to someone else, or ask your manager.")
        raise Refusal(sentence % {"days": rules.cooldown_days}, code="cooldown")


def _check_room(member: Membership, lead: Lead, cap: int) -> None:
    if lead.owner_id == member.pk:
        return
    held = Lead.objects.filter(owner=member, state__in=HELD).count()
    if held >= cap:
        sentence = _("%(name)s holds %(count)s leads, which is the limit.")
        raise Refusal(sentence % {"name": member.name, "count": held}, code="holding_cap")


def _protection(record: Any, pool: Any, at: datetime, until: date | None) -> date:
    owner = _locked(record.owner)
    rules, now = PoolBook().home(pool, owner).rules, today(Tenant.objects.get(pk=current_tenant_id()), at=at)
    latest = now + timedelta(days=rules.protect_days)
    until = until or latest
    if not now < until <= latest:
        sentence = _("Choose a date from tomorrow on and at most %(days)s days ahead.") % {"days": rules.protect_days}
        raise Refusal(sentence, code="invalid_input", field="until")
    protected = sum(model.objects.filter(owner=owner, protected_until__gte=now).count() for model in (Lead, Customer))
    if protected >= rules.protect_max:
        sentence = _("%(name)s has %(count)s protected records, which is the limit. End the protection of another one first.")
        raise Refusal(sentence % {"name": owner.name, "count": protected}, code="protect_limit")
    return until


def _note(lead: Lead, *, to: Membership | None, method: str, at: datetime, reason: str = "") -> None:
    LeadAssignment.objects.create(lead=lead, from_member_id=lead.owner_id, to_member=to, method=method, reason=reason[:200], at=at)
