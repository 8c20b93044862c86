"""Sending reminders, at most once.

A message is claimed (`sending`, with a lease) in one transaction, handed to its provider after that has committed, and its outcome is
written in another; one message at a time, so that a worker that dies leaves a question about one message only. When the lease of such a
claim runs out, the provider is asked by the message's key; what it does not know is `uncertain` and is never sent again by itself. In doubt
nothing is sent.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ltc.calendars.selectors import today
from ltc.events.bus import publish
from ltc.events.outbox import enqueue
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables.aging import days_overdue
from receivables.company import own_company
from receivables.dunning import back_off, next_window, suppression
from receivables.dunning_facts import TASKS, CaseFacts, Reader
from receivables.events import ReminderSent, ReminderUncertain
from receivables.letters import Letter, MissingValue, Row, UnknownVariable
from receivables.models import DunningCase, DunningMessage, DunningNotice, DunningNoticeItem
from receivables.providers import NotAccepted, Parcel, provider_for
from receivables.services.policies import policies
from receivables.services.reminders import give_task, zone_for
from receivables.services.writing import letter_for, row_of

LEASE: Final = timedelta(minutes=10)
BUDGET: Final = 40.0  # seconds that one job sends for; then the next one goes on
SENDERS: Final = 8
MANY: Final = 50  # from so many waiting messages on, more jobs send together
SEND: Final = "collections.send_reminders"
Status, Used, Notice = DunningMessage.Status, DunningNoticeItem.State, DunningNotice.State
OUT: Final = (Status.SENT, Status.SIMULATED, Status.DELIVERED)
log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


def due_messages(now: datetime) -> Any:
    """The active tenant's messages whose time has come."""
    return DunningMessage.objects.filter(
        status=Status.QUEUED, not_before__lte=now, notice__state__in=[Notice.QUEUED, Notice.DONE]
    ).order_by("not_before", "pk")


def send_reminders(*, now: datetime, clock: Clock | None = None, alone: bool = False) -> int:
    """Send the active tenant's messages that may go out now, when this transaction has committed; how many are due.

    If many wait, other senders are asked for help. `clock` tells the time while it is sending; it stands still at `now` unless given.
    """
    tenant = own_company()
    give_up_lost_claims(now)
    waiting = int(due_messages(now).count())
    if waiting:
        transaction.on_commit(partial(send_due, tenant.pk, clock or (lambda: now)))
    if waiting > MANY and not alone:
        for number in range(1, min(SENDERS, waiting // MANY + 1)):
            enqueue(SEND, key=f"{now.isoformat()}:{number}", payload={"alone": True})
    return waiting


def send_due(tenant_id: int, clock: Clock) -> None:
    """Claim and hand over one message after the other, each in its own transactions, until none is due or the time is used up."""
    began = time.monotonic()
    while time.monotonic() - began < BUDGET:
        with acting_for(tenant_id):
            found, parcel = claim(clock())
        if found is None:
            return
        if parcel is not None:
            hand_over(tenant_id, found, parcel, at=clock())
    with acting_for(tenant_id):
        if due_messages(clock()).exists():
            enqueue(SEND, key=f"more:{uuid4()}", payload={"alone": True})


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
    _write_down(message, letter)
    if message.channel in TASKS:
        _hand_to_colleague(message, now)
        return message.pk, None
    message.status, message.lease_until = Status.SENDING, now + LEASE
    message.attempts += 1
    message.save()
    parcel = Parcel(str(message.pk), message.recipient, letter.subject[:300], letter.body, letter.html, tuple(message.copies))
    return message.pk, parcel


def _write_down(message: DunningMessage, letter: Letter) -> None:
    message.subject, message.body = letter.subject[:300], letter.body
    message.body_hash = hashlib.sha256(letter.body.encode()).hexdigest()


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


def hand_over(tenant_id: int, message_id: UUID, parcel: Parcel, *, at: datetime) -> None:
    """Give a claimed message to its provider and write what came of it. Called once per claim, when the claim has committed."""
    with acting_for(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        message = DunningMessage.objects.get(pk=message_id, status=Status.SENDING)
        provider = provider_for(message.channel, simulated=tenant.is_demo)
    ref = ""
    try:
        ref = provider.send(parcel)
    except NotAccepted as error:
        outcome, told = Status.QUEUED, str(error)
    except Exception as error:
        log.exception("reminder %s of tenant %s may or may not have gone out", message_id, tenant_id)
        outcome, told = Status.UNCERTAIN, f"{type(error).__name__}: {error}"
    else:
        outcome, told = (Status.SIMULATED if tenant.is_demo else Status.SENT), ""
    with acting_for(tenant_id):
        settle_outcome(message_id, outcome, told, now=at, provider=provider.name, ref=ref)


@transaction.atomic
def settle_outcome(message_id: UUID, outcome: str, told: str, *, now: datetime, provider: str = "", ref: str = "") -> None:
    """Write what came of a message: out, in doubt, or refused and tried again later, five times."""
    message = _locked(message_id)
    if message.status != Status.SENDING:
        return
    message.error, message.lease_until, message.provider, message.provider_ref = told[:500], None, provider, ref[:200]
    if outcome == Status.QUEUED:
        wait = back_off(message.attempts)
        message.status, message.not_before = (Status.QUEUED, now + wait) if wait else (Status.FAILED, message.not_before)
        message.save()
        if wait is None:
            give_task(message.notice.case.customer, _("A reminder could not be delivered: %(why)s") % {"why": told}, now)
        return
    if outcome == Status.UNCERTAIN:
        _doubt(message, now)
        return
    message.status, message.sent_at = Status(outcome), now
    message.save()
    finish(message, now)


def _locked(message_id: UUID) -> DunningMessage:
    messages = DunningMessage.objects.select_for_update(of=("self",)).select_related("notice__case__customer__owner")
    return messages.get(pk=message_id)


def _doubt(message: DunningMessage, now: datetime) -> None:
    """Nobody can say whether it went out. The provider is asked; if it does not know and would not take it twice, it is sent again."""
    tenant = own_company()
    provider = provider_for(message.channel, simulated=tenant.is_demo)
    found = provider.find(str(message.pk))
    if found:
        message.status, message.sent_at = Status.SENT, now
        message.save()
        finish(message, now)
    elif found is False and provider.keyed and back_off(message.attempts):
        message.status, message.not_before = Status.QUEUED, now + back_off(message.attempts)  # type: ignore[operator]
        message.save()
    else:
        message.status = Status.UNCERTAIN
        message.save()
        give_task(message.notice.case.customer, _("Find out whether the reminder to %(to)s went out.") % {"to": message.recipient}, now)
        publish(ReminderUncertain(record=message.notice_id, at=now, actor=SYSTEM))


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


def give_up_lost_claims(now: datetime) -> None:
    """Claims whose worker died: nobody knows whether they went out."""
    lost = DunningMessage.objects.filter(status=Status.SENDING, lease_until__lt=now)
    for pk in list(lost.values_list("pk", flat=True)):
        message = DunningMessage.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, status=Status.SENDING).first()
        if message is not None:
            message.error, message.lease_until = "The worker stopped while it was sending.", None
            message.save()
            _doubt(_locked(pk), now)


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
