"""Nurturing mails and tasks on their way out, at most once each; how: `ltc.notifications.sending`."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from leads.models import Enrolment, Lead, NurtureMessage, NurtureStep
from leads.models.choices import LeadState
from leads.nurturing.consent import reason_not_to_write
from leads.nurturing.enrolling import plan, settle_doubt, step_after
from leads.nurturing.stopping import Reason, drop_waiting, stop_enrolments
from leads.nurturing.texts import line, write
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.calendars.selectors import today
from ltc.events.outbox import enqueue
from ltc.notifications.providers import Parcel
from ltc.notifications.sending import OUT, Sender, write_down
from ltc.notifications.services import language_of as language_of_member
from ltc.notifications.texts import MissingValue, UnknownVariable
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import carries_out, perform

Status = NurtureMessage.Status


class NurtureSender(Sender):
    """What the sequences send."""

    work = "leads.send_nurturing"

    def messages(self) -> Any:
        return NurtureMessage.objects.all()

    def due(self, now: datetime) -> Any:
        wanted = {"enrolment__state": Enrolment.State.ACTIVE, "enrolment__sequence__active": True}
        return NurtureMessage.objects.filter(status=Status.QUEUED, not_before__lte=now, **wanted).order_by("not_before", "pk")

    def claim(self, now: datetime) -> tuple[UUID | None, Parcel | None]:
        tenant = Tenant.objects.get(pk=current_tenant_id())
        message = self.due(now).select_for_update(skip_locked=True, of=("self",)).first()
        if message is None or tenant.state not in (Tenant.State.TRIAL, Tenant.State.ACTIVE):
            return None, None
        message = self.locked(message.pk)
        enrolment, lead, step = message.enrolment, message.enrolment.lead, message.step
        if reason := self.reason_to_stop(lead, step, tenant):
            stop_enrolments([lead.pk], reason, at=now) if reason in OF_THE_LEAD else self._halt(enrolment, reason, now)
            return message.pk, None
        if not step.active:
            message.status = Status.CANCELLED
            message.save()
            plan(enrolment, step_after(enrolment.sequence, step, enrolment), since=now)
            return message.pk, None
        try:
            parcel = self.written(message, tenant, now)
        except (MissingValue, UnknownVariable) as error:
            message.status, message.error = Status.FAILED, str(error)[:500]
            message.save()
            give_task(lead, _("A mail cannot be written: %(why)s"), {"why": str(error)}, now)
            return message.pk, None
        if parcel is None:
            message.status, message.sent_at, message.provider = Status.SENT, now, "task"
            message.attempts += 1
            message.save()
            log_activity(lead, kind=Activity.Kind.TASK, actor=SYSTEM, result=message.subject, due_at=now, assignee=lead.owner)
            self.finish(message, now)
            return message.pk, None
        self.take(message, now)
        return message.pk, parcel

    def reason_to_stop(self, lead: Lead, step: NurtureStep, tenant: Tenant) -> str:
        """Why a step is not done any more; empty if it is."""
        if not lead.is_open:
            return {LeadState.CONVERTED: Reason.CONVERTED, LeadState.MERGED: Reason.MERGED}.get(LeadState(lead.state), Reason.DISQUALIFIED)
        return reason_not_to_write(lead, tenant) if step.kind == NurtureStep.Kind.EMAIL else ""

    def _halt(self, enrolment: Enrolment, reason: str, now: datetime) -> None:
        perform(enrolment, "halt", actor=SYSTEM, at=now, reason=str(reason))
        drop_waiting(enrolment)

    def written(self, message: NurtureMessage, tenant: Tenant, now: datetime) -> Parcel | None:
        """The mail, written with the values of now and kept with the message; None of a task. Raises MissingValue, UnknownVariable."""
        lead, sequence = message.enrolment.lead, message.enrolment.sequence
        owner = lead.owner
        link = f"{settings.PUBLIC_URL}/u/{tenant.code}/{message.token}/"
        language, subject, body = message.step.text(message.enrolment.language)
        values = {
            **{name: getattr(lead, name) for name in ("contact_name", "company_name", "title", "product_interest", "region", "industry")},
            "owner_name": owner.name if owner else "", "owner_email": owner.email if owner else "", "our_company": tenant.name,
            "today": today(tenant, at=now).isoformat(), "unsubscribe_link": link,
        }  # fmt: skip
        if message.step.kind == NurtureStep.Kind.TASK:
            write_down(message, line(subject, values), line(body, values) if body else "")
            return None
        subject, text, html = write(subject, body, language, values)
        write_down(message, subject, text)
        message.recipient = lead.email
        headers = (
            ("Message-ID", message_id(message.pk)),
            ("List-Unsubscribe", f"<{link}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        )
        answers_to = sequence.reply_to or (owner.email if owner else "")
        return Parcel(str(message.pk), lead.email, message.subject, text, html, headers=headers, reply_to=answers_to)

    def locked(self, message_id: UUID) -> NurtureMessage:
        messages = NurtureMessage.objects.select_for_update(of=("self",))
        return messages.select_related("enrolment__sequence", "enrolment__lead__owner__user", "step").get(pk=message_id)

    def finish(self, message: Any, now: datetime) -> None:
        enrolment = message.enrolment
        if message.step.kind == NurtureStep.Kind.EMAIL:
            tell_history(message, actor=SYSTEM, at=now)
        if Enrolment.objects.filter(pk=enrolment.pk, state=Enrolment.State.ACTIVE).exists():
            plan(enrolment, step_after(enrolment.sequence, message.step, enrolment), since=now)

    def give_up(self, message: Any, told: str, now: datetime) -> None:
        give_task(message.enrolment.lead, _("A mail could not be delivered: %(why)s"), {"why": told}, now)

    def leave_in_doubt(self, message: Any, now: datetime) -> None:
        give_task(message.enrolment.lead, _("Find out whether the mail to %(to)s went out."), {"to": message.recipient}, now)


OF_THE_LEAD: Final = (Reason.CONVERTED, Reason.DISQUALIFIED, Reason.MERGED, Reason.OPTED_OUT)
OUT_OR_DOUBTFUL: Final = (*OUT, Status.BOUNCED, Status.UNCERTAIN, Status.SENDING)  # what somebody may have got
SENDER: Final = NurtureSender()


def message_id(message: Any) -> str:
    """The Message-ID of a nurturing mail; answers name it."""
    return f"<{message}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>"


def tell_history(message: NurtureMessage, *, actor: Actor, at: datetime) -> None:
    """The lead's history shows a mail that is out."""
    enrolment = message.enrolment
    data = {"sequence": str(enrolment.sequence_id), "step": str(message.step_id), "simulated": message.status == Status.SIMULATED}
    record(enrolment.lead, kind=Entry.Kind.ACTIVITY, name="nurture_sent", actor=actor, at=at, body=message.subject, data=data)


def give_task(lead: Lead, sentence: Any, values: dict[str, Any], now: datetime) -> None:
    """Have the owner of a lead look."""
    owner = lead.owner
    with override(language_of_member(owner) if isinstance(owner, Membership) else None):
        text = str(sentence) % values
    log_activity(lead, kind=Activity.Kind.TASK, actor=SYSTEM, result=text, due_at=now, assignee=owner)


@carries_out(Enrolment, "stop")
def stop(enrolment: Enrolment, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """A person takes a lead off: what is not out yet is not sent."""
    drop_waiting(enrolment)
    return {}


@carries_out(Enrolment, "resend")
def resend(enrolment: Enrolment, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """A person has looked and says: send it again. Raises Refusal if nothing is in doubt."""
    message = settle_doubt(enrolment)
    message.status, message.not_before, message.attempts, message.lease_until = Status.QUEUED, at, 0, None
    message.save()
    return {}


@carries_out(Enrolment, "confirm")
def confirm(enrolment: Enrolment, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """A person has looked and says: it did go out. The sequence goes on, or ends by a job: a transition takes no other one of the same
    record. Raises Refusal if nothing is in doubt."""
    message = SENDER.locked(settle_doubt(enrolment).pk)
    message.status, message.sent_at = Status.SENT, at
    message.save()
    tell_history(message, actor=actor, at=at)
    step = step_after(enrolment.sequence, message.step, enrolment)
    if step is None:
        enqueue("leads.end_sequence", key=str(message.pk), payload={"enrolment": str(enrolment.pk)})
    else:
        plan(enrolment, step, since=at)
    return {}
