from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import Lead
from ltc.calendars.selectors import today
from ltc.customers import services as customers
from ltc.customers.models import Contact, Customer
from ltc.events.bus import publish
from ltc.money.amounts import quantise
from ltc.money.errors import FxRateMissing
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, perform
from opportunities.events import OpportunityCreated
from opportunities.models import Opportunity, OpportunityLine
from opportunities.pricing import complete, price

EDITABLE = frozenset(
    {
        *("name", "primary_contact", "type", "amount", "currency", "close_date", "probability", "forecast_category"),
        *("ar", "sr", "fr", "next_step", "next_step_on", "source_system", "external_ref"),
    }
)
GIVEN_AT_START = frozenset({"team", "channel", "lead", "touch_ends"})
LINE_FIELDS = frozenset({"product", "description", "qty", "unit_price", "discount_rate", "tax_code"})
USUAL_CYCLE = timedelta(days=60)


@transaction.atomic
def create_opportunity(
    *,
    actor: Actor,
    customer: Customer,
    name: str,
    owner: Membership | None = None,
    at: datetime | None = None,
    lines: Sequence[dict[str, Any]] = (),
    **fields: Any,
) -> Opportunity:
    """Open a deal with a customer, in the first stage.

    The owner is the actor unless named. With `lines` the amount is their total. Without a close date it is expected in 60 days.
    Raises Refusal, ValidationError, Forbidden.
    """
    _refuse_unless(actor.has_perm("opportunities.add"))
    if customer.state in (Customer.State.BLACKLISTED, Customer.State.MERGED):
        raise Refusal(_("There is no new business with this customer. Choose another one."), code="customer_closed", field="customer")
    at = at or timezone.now()
    tenant = Tenant.objects.get(pk=current_tenant_id())
    owner = owner or (actor if isinstance(actor, Membership) else customer.owner)
    if owner is None:
        raise Refusal(_("Name the owner of the opportunity."), code="owner_required", field="owner")
    if isinstance(actor, Membership) and owner.pk != actor.pk and not actor.has_perm("opportunities.assign"):
        raise Forbidden(_("You may not give opportunities to others. Leave yourself as the owner."), field="owner")
    opportunity = Opportunity(customer=customer, name=name, owner=owner, **_only(EDITABLE | GIVEN_AT_START, fields))
    opportunity.team = opportunity.team or owner.team
    opportunity.currency = opportunity.currency or customer.currency_default or tenant.base_currency
    opportunity.close_date = opportunity.close_date or today(tenant, at=at) + USUAL_CYCLE
    opportunity.stage_entered_at = at
    opportunity.number = next_number("opportunity", on=today(tenant, at=at), gap_free=False)
    _value(opportunity, tenant, today(tenant, at=at))
    _check(opportunity)
    opportunity.save()
    if lines:
        _write_lines(opportunity, lines)
        _value(opportunity, tenant, today(tenant, at=at))
        opportunity.save(update_fields=["amount", "fx_rate", "amount_base"])
    record(opportunity, kind=Entry.Kind.SYSTEM, name="created", to_state=opportunity.stage, actor=actor, at=at, data=_worth(opportunity))
    publish(OpportunityCreated(record=opportunity.pk, at=at, actor=actor))
    return opportunity


@transaction.atomic
def update_opportunity(
    opportunity: Opportunity,
    *,
    actor: Actor,
    version: int | None = None,
    lines: Sequence[dict[str, Any]] | None = None,
    **changes: Any,
) -> Opportunity:
    """Change what is known of a deal that is not closed. `lines`, if given, replace all lines, and the amount becomes their total.

    `version` is the one that the caller saw. Raises StaleVersion, Refusal, ValidationError, Forbidden.
    """
    locked = Opportunity.objects.select_for_update(of=("self",)).get(pk=opportunity.pk)
    _refuse_unless(actor.has_perm("opportunities.change", locked))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this opportunity while you had it open. Reload it and try again."))
    if locked.is_closed:
        raise TransitionRefused(_("A closed opportunity is not changed. Reopen it first."))
    amount, currency, worth = locked.amount, locked.currency, _worth(locked)
    for name, value in _only(EDITABLE, changes).items():
        setattr(locked, name, value)
    if lines is not None:
        _write_lines(locked, lines)
    elif (locked.amount, locked.currency) != (amount, currency) and locked.lines.exists():
        raise Refusal(_("The amount is the total of the lines. Change the lines."), code="amount_from_lines", field="amount")
    tenant = Tenant.objects.get(pk=current_tenant_id())
    _value(locked, tenant, today(tenant, at=timezone.now()))
    _check(locked)
    locked.save()
    if _worth(locked) != worth:
        record(locked, kind=Entry.Kind.SYSTEM, name="changed", actor=actor, at=timezone.now(), data=_worth(locked))
    return locked


def convert_lead(
    lead: Lead,
    *,
    actor: Actor,
    at: datetime,
    name: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    close_date: date | None = None,
    customer: Customer | None = None,
    create_customer: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Make a customer, a contact and an opportunity of a lead; the deal keeps the lead's channel and owner.

    `customer` is an existing one. Without it a new one is made; if the books have one that seems to be the same, DuplicateCustomer is
    raised, and the caller decides: that customer, or `create_customer` to say that this is another one.
    """
    customer = customer or customer_of(lead, actor=actor, at=at, despite_duplicates=create_customer)
    contact = contact_of(lead, customer, actor=actor)
    customers.remember_touches(customer, lead.touch_ends)
    opportunity = create_opportunity(
        actor=actor,
        at=at,
        customer=customer,
        primary_contact=contact,
        lead=lead,
        channel=lead.channel,
        touch_ends=lead.touch_ends,
        name=name or lead.title or customer.name,
        owner=lead.owner,
        team=lead.team,
        amount=amount if amount is not None else lead.est_amount or Decimal(0),
        currency=currency or lead.currency or "",
        close_date=close_date,
        **fields,
    )
    data = {"lead": str(lead.pk)}
    record(opportunity, kind=Entry.Kind.SYSTEM, name="from_lead", actor=actor, at=at, data=data)
    return {"customer": customer, "contact": contact}


def freeze_value(opportunity: Opportunity, *, actor: Actor, at: datetime, **inputs: Any) -> dict[str, Any]:
    """The exchange rate of the day of closing and the amount at it, for good. Raises FxRateMissing."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    rate = exchange_rate(from_currency=opportunity.currency, to_currency=tenant.base_currency, on=today(tenant, at=at)).rate
    return {**inputs, "fx_rate": rate, "amount_base": convert(opportunity.amount, rate, to_currency=tenant.base_currency)}


def freeze_value_if_known(opportunity: Opportunity, *, actor: Actor, at: datetime, **inputs: Any) -> dict[str, Any]:
    """As `freeze_value`; a deal that is given up keeps the last rate if there is none of that day."""
    try:
        return freeze_value(opportunity, actor=actor, at=at, **inputs)
    except FxRateMissing:
        return inputs


@transaction.atomic
def resume_due(*, on: date, at: datetime) -> int:
    """Resume the deals that were suspended until this day or before; how many."""
    due = Opportunity.objects.filter(state=Opportunity.State.SUSPENDED, suspended_until__lte=on).order_by("pk")
    for opportunity in due:
        perform(opportunity, "resume", actor=SYSTEM, at=at)
    return len(due)


@transaction.atomic
def note_activity(opportunity_id: Any, *, at: datetime) -> None:
    """Someone did something for a deal: it is not idle."""
    Opportunity.objects.filter(pk=opportunity_id).exclude(last_activity_at__gte=at).update(last_activity_at=at)


def customer_of(lead: Lead, *, actor: Actor, at: datetime, despite_duplicates: bool) -> Customer:
    """A new customer made of a lead, its person included. Raises DuplicateCustomer, which says what to decide."""
    person = not lead.company_name
    try:
        return customers.create_customer(
            actor=actor,
            at=at,
            despite_duplicates=despite_duplicates,
            contacts=[_person(lead)] if _person(lead) else [],
            name=lead.company_name or lead.contact_name or lead.title,
            kind=Customer.Kind.PERSON if person else Customer.Kind.COMPANY,
            industry=lead.industry[:60],
            size_employees=lead.size_employees,
            region=lead.region,
            owner=lead.owner,
            team=lead.team,
            source_channel_code=lead.channel.code,
            origin="lead",
        )
    except customers.DuplicateCustomer as refusal:
        remedy = _("Choose the existing customer, or say that this is another one.")
        refusal.message, refusal.field = f"{refusal.message} {remedy}", "customer"
        raise


def contact_of(lead: Lead, customer: Customer, *, actor: Actor) -> Contact | None:
    """The lead's person at the customer: the one who is there already, or a new one."""
    fields = _person(lead)
    if not fields:
        return customer.contacts.first()
    for key in ("email", "phone"):
        if fields[key] and (known := customer.contacts.filter(**{key: fields[key]}).first()):
            return known
    return customer.contacts.filter(name=fields["name"]).first() or customers.add_contact(customer, actor=actor, **fields)


def _person(lead: Lead) -> dict[str, Any]:
    """What is known of the lead's person, as fields of a contact; empty if there is nobody."""
    name = lead.contact_name or lead.email or lead.phone
    if not name:
        return {}
    seniority = lead.seniority if lead.seniority in Contact.Seniority.values else Contact.Seniority.OTHER
    return {"name": name, "email": lead.email.strip().lower(), "phone": lead.phone, "seniority": seniority}


def _write_lines(opportunity: Opportunity, lines: Sequence[dict[str, Any]]) -> None:
    """Replace the lines and set the amount to their total."""
    opportunity.lines.all().delete()
    drafts = [
        OpportunityLine(opportunity=opportunity, line_no=number, **complete(line, allowed=LINE_FIELDS, currency=opportunity.currency))
        for number, line in enumerate(lines, start=1)
    ]
    opportunity.amount = price(drafts, currency=opportunity.currency).gross
    for draft in drafts:
        draft.full_clean(exclude=["opportunity"])
    OpportunityLine.objects.bulk_create(drafts)


def _value(opportunity: Opportunity, tenant: Tenant, on: date) -> None:
    """What the deal is worth today in the base currency; unknown while no rate is."""
    try:
        rate = exchange_rate(from_currency=opportunity.currency, to_currency=tenant.base_currency, on=on).rate
    except FxRateMissing:
        opportunity.fx_rate = opportunity.amount_base = None
        return
    opportunity.fx_rate, opportunity.amount_base = rate, convert(opportunity.amount, rate, to_currency=tenant.base_currency)


def _worth(opportunity: Opportunity) -> dict[str, Any]:
    """What the history keeps of a deal's value, so that any past day can be told."""
    money = {name: getattr(opportunity, name) for name in ("amount", "fx_rate", "amount_base", "probability")}
    return {
        **{name: None if value is None else f"{value:f}" for name, value in money.items()},
        "currency": opportunity.currency,
        "close_date": opportunity.close_date.isoformat(),
        "forecast_category": opportunity.forecast_category,
        "owner": str(opportunity.owner_id),
        "team": str(opportunity.team_id) if opportunity.team_id else None,
    }


def _check(opportunity: Opportunity) -> None:
    opportunity.amount = quantise(opportunity.amount, opportunity.currency)
    contact = opportunity.primary_contact
    if contact is not None and contact.customer_id != opportunity.customer_id:
        raise ValidationError({"primary_contact": _("Choose a contact of this customer.")})
    opportunity.full_clean()


def _only(allowed: frozenset[str], fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - allowed:
        raise TypeError(f"An opportunity's {', '.join(sorted(unknown))} cannot be set: name fields of {sorted(allowed)}.")
    return {
        name: value for name, value in fields.items() if value is not None or name in ("primary_contact", "ar", "sr", "fr", "next_step_on")
    }


def _refuse_unless(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("You may not change this opportunity. Ask its owner or your manager."))
