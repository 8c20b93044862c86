"""What becomes of a mail: an answer to a lead that we know, a lead, or nothing; and trying again what failed."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.mail.polling import take_in_later
from leads.models import Enrolment, InboundMail, Lead, LeadEvent, LeadTouch, Mailbox, NurtureMessage
from leads.models.choices import LeadState
from leads.nurturing.sending import OUT_OR_DOUBTFUL, message_id
from leads.nurturing.stopping import stop_enrolments
from leads.services import capture_lead, record_event
from leads.touches import record_touch
from ltc.customers.models import Contact
from ltc.notifications.services import notify
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import perform

Outcome, Why, Status = InboundMail.Outcome, InboundMail.Why, NurtureMessage.Status
CORRECTABLE = ("sender", "sender_name", "subject")


def take_in(mail_id: uuid.UUID) -> None:
    """Make of a mail what it is; if a rule stands against it, it waits in the list of those that failed, with the reason."""
    mail = InboundMail.objects.select_for_update(of=("self",)).select_related("mailbox").get(pk=mail_id)
    if mail.outcome != Outcome.WAITING:
        return
    mail.attempts += 1
    try:
        with transaction.atomic():
            _taken(mail)
    except Refusal as refusal:
        mail.outcome, mail.error, mail.lead = Outcome.FAILED, str(refusal)[:1000], None
    except ValidationError as error:
        mail.outcome, mail.error, mail.lead = Outcome.FAILED, " ".join(error.messages)[:1000], None
    else:
        mail.error = ""
    mail.save()


def _taken(mail: InboundMail) -> None:
    answered = _answered(mail)
    if mail.why == Why.BOUNCE and answered is not None:
        _bounced(mail, answered)
        return
    if not mail.by_hand:
        if mail.why == "" and _is_ours(mail):
            mail.why = Why.OURS
        if mail.why:
            mail.outcome = Outcome.IGNORED
            return
    lead = answered.enrolment.lead if answered is not None else _known(mail.sender)
    if lead is not None and lead.merged_into is not None:
        lead = lead.merged_into
    if lead is not None and not _is_over(lead):
        _add_to(mail, lead)
        return
    mail.lead, mail.outcome = _new_lead(mail), Outcome.LEAD


def _answered(mail: InboundMail) -> NurtureMessage | None:
    """The nurturing mail of ours that this one answers or reports on."""
    named = {}
    for text in mail.answers:
        try:
            named[uuid.UUID(str(text).partition("@")[0])] = str(text)
        except ValueError:
            continue
    sent = NurtureMessage.objects.filter(pk__in=list(named)[:50], status__in=OUT_OR_DOUBTFUL)
    for found in sent.select_related("enrolment__lead__owner__user", "enrolment__lead__merged_into").order_by("-sent_at"):
        if message_id(found.pk) == f"<{named[found.pk]}>":
            return found
    return None


def _known(address: str) -> Lead | None:
    """The lead with that address, an open one before a closed one, the newest first."""
    if not address:
        return None
    leads = Lead.objects.filter(email=address).exclude(state=LeadState.MERGED).select_related("owner__user", "merged_into", "channel")
    found = list(leads.order_by("-captured_at")[:20])
    return next((lead for lead in found if lead.is_open), next(iter(found), None))


def _is_over(lead: Lead) -> bool:
    """Disqualified so long ago that who writes again is somebody new."""
    return lead.state == LeadState.DISQUALIFIED and not lead.was_closed_lately()


def _is_ours(mail: InboundMail) -> bool:
    """Our own mailboxes and colleagues are no leads."""
    own = Mailbox.objects.filter(address__iexact=mail.sender).exists()
    return own or Membership.objects.filter(email__iexact=mail.sender, state=Membership.State.ACTIVE).exists()


def _add_to(mail: InboundMail, lead: Lead) -> None:
    """They have written: sequences stop, the owner hears of it, and a lead that was closed lately is open again."""
    at = mail.received_at
    touch = {"kind": LeadTouch.Kind.EMAIL, "occurred_at": at, "dedupe_key": f"mail:{mail.pk}"}
    record_touch(lead, actor=SYSTEM, channel=mail.mailbox.channel, campaign=mail.mailbox.campaign, **touch)
    data = {"mail": str(mail.pk), "direction": "in"}
    record(lead, kind=Entry.Kind.ACTIVITY, name="email_received", actor=SYSTEM, at=at, body=_told(mail), data=data)
    stop_enrolments([lead.pk], Enrolment.Reason.REPLIED, at=at)
    if lead.state == LeadState.DISQUALIFIED:
        perform(lead, "reopen", actor=SYSTEM)
    if isinstance(lead.owner, Membership):
        notify(lead.owner, title=gettext_lazy("%(lead)s has written to us."), values={"lead": str(lead)}, about=lead, icon="inbox")
    mail.lead, mail.outcome = lead, Outcome.REPLY


def _new_lead(mail: InboundMail) -> Lead:
    mailbox = mail.mailbox
    detail: dict[str, Any] = {"mailbox": str(mailbox.pk), "mail": str(mail.pk)}
    lead = capture_lead(
        actor=SYSTEM,
        channel=mailbox.channel,
        campaign=mailbox.campaign,
        owner=mailbox.owner,
        at=mail.received_at,
        contact_name=mail.sender_name or mail.sender.partition("@")[0] or _("Unknown"),
        email=mail.sender,
        title=mail.subject[:200],
        need=mail.text[:4000],
        source_detail=detail,
        touch={"kind": LeadTouch.Kind.EMAIL, "dedupe_key": f"mail:{mail.pk}"},
    )
    data = {"mail": str(mail.pk), "direction": "in"}
    record(lead, kind=Entry.Kind.ACTIVITY, name="email_received", actor=SYSTEM, at=mail.received_at, body=_told(mail), data=data)
    return lead


def _bounced(mail: InboundMail, message: NurtureMessage) -> None:
    """A mail of ours came back: the sequence stops, the score and the contact know that the address does not work."""
    lead, at = message.enrolment.lead, mail.received_at
    stop_enrolments([lead.pk], Enrolment.Reason.BOUNCED, at=at)
    NurtureMessage.objects.filter(pk=message.pk).update(
        status=Status.BOUNCED, sent_at=message.sent_at or at, outcome=NurtureMessage.Outcome.BOUNCED, outcome_at=at
    )
    bounced = LeadEvent.Type.EMAIL_BOUNCED
    record_event(lead, actor=SYSTEM, type=bounced, source="nurturing", dedupe_key=f"bounce:{message.pk}", occurred_at=at)
    for contact in Contact.objects.select_for_update(of=("self",)).filter(email=message.recipient):
        contact.email_status = Contact.EmailStatus.HARD_BOUNCE
        contact.save(update_fields=["email_status"])
    mail.lead, mail.outcome = lead, Outcome.BOUNCE


def _told(mail: InboundMail) -> str:
    """The mail as the history shows it."""
    hanging = "\n".join(f"[{name}]" for name in mail.attachments)
    return "\n\n".join(filter(None, [mail.subject, mail.text[:4000], hanging]))


@transaction.atomic
def retry(mail: InboundMail, *, actor: Actor, values: Mapping[str, str] | None = None) -> InboundMail:
    """Take a mail in that failed, or that was left alone and is a lead after all; with another sender or subject if some are given.

    Raises Forbidden, Refusal.
    """
    kept = InboundMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if not actor.has_perm("forms.change", kept):
        raise Forbidden(_("You may not change received e-mails. Ask your administrator."))
    if kept.outcome not in (Outcome.FAILED, Outcome.IGNORED):
        raise Refusal(_("Only what has failed or was left alone can be tried again."), code="invalid_transition")
    for name, value in (values or {}).items():
        if name not in CORRECTABLE:
            raise Refusal(_("This cannot be set."), code="invalid_input", field=name)
        setattr(kept, name, " ".join(value.split())[: InboundMail._meta.get_field(name).max_length])  # type: ignore[union-attr]
    kept.outcome, kept.by_hand, kept.why = Outcome.WAITING, True, ""
    kept.save()
    take_in_later(kept)
    return kept
