"""Sending reminders, at most once.

A message is claimed (`sending`, with a lease) in one transaction, handed to the mail server after that has committed, and its outcome
is written in another. A worker that dies in between leaves a claim whose lease runs out: that message is `uncertain` and is never sent
again by itself. In doubt nothing is sent.
"""

import hashlib
import logging
import smtplib
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from ltc.calendars.business_days import WorkCalendar, add_business_days
from ltc.calendars.selectors import today, work_calendar, zone_of
from ltc.events.bus import publish
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.aging import days_overdue
from receivables.company import own_company
from receivables.dunning import DEADLINE_BUSINESS_DAYS, back_off, next_window
from receivables.events import ReminderSent
from receivables.letters import MissingValue, Occasion, Row, write
from receivables.models import DunningCase, DunningMessage, DunningNotice, DunningNoticeItem, DunningPolicy
from receivables.services.reminders import policy_in_force, windows_of

LEASE: Final = timedelta(minutes=10)
BATCH: Final = 10  # so many mails at 15 seconds each still end before the lease and the worker's time limit

# Refused before the server took the message over: it certainly did not go out.
REFUSED: Final = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    ConnectionRefusedError,
)
Status = DunningMessage.Status
Used = DunningNoticeItem.State
log = logging.getLogger(__name__)


def send_reminders(*, now: datetime) -> int:
    """Claim the active tenant's messages that may go out now and hand them over when this transaction has committed; how many."""
    tenant, policy, calendar = own_company(), policy_in_force(), work_calendar()
    _give_up_lost_claims(now)
    due = DunningMessage.objects.filter(status=Status.QUEUED, not_before__lte=now, notice__state=DunningNotice.State.QUEUED)
    claimed = []
    for pk in list(due.order_by("not_before", "pk").values_list("pk", flat=True)[:BATCH]):
        message = _claim(pk, tenant, policy, calendar, now)
        if message is not None:
            claimed.append(message)
    for message in claimed:
        transaction.on_commit(partial(hand_over, tenant.pk, message.pk, at=now))
    return len(claimed)


def _claim(pk: UUID, tenant: Tenant, policy: DunningPolicy, calendar: WorkCalendar, now: datetime) -> DunningMessage | None:
    """Take one message for sending, if it is still wanted: outside the hours it waits, and what was paid meanwhile is dropped."""
    message = (
        DunningMessage.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("notice__case__customer__owner")
        .filter(pk=pk, status=Status.QUEUED)
        .first()
    )
    if message is None:
        return None
    opens = next_window(calendar, now, zone_of(tenant), windows_of(policy), business_days_only=policy.business_days_only)
    if opens > now:
        DunningMessage.objects.filter(pk=pk).update(not_before=opens)
        return None
    DunningCase.objects.select_for_update(of=("self",)).get(pk=message.notice.case_id)
    rows = _still_wanted(message.notice, tenant, now)
    if not rows:
        _drop(message, now)
        return None
    try:
        letter = write(_occasion(message, tenant, calendar, now), rows)
    except MissingValue as error:
        message.status, message.error = Status.FAILED, str(error)[:500]
        message.save()
        return None
    message.subject, message.body = letter.subject[:300], letter.body
    message.body_hash = hashlib.sha256(letter.body.encode()).hexdigest()
    message.status, message.lease_until = Status.SENDING, now + LEASE
    message.attempts += 1
    message.save()
    return message


def _still_wanted(notice: DunningNotice, tenant: Tenant, now: datetime) -> list[Row]:
    """The items of a notice that are still open, with their days of today; the others give their level back."""
    paused = DunningCase.objects.filter(pk=notice.case_id, state=DunningCase.State.PAUSED).exists()
    rows, day = [], today(tenant, at=now)
    for reminded in notice.items.filter(state=Used.RESERVED).select_related("item__invoice"):
        item = reminded.item
        if paused or not item.open_amount or item.due_date is None or item.invoice.invoice_date is None:
            reminded.state = Used.RELEASED
            reminded.save(update_fields=["state"])
            continue
        reminded.open_amount, reminded.days_overdue = item.open_amount, days_overdue(item.due_date, day)
        reminded.save(update_fields=["open_amount", "days_overdue"])
        invoice = item.invoice
        rows.append(
            Row(invoice.number or "", item.invoice.invoice_date, item.due_date, item.open_amount, reminded.days_overdue, invoice.po_ref)
        )
    return rows


def _drop(message: DunningMessage, now: datetime) -> None:
    message.status = Status.CANCELLED
    message.save()
    perform(message.notice, "drop", actor=SYSTEM, at=now)


def _occasion(message: DunningMessage, tenant: Tenant, calendar: WorkCalendar, now: datetime) -> Occasion:
    customer = message.notice.case.customer
    owner = customer.owner.name if customer.owner else tenant.name
    return Occasion(
        level=message.notice.level, language=message.notice.language, currency=message.notice.case.currency, customer_name=customer.name,
        contact_name=message.contact_name or customer.name, company_name=tenant.name, sender_name=owner, owner_name=owner,
        deadline=add_business_days(calendar, today(tenant, at=now), DEADLINE_BUSINESS_DAYS),
    )  # fmt: skip


def hand_over(tenant_id: int, message_id: UUID, *, at: datetime) -> None:
    """Give a claimed message to the mail server and write what came of it, as of `at`, the moment of the run.

    Called once per claim, when the claim has committed.
    """
    with acting_for(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        message = DunningMessage.objects.get(pk=message_id, status=Status.SENDING)
    try:
        _mail(message, simulated=tenant.is_demo)
    except REFUSED as error:
        outcome, told = Status.QUEUED, f"{type(error).__name__}: {error}"
    except Exception as error:
        log.exception("reminder %s of tenant %s may or may not have gone out", message_id, tenant_id)
        outcome, told = Status.UNCERTAIN, f"{type(error).__name__}: {error}"
    else:
        outcome, told = (Status.SIMULATED if tenant.is_demo else Status.SENT), ""
    with acting_for(tenant_id):
        settle_outcome(message_id, outcome, told, now=at)


def _mail(message: DunningMessage, *, simulated: bool) -> None:
    """A demo tenant's mail is simulated: it is written to the console and no provider is called, whatever the settings say."""
    EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers={"Message-ID": f"<{message.pk}@reminders.ltc>"},
        connection=get_connection("django.core.mail.backends.console.EmailBackend") if simulated else None,
    ).send()


@transaction.atomic
def settle_outcome(message_id: UUID, outcome: str, told: str, *, now: datetime) -> None:
    """Write what came of a message: out, in doubt, or refused and tried again later, five times."""
    message = DunningMessage.objects.select_for_update(of=("self",)).select_related("notice__case__customer").get(pk=message_id)
    if message.status != Status.SENDING:
        return
    message.error, message.lease_until = told[:500], None
    if outcome == Status.QUEUED:
        wait = back_off(message.attempts)
        message.status, message.not_before = (Status.QUEUED, now + wait) if wait else (Status.FAILED, message.not_before)
        message.save()
        return
    message.status = Status(outcome)
    message.sent_at = now if outcome in (Status.SENT, Status.SIMULATED) else None
    message.save()
    if message.sent_at is not None:
        finish(message, now)


def finish(message: DunningMessage, now: datetime) -> None:
    """A reminder is out: its levels are sent, and the customer's and the invoices' histories show it."""
    notice = message.notice
    reminded = list(notice.items.filter(state=Used.RESERVED).select_related("item__invoice"))
    notice.items.filter(pk__in=[row.pk for row in reminded]).update(state=Used.SENT)
    perform(notice, "finish", actor=SYSTEM, at=now)
    simulated = message.status == Status.SIMULATED
    data = {"notice": str(notice.pk), "level": notice.level, "to": message.recipient, "simulated": simulated}
    invoices = {row.item.invoice_id: row.item.invoice for row in reminded}
    for subject in (notice.case.customer, *invoices.values()):
        record(subject, kind=Entry.Kind.ACTIVITY, name="reminder_sent", actor=SYSTEM, at=now, body=message.subject, data=data)
    publish(ReminderSent(record=notice.pk, at=now, actor=SYSTEM))


def _give_up_lost_claims(now: datetime) -> None:
    lost = DunningMessage.objects.filter(status=Status.SENDING, lease_until__lt=now)
    lost.update(status=Status.UNCERTAIN, error="The worker stopped while it was sending.", lease_until=None)
