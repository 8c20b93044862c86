"""Whether we may write to somebody, and what happens when they want no more mail."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from leads.models import Enrolment, Lead, LeadEvent, MailOptOut, NurtureMessage
from leads.models.choices import LeadState
from leads.nurturing.stopping import stop_enrolments
from leads.services import record_event
from ltc.customers.models import Contact
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor

RULES = ("given", "not_withdrawn")
Reason, Consent = Enrolment.Reason, Contact.Consent


def consent_rule(tenant: Tenant) -> str:
    """What a tenant demands before it writes: that they agreed (`given`, unless it is said otherwise), or only that they did not object."""
    rule = tenant.settings.get("marketing_consent", RULES[0])
    return rule if rule in RULES else RULES[0]


@transaction.atomic
def set_consent_rule(*, actor: Actor, rule: str) -> None:
    """Say what must be known before the tenant writes to somebody. Raises Forbidden, Refusal."""
    if not actor.has_perm("settings.change"):
        raise Forbidden(_("You may not change this. Ask your administrator."))
    if rule not in RULES:
        raise Refusal(_("There is no such rule."), code="invalid_input", field="rule")
    tenant = Tenant.objects.select_for_update().get(pk=current_tenant_id())
    tenant.settings = {**tenant.settings, "marketing_consent": rule}
    tenant.save(update_fields=["settings"])


def reason_not_to_write(lead: Lead, tenant: Tenant) -> str:
    """Why no marketing mail may go to a lead now; empty if one may. The lead's own word, its address's, and a contact's with it count."""
    if not lead.email:
        return Reason.NO_ADDRESS
    contacts = list(Contact.objects.filter(email=lead.email).values_list("consent_marketing", "email_status"))
    if lead.consent_marketing == Consent.WITHDRAWN or any(consent == Consent.WITHDRAWN for consent, _status in contacts):
        return Reason.OPTED_OUT
    gone = MailOptOut.objects.filter(email=lead.email).first()
    if gone is not None and not _agreed_after(lead, gone.at):
        return Reason.OPTED_OUT
    if any(status == Contact.EmailStatus.HARD_BOUNCE for _consent, status in contacts):
        return Reason.BOUNCED
    if lead.consent_marketing != Consent.GIVEN and consent_rule(tenant) == RULES[0]:
        return Reason.NO_CONSENT
    return ""


def _agreed_after(lead: Lead, at: datetime) -> bool:
    """Whether they have agreed anew on one of our forms since they wanted no more."""
    told = lead.source_detail.get("consent") if isinstance(lead.source_detail, dict) else None
    since = parse_datetime(str(told.get("at", ""))) if isinstance(told, dict) else None
    return lead.consent_marketing == Consent.GIVEN and since is not None and since.tzinfo is not None and since > at


def opt_out_by_link(message: NurtureMessage, *, at: datetime) -> None:
    """Someone has followed the link of a mail: no more mail to that address, whichever lead or contact it stands on. Twice is once."""
    lead = message.enrolment.lead
    address = message.recipient or lead.email
    opt_out(address, at=at, source="link")
    outcome = NurtureMessage.Outcome.OPTED_OUT
    if not message.enrolment.messages.filter(outcome=outcome).exists():
        NurtureMessage.objects.filter(pk=message.pk).update(outcome=outcome, outcome_at=at)
    record_event(
        lead, actor=SYSTEM, type=LeadEvent.Type.UNSUBSCRIBE, source="nurturing", dedupe_key=f"unsubscribe:{message.pk}", occurred_at=at
    )


@transaction.atomic
def opt_out(address: str, *, at: datetime, source: str = "") -> None:
    """No more marketing mail to an address. Every lead and contact with it says so, with a line in its history."""
    MailOptOut.objects.bulk_create(
        [MailOptOut(tenant_id=current_tenant_id(), email=address, at=at, source=source)],
        update_conflicts=True,
        unique_fields=["tenant", "email"],
        update_fields=["at", "source"],
    )
    told: dict[str, Any] = {"source": source}
    affected: list[Any] = [
        *Lead.objects.select_for_update(of=("self",)).filter(email=address).exclude(state=LeadState.MERGED),
        *Contact.objects.select_for_update(of=("self",)).filter(email=address),
    ]
    for each in affected:
        if each.consent_marketing == Consent.WITHDRAWN:
            continue
        each.consent_marketing = Consent.WITHDRAWN
        fields = ["consent_marketing"]
        if isinstance(each, Contact):
            each.consent_at, fields = at, [*fields, "consent_at"]
        each.save(update_fields=fields)
        subject = each if isinstance(each, Lead) else each.customer
        if subject is not None:
            record(subject, kind=Entry.Kind.SYSTEM, name="unsubscribed", actor=SYSTEM, at=at, data=told)
    stop_enrolments([each.pk for each in affected if isinstance(each, Lead)], Reason.OPTED_OUT, at=at)
