"""What is done with leads beside their transitions: capturing them, correcting them, and noting what they do."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.assignment import distribute_new
from leads.events import LeadCaptured
from leads.masking import CONTACT_FIELDS
from leads.models import Campaign, Channel, Lead, LeadEvent, LeadTouch, NurtureSequence
from leads.selectors import Likeness, possible_duplicates
from leads.touches import completed, ends_of
from leads.waiting import rescore_soon
from ltc.automation.services import checked
from ltc.calendars.periods import local_day
from ltc.calendars.selectors import zone_of
from ltc.customers.contact_points import NotAnEmailAddress, NotAPhoneNumber, normalise_email, normalise_phone
from ltc.customers.masking import looks_masked
from ltc.events.bus import publish
from ltc.events.outbox import enqueue
from ltc.money.amounts import quantise
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import perform

DESCRIPTIVE = frozenset(
    {
        *("title", "company_name", "contact_name", "phone", "email", "wecom", "campaign", "source_detail", "region", "industry"),
        *("industry_match", "size_employees", "seniority", "budget", "authority", "need", "need_level", "timeline"),
        *("product_interest", "est_amount", "currency", "attributes", "consent_marketing"),
    }
)
EDITABLE = DESCRIPTIVE | {"channel"}
# A closed lead that does one of these is open again.
COMES_BACK = frozenset({LeadEvent.Type.FORM_SUBMIT, LeadEvent.Type.QUOTE_REQUEST})
COUNTRIES_BY_CURRENCY = {
    "CNY": "CN",
    "HKD": "HK",
    "SGD": "SG",
    "USD": "US",
    "CAD": "CA",
    "GBP": "GB",
    "JPY": "JP",
    "KRW": "KR",
    "AUD": "AU",
}


class InvalidLead(Refusal):
    """What was said of a lead cannot be so."""

    code = "invalid_input"


class DuplicateLead(Refusal):
    """The same one is in the books already; says with which team, and nothing else of a record that the actor may not see."""

    code = "duplicate_lead"

    def __init__(self, found: Sequence[Likeness]) -> None:
        self.found, with_whom = tuple(found), found[0].with_whom
        told = _("This one exists already, with %(team)s. Ask to join or to take over.") % {"team": with_whom}
        super().__init__(told if with_whom else _("This one exists already and has no owner. Claim it."))


@transaction.atomic
def capture_lead(
    *,
    actor: Actor,
    channel: Channel,
    at: datetime | None = None,
    owner: Membership | None = None,
    source_system: str = "",
    external_ref: str = "",
    touch: Mapping[str, Any] | None = None,
    country: str = "",
    score_now: bool = True,
    despite_duplicates: bool = True,
    **fields: Any,
) -> Lead:
    """Someone who may want to buy has become known, on a channel, with a way to reach them.

    `at` is when they did (now, unless history is imported); `touch` may tell kind, url, utm and dedupe_key of the first touch; `country`
    completes a national telephone number. `despite_duplicates` off refuses what is in the books already. Without an owner the
    tenant's rules find one, or the lead waits in the pool. Raises Forbidden, InvalidLead.
    """
    if not actor.has_perm("leads.add"):
        raise Forbidden(_("You may not add leads. Ask your administrator."))
    if owner is not None and owner.pk != actor.pk and not actor.has_perm("leads.assign"):
        raise Forbidden(_("You may not give leads to others. Leave the owner empty, or take the lead yourself."))
    tenant, at = Tenant.objects.get(pk=current_tenant_id()), at or timezone.now()
    captured_by = actor if isinstance(actor, Membership) else None
    lead = Lead(channel=channel, captured_at=at, captured_by=captured_by, source_system=source_system, external_ref=external_ref)
    _describe(lead, fields, tenant=tenant, country=country)
    if not despite_duplicates:
        refuse_duplicates(lead, actor=actor)
    lead.number = next_number("lead", on=local_day(at, zone_of(tenant)), gap_free=False)
    _check(lead)
    met = LeadTouch(lead=lead, channel=channel, campaign=lead.campaign, **{"occurred_at": at, **completed(touch or {})})
    lead.touch_ends = ends_of(met, met)
    lead.save(force_insert=True)
    met.save(force_insert=True)
    record(lead, kind=Entry.Kind.TRANSITION, name="capture", to_state=lead.state, actor=actor, at=at, data={"channel": channel.code})
    publish(LeadCaptured(record=lead.pk, at=at, actor=actor))
    if score_now:
        rescore_soon(lead, delay=timedelta(0))
        if NurtureSequence.objects.filter(active=True, enrols_on="captured").exists():
            enqueue("leads.enrol", key=f"{lead.pk}:captured", payload={"lead": str(lead.pk), "news": "captured"})
    if owner is None and score_now:
        distribute_new(lead, at=at)
    if owner is not None:
        perform(lead, "assign", actor=actor if actor.has_perm("leads.assign", lead) else SYSTEM, at=at, owner=owner)
    return lead


@transaction.atomic
def update_lead(lead: Lead, *, actor: Actor, version: int | None = None, country: str = "", **changes: Any) -> Lead:
    """Correct what is known of a lead; states and owners have their own transitions.

    `version` is the one that the caller saw. Masked contact data that comes back unchanged is no change. Raises Forbidden,
    StaleVersion, InvalidLead.
    """
    locked = Lead.objects.select_for_update(of=("self",)).select_related("channel", "campaign").get(pk=lead.pk)
    if not actor.has_perm("leads.change", locked):
        raise Forbidden(_("You may not change this lead. Ask its owner or your manager."))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this lead while you had it open. Reload it and try again."))
    kept = {name: value for name, value in changes.items() if not (name in CONTACT_FIELDS and looks_masked(value))}
    if "channel" in kept:
        locked.channel = kept.pop("channel")
    _describe(locked, kept, tenant=Tenant.objects.get(pk=current_tenant_id()), country=country)
    _check(locked)
    locked.save()
    rescore_soon(locked)
    lead.__dict__.update(locked.__dict__)
    return lead


def upsert_lead(*, actor: Actor, source_system: str, external_ref: str, **fields: Any) -> tuple[Lead, bool]:
    """Capture the lead that another system knows by this reference, or correct it if we have it; the lead, and whether it is new."""
    if not (source_system and external_ref):
        raise InvalidLead(_("Name the source system and the lead's reference there."), field="external_ref")
    known = Lead.objects.filter(source_system=source_system, external_ref=external_ref).first()
    if known is None:
        return capture_lead(actor=actor, source_system=source_system, external_ref=external_ref, **fields), True
    if known.merged_into is not None:
        known = known.merged_into
    changes = {name: value for name, value in fields.items() if name in EDITABLE | {"country"}}
    return update_lead(known, actor=actor, **changes), False


@transaction.atomic
def record_event(
    lead: Lead, *, actor: Actor, type: str, source: str, dedupe_key: str, occurred_at: datetime | None = None, quantity: int = 1
) -> bool:
    """Note something that a lead did; whether it was news. The same event of the same source counts once."""
    if not actor.has_perm("leads.change", lead) and not actor.has_perm("leads.add"):
        raise Forbidden(_("You may not add to this lead. Ask its owner or your manager."))
    if type not in LeadEvent.Type.values:
        raise InvalidLead(_("“%(type)s” is no kind of event.") % {"type": type}, field="type")
    at = occurred_at or timezone.now()
    event = LeadEvent(
        lead=lead, tenant_id=current_tenant_id(), type=type, occurred_at=at, quantity=quantity, source=source, dedupe_key=dedupe_key
    )
    if LeadEvent.objects.filter(source=source, dedupe_key=dedupe_key).exists():
        return False
    LeadEvent.objects.bulk_create([event], ignore_conflicts=True)
    if lead.state == Lead.State.DISQUALIFIED and type in COMES_BACK and lead.was_closed_lately():
        perform(lead, "reopen", actor=SYSTEM)
    rescore_soon(lead)
    return True


@transaction.atomic
def unmask(lead: Lead, *, actor: Actor, at: datetime | None = None) -> dict[str, str]:
    """The contact data of a lead in the pool for who may see it; that they looked stands in its history. Raises Forbidden."""
    if not actor.has_perm("leads.reveal", lead):
        raise Forbidden(_("You may not see this contact data. Claim the lead first."))
    record(lead, kind=Entry.Kind.SYSTEM, name="unmask", actor=actor, at=at or timezone.now())
    return {name: getattr(lead, name) for name in CONTACT_FIELDS}


def note_activity(lead_id: uuid.UUID, *, at: datetime, kind: str, actor: Actor) -> None:
    """Somebody of ours has been in touch with a lead: the clock of its last touch goes on, and the first time is the first contact."""
    lead = Lead.objects.filter(pk=lead_id).first()
    if lead is None or not lead.is_open:
        return
    if lead.state == Lead.State.ASSIGNED:
        perform(lead, "log_first_contact", actor=actor if actor.has_perm("leads.log_first_contact", lead) else SYSTEM, at=at, channel=kind)
    elif lead.last_activity_at is None or lead.last_activity_at < at:
        Lead.objects.filter(pk=lead_id).update(last_activity_at=at)


def drafted(lead: Lead, fields: Mapping[str, Any], *, tenant: Tenant, country: str) -> Lead:
    """A lead that is not saved yet, described and checked as a captured one is; its reference is for the caller to look up.

    Raises InvalidLead.
    """
    _describe(lead, fields, tenant=tenant, country=country)
    _check(lead, reference_too=False)
    return lead


def refuse_duplicates(lead: Lead, *, actor: Actor) -> None:
    """Raise DuplicateLead if a lead, a customer or the person at one seems to be this one; similar names alone do not stop."""
    found = possible_duplicates(actor, company_name=lead.company_name, phone=lead.phone, email=lead.email)
    if certain := [like for like in found if like.is_certain]:
        raise DuplicateLead(certain)


def _describe(lead: Lead, fields: Mapping[str, Any], *, tenant: Tenant, country: str) -> None:
    if unknown := fields.keys() - DESCRIPTIVE:
        raise InvalidLead(_("%(fields)s cannot be set on a lead.") % {"fields": ", ".join(sorted(unknown))}, field=sorted(unknown)[0])
    for name, value in fields.items():
        if name == "attributes":
            value = {**lead.attributes, **checked(Lead._meta.label_lower, value)}
            value = {code: kept for code, kept in value.items() if kept is not None}
        setattr(lead, name, value.strip() if isinstance(value, str) else value)
    if "phone" in fields and lead.phone:
        lead.phone = _phone(lead.phone, country or COUNTRIES_BY_CURRENCY.get(tenant.base_currency, "CN"))
    if "email" in fields and lead.email:
        lead.email = _email(lead.email)
    if lead.est_amount is not None:
        lead.currency = lead.currency or tenant.base_currency
        lead.est_amount = quantise(lead.est_amount, lead.currency)


def _phone(text: str, country: str) -> str:
    try:
        return normalise_phone(text, country=country)
    except NotAPhoneNumber as error:
        raise InvalidLead(error, field="phone") from error


def _email(text: str) -> str:
    try:
        return normalise_email(text)
    except NotAnEmailAddress as error:
        raise InvalidLead(error, field="email") from error


def _check(lead: Lead, *, reference_too: bool = True) -> None:
    if not (lead.phone or lead.email or lead.wecom):
        sentence = _("Add a telephone number, an e-mail address or a WeCom name, so that someone can be reached.")
        raise InvalidLead(sentence, field="phone")
    if lead.campaign_id and lead.campaign is not None and lead.campaign.channel_id != lead.channel_id:
        raise InvalidLead(_("This campaign belongs to another source."), field="campaign")
    try:
        lead.full_clean(
            exclude=["number", "channel", "campaign", "owner", "team", "captured_by"], validate_unique=False, validate_constraints=False
        )
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidLead(f"{lead._meta.get_field(field).verbose_name}: {messages[0]}", field=field) from error  # type: ignore[union-attr]
    taken = Lead.objects.filter(source_system=lead.source_system, external_ref=lead.external_ref).exclude(pk=lead.pk)
    if reference_too and lead.external_ref and taken.exists():
        raise InvalidLead(_("A lead with this reference exists already."), code="already_exists", field="external_ref")


def campaign_of(channel: Channel, name: str) -> Campaign | None:
    """The campaign of that name on a channel, if there is one."""
    return Campaign.objects.filter(channel=channel, name=name).first() if name else None
