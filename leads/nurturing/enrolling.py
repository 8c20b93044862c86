"""Putting leads on sequences: by hand, by programs, by rule; and what is planned next for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from leads.models import Enrolment, FormSubmission, Lead, NurtureMessage, NurtureSequence, NurtureStep
from leads.nurturing.consent import reason_not_to_write
from leads.nurturing.timing import due_at
from ltc.calendars.selectors import work_calendar, zone_of
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import carries_out, perform

Status = NurtureMessage.Status


class MayNotWrite(Refusal):
    """No mail may go to this lead; the code says why: no_address, no_consent, opted_out, bounced."""

    def __init__(self, reason: str) -> None:
        sentences = {
            Enrolment.Reason.NO_ADDRESS: _("This lead has no e-mail address. Add one first."),
            Enrolment.Reason.NO_CONSENT: _("This lead has not agreed to mail. Ask for the consent first."),
            Enrolment.Reason.OPTED_OUT: _("This lead wants no more mail."),
            Enrolment.Reason.BOUNCED: _("Mail to this lead does not arrive. Correct the address first."),
        }
        super().__init__(sentences[Enrolment.Reason(reason)], code=str(reason))


@carries_out(Lead, "enrol")
def enrol(lead: Lead, *, actor: Actor, at: datetime, sequence: NurtureSequence, start: datetime | None = None) -> dict[str, Any]:
    """Put a lead on a sequence; its first step is planned from `start` on. Raises MayNotWrite, Refusal."""
    if not sequence.active:
        raise Refusal(_("This sequence is switched off."), code="sequence_inactive", field="sequence")
    first = step_after(sequence, None)
    if first is None:
        raise Refusal(_("This sequence has no steps yet."), code="sequence_empty", field="sequence")
    if Enrolment.objects.filter(lead=lead, sequence=sequence, state=Enrolment.State.ACTIVE).exists():
        raise Refusal(_("This lead is on the sequence already."), code="already_enrolled", field="sequence")
    tenant = Tenant.objects.get(pk=current_tenant_id())
    writes = sequence.steps.filter(active=True, kind=NurtureStep.Kind.EMAIL).exists()
    if writes and (reason := reason_not_to_write(lead, tenant)):
        raise MayNotWrite(reason)
    enrolment = Enrolment(lead=lead, sequence=sequence, how=actor.kind, language=language_of(lead, tenant), started_at=at)
    enrolment.save(force_insert=True)
    record(enrolment, kind=Entry.Kind.TRANSITION, name="created", to_state=enrolment.state, actor=actor, at=at)
    plan(enrolment, first, since=max(start or at, at))
    return {"sequence": sequence}


def language_of(lead: Lead, tenant: Tenant) -> str:
    """The language of the form that a lead sent last; else the tenant's."""
    sent = FormSubmission.objects.filter(lead=lead).exclude(language="").order_by("-created_at")
    spoken = sent.values_list("language", flat=True).first()
    return spoken or tenant.locale


def step_after(sequence: NurtureSequence, step: NurtureStep | None, enrolment: Enrolment | None = None) -> NurtureStep | None:
    """The next step of a sequence that is in use, and that the enrolment has not had; the first one after none."""
    steps = sequence.steps.filter(active=True)
    if step is not None:
        steps = steps.filter(Q(position__gt=step.position) | Q(position=step.position, pk__gt=step.pk))
    if enrolment is not None:
        steps = steps.exclude(messages__enrolment=enrolment)
    return steps.order_by("position", "pk").first()


def plan(enrolment: Enrolment, step: NurtureStep | None, *, since: datetime) -> None:
    """Plan a step of an enrolment so long after an instant as it says; without one the enrolment is through."""
    if step is None:
        perform(enrolment, "finish", actor=SYSTEM, at=since)
        return
    zone = zone_of(Tenant.objects.get(pk=current_tenant_id()))
    due = due_at(work_calendar(), since, step.wait, step.unit, zone)
    NurtureMessage.objects.create(enrolment=enrolment, step=step, not_before=due, recipient=enrolment.lead.email)


def end_if_through(enrolment_id: UUID, *, at: datetime) -> None:
    """A lead of whose sequence nothing is left to do, or to find out, is through. Safe to run again."""
    enrolment = Enrolment.objects.get(pk=enrolment_id)
    left = [Status.QUEUED, Status.SENDING, Status.UNCERTAIN, Status.FAILED]
    if enrolment.state == Enrolment.State.ACTIVE and not enrolment.messages.filter(status__in=left).exists():
        plan(enrolment, None, since=at)


def enrol_by_rule(lead_id: UUID, news: str, *, at: datetime) -> int:
    """Put a lead on the sequences that wait for this news, unless it was on them before; how many. Who may not be written to stays off."""
    lead = Lead.objects.select_related("channel").filter(pk=lead_id).first()
    waiting = NurtureSequence.objects.filter(active=True, enrols_on=news)
    if lead is None or not lead.is_open or not news:
        return 0
    been = set(Enrolment.objects.filter(lead=lead, sequence__in=waiting).values_list("sequence_id", flat=True))
    return sum(_enrolled(lead, sequence, at) for sequence in waiting if sequence.pk not in been and sequence.fits(lead))


def _enrolled(lead: Lead, sequence: NurtureSequence, at: datetime) -> bool:
    try:
        perform(lead, "enrol", actor=SYSTEM, at=at, sequence=sequence)
    except Refusal:
        return False
    return True


def settle_doubt(enrolment: Enrolment) -> NurtureMessage:
    """The last mail of an enrolment, if a person has to look at it. Raises Refusal."""
    doubtful = enrolment.messages.filter(status__in=[Status.UNCERTAIN, Status.FAILED]).order_by("pk").last()
    if doubtful is None:
        raise Refusal(_("Nothing about it is in doubt."), code="nothing_uncertain")
    return doubtful


def next_position(sequence: NurtureSequence) -> int:
    return int(sequence.steps.aggregate(last=Max("position"))["last"] or 0) + 1
