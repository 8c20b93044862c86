"""Ending what leads are on, with the reason, and noting with the last mail what came of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from leads.models import Enrolment, NurtureMessage
from ltc.notifications.sending import OUT
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform

Reason, Outcome, Status = Enrolment.Reason, NurtureMessage.Outcome, NurtureMessage.Status
OUTCOMES: Final = {
    Reason.REPLIED: Outcome.REPLIED,
    Reason.CONVERTED: Outcome.CONVERTED,
    Reason.OPTED_OUT: Outcome.OPTED_OUT,
    Reason.BOUNCED: Outcome.BOUNCED,
}
# What happens later than so long after a mail does not come of it any more.
CAME_OF_IT: Final = timedelta(days=90)


def stop_enrolments(leads: Collection[Any], reason: str, *, at: datetime) -> int:
    """Take leads (ids) off all sequences, for a reason; how many they were on. Mails that are not out yet are not sent."""
    if not leads:
        return 0
    if reason in OUTCOMES:
        _note_outcome(leads, OUTCOMES[Reason(reason)], at)
    stopped = 0
    for enrolment in Enrolment.objects.filter(lead__in=leads, state=Enrolment.State.ACTIVE).order_by("pk"):
        perform(enrolment, "halt", actor=SYSTEM, at=at, reason=str(reason))
        drop_waiting(enrolment)
        stopped += 1
    return stopped


def drop_waiting(enrolment: Enrolment) -> None:
    """What is not out yet is not sent."""
    enrolment.messages.filter(status__in=[Status.QUEUED, Status.FAILED]).update(status=Status.CANCELLED)


def _note_outcome(leads: Collection[Any], outcome: str, at: datetime) -> None:
    """With the last mail of each enrolment that reached them lately."""
    out = NurtureMessage.objects.filter(
        enrolment__lead__in=leads, status__in=[*OUT, Status.BOUNCED], step__kind="email", sent_at__gte=at - CAME_OF_IT
    )
    last: dict[Any, NurtureMessage] = {}
    for message in out.order_by("sent_at", "pk"):
        last[message.enrolment_id] = message
    fresh = [message.pk for message in last.values() if message.outcome == Outcome.NONE]
    NurtureMessage.objects.filter(pk__in=fresh).update(outcome=outcome, outcome_at=at)
