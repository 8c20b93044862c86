"""Sending reminders: what is still wanted of one, and what follows once it is out. The way out itself: `ltc.notifications.sending`."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from ltc.calendars.selectors import today
from ltc.events.bus import publish
from ltc.notifications.providers import Parcel
from ltc.notifications.sending import Clock, Sender, write_down
from ltc.notifications.texts import MissingValue, UnknownVariable
from ltc.refusals import Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables.aging import days_overdue
from receivables.company import own_company
from receivables.dunning import next_window, suppression
from receivables.dunning_facts import TASKS, CaseFacts, Reader
from receivables.events import ReminderSent, ReminderUncertain
from receivables.letters import Row
from receivables.models import DunningCase, DunningMessage, DunningNotice, DunningNoticeItem
from receivables.services.policies import policies
from receivables.services.reminders import give_task, zone_for
from receivables.services.writing import letter_for, row_of

Status, Used, Notice = DunningMessage.Status, DunningNoticeItem.State, DunningNotice.State


class ReminderSender(Sender):
    """Reminders on their way out."""

    work = "collections.send_reminders"

    def messages(self) -> Any:
        return DunningMessage.objects.all()

    def due(self, now: datetime) -> Any:
        return due_messages(now)

    def claim(self, now: datetime) -> tuple[UUID | None, Parcel | None]:
        return claim(now)

    def locked(self, message_id: UUID) -> DunningMessage:
        messages = DunningMessage.objects.select_for_update(of=("self",)).select_related("notice__case__customer__owner")
        return messages.get(pk=message_id)

    def finish(self, message: Any, now: datetime) -> None:
        finish(message, now)

    def give_up(self, message: Any, told: str, now: datetime) -> None:
        give_task(message.notice.case.customer, _("A reminder could not be delivered: %(why)s") % {"why": told}, now)

    def leave_in_doubt(self, message: Any, now: datetime) -> None:
        give_task(message.notice.case.customer, _("Find out whether the reminder to %(to)s went out.") % {"to": message.recipient}, now)
        publish(ReminderUncertain(record=message.notice_id, at=now, actor=SYSTEM))

    def way_of(self, message: Any) -> str:
        return str(message.channel)


SENDER: Final = ReminderSender()
hand_over, settle_outcome, give_up_lost_claims = SENDER.hand_over, SENDER.settle, SENDER.give_up_lost_claims


def due_messages(now: datetime) -> Any:
    """The active tenant's messages whose time has come."""
    return DunningMessage.objects.filter(
        status=Status.QUEUED, not_before__lte=now, notice__state__in=[Notice.QUEUED, Notice.DONE]
    ).order_by("not_before", "pk")


def send_reminders(*, now: datetime, clock: Clock | None = None, alone: bool = False) -> int:
    """Send the active tenant's reminders that may go out now, when this transaction has committed; how many are due."""
    return SENDER.send(now=now, clock=clock, alone=alone)


def claim(now: datetime) -> tuple[UUID | None, Parcel | None]:
    """Take one message for sending: its id, and what to hand over. A message that is not wanted any more is settled here: no parcel.

    Outside the customer's hours a message waits; items that are paid or suppressed by now are let go; amounts and days are those of now.
    """
    message = (
        due_messages(now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("notice__case__customer__owner", "notice__promise")
        .first()
    )
    if message is None:
        return None, None
    tenant, notice = own_company(), message.notice
    day = today(tenant, at=now)
    case = DunningCase.objects.select_for_update(of=("self",)).select_related("customer__owner").get(pk=notice.case_id)
    (facts,) = Reader(tenant, policies(), since=day, today=day, imports=False).read([case])
    policy = facts.rules.policy
    zone = zone_for(case.customer, tenant)
    opens = next_window(facts.rules.calendar, now, zone, facts.rules.windows, business_days_only=policy.business_days_only)
    if opens > now:
        DunningMessage.objects.filter(pk=message.pk).update(not_before=opens)
        return message.pk, None
    rows = still_wanted(notice, facts, day)
    if (not rows and notice.kind != DunningNotice.Kind.STATEMENT) or (message.channel not in facts.ways and message.channel not in TASKS):
        _drop(message, now, nothing_left=not rows)
        return message.pk, None
    try:
        letter = letter_for(message, facts, rows, tenant, day)
    except (MissingValue, UnknownVariable) as error:
        message.status, message.error = Status.FAILED, str(error)[:500]
        message.save()
        give_task(case.customer, _("A reminder cannot be written: %(why)s") % {"why": error}, now)
        return message.pk, None
    write_down(message, letter.subject, letter.body)
    if message.channel in TASKS:
        _hand_to_colleague(message, now)
        return message.pk, None
    SENDER.take(message, now)
    parcel = Parcel(str(message.pk), message.recipient, letter.subject[:300], letter.body, letter.html, tuple(message.copies))
    return message.pk, parcel


def still_wanted(notice: DunningNotice, facts: CaseFacts, day: Any) -> list[Row]:
    """The rows of a notice that are still asked for, with the amounts and days of now.

    Items that are paid or suppressed meanwhile give their level back, unless it went out on another way already.
    """
    found, around = facts.on(day)
    seen = {item.id: item for item in found}
    if notice.kind == DunningNotice.Kind.BROKEN_PROMISE:
        asked = {row.item_id for row in notice.promise.items.all()} if notice.promise else set()
        standing = [facts.items[pk] for pk in asked & seen.keys() if seen[pk].dunnable > 0 and not (around.excluded or around.legal)]
        return [row_of(each.item, seen[each.item.pk].dunnable, day) for each in standing]
    if notice.kind in (DunningNotice.Kind.STATEMENT, DunningNotice.Kind.MANUAL):
        owed_now = [each for each in facts.items.values() if each.item.pk in seen and seen[each.item.pk].dunnable > 0]
        wanted = [each for each in owed_now if notice.kind == DunningNotice.Kind.STATEMENT or (each.item.due_date or day) < day]
        return [row_of(each.item, seen[each.item.pk].dunnable, day) for each in wanted]
    rows = []
    for reminded in notice.items.filter(state__in=[Used.RESERVED, Used.SENT]).order_by("pk"):
        item = seen.get(reminded.item_id)
        if item is None or suppression(item, around):
            if reminded.state == Used.RESERVED:
                DunningNoticeItem.objects.filter(pk=reminded.pk).update(state=Used.RELEASED)
            continue
        owed = facts.items[reminded.item_id].item
        DunningNoticeItem.objects.filter(pk=reminded.pk).update(
            open_amount=owed.open_amount, dunnable_amount=item.dunnable, days_overdue=days_overdue(owed.due_date, day)
        )
        rows.append(row_of(owed, item.dunnable, day))
    return rows


def _drop(message: DunningMessage, now: datetime, *, nothing_left: bool) -> None:
    message.status = Status.CANCELLED
    message.save()
    notice = message.notice
    if nothing_left and notice.state == Notice.QUEUED:
        notice.messages.filter(status=Status.QUEUED).update(status=Status.CANCELLED)
        perform(notice, "drop", actor=SYSTEM, at=now)
        last = notice.case.notices.filter(state__in=[Notice.QUEUED, Notice.DONE], kind=DunningNotice.Kind.REMINDER)
        before = last.order_by("-run_date").values_list("run_date", flat=True).first()
        DunningCase.objects.filter(pk=notice.case_id).update(last_reminded_on=before)


def _hand_to_colleague(message: DunningMessage, now: datetime) -> None:
    """A call or a letter is done by one of our own people: the message is a task with its text."""
    message.status, message.sent_at, message.provider = Status.SENT, now, "task"
    message.attempts += 1
    message.save()
    give_task(message.notice.case.customer, f"{message.get_channel_display()}: {message.subject}", now)
    finish(message, now)


def finish(message: DunningMessage, now: datetime) -> None:
    """A reminder is out: its levels are sent, and the customer's and the invoices' histories show it."""
    notice = message.notice
    reminded = list(notice.items.filter(state__in=[Used.RESERVED, Used.SENT]).select_related("item__invoice"))
    notice.items.filter(state=Used.RESERVED).update(state=Used.SENT)
    if notice.state == Notice.QUEUED:
        perform(notice, "finish", actor=SYSTEM, at=now)
    simulated = message.status == Status.SIMULATED
    data = {
        "notice": str(notice.pk), "level": notice.level, "kind": notice.kind, "to": message.recipient, "channel": message.channel,
        "simulated": simulated,
    }  # fmt: skip
    invoices = {row.item.invoice_id: row.item.invoice for row in reminded}
    for subject in (notice.case.customer, *invoices.values()):
        record(subject, kind=Entry.Kind.ACTIVITY, name="reminder_sent", actor=SYSTEM, at=now, body=message.subject, data=data)
    publish(ReminderSent(record=notice.pk, at=now, actor=SYSTEM))


def resend(notice: DunningNotice, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """A person has looked and says: send it again. The same messages get another attempt. Raises Refusal if there is none."""
    again = notice.messages.filter(status__in=[Status.UNCERTAIN, Status.FAILED, Status.BOUNCED])
    if not again.update(status=Status.QUEUED, not_before=at, attempts=0, lease_until=None, sent_at=None):
        raise Refusal(_("There is nothing to send again."), code="nothing_to_resend")
    return {"reason": reason}


def confirm(notice: DunningNotice, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """A person has looked and says: it did go out. Raises Refusal if nothing is in doubt."""
    doubtful = list(notice.messages.filter(status=Status.UNCERTAIN))
    if not doubtful:
        raise Refusal(_("Nothing about it is in doubt."), code="nothing_uncertain")
    for message in doubtful:
        message.status, message.sent_at = Status.SENT, at
        message.save()
    notice.items.filter(state=Used.RESERVED).update(state=Used.SENT)
    return {}
