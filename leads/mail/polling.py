"""Looking into mailboxes: each mail is stored once, in a transaction of its own, and made a lead by a job afterwards.

How far a mailbox has been read is written with each mail, so a connection that breaks, or a worker that dies, loses nothing; and the key of
a mail is unique, so nothing is taken in twice, even if the server numbers its mails anew or two mailboxes get the same mail.
"""

import hashlib
import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.mail.reading import Mail, Unreadable, read
from leads.mail.server import Fetched, Folder, MailboxFailed, opened
from leads.models import InboundMail, Mailbox
from ltc.calendars.selectors import zone_of
from ltc.events.outbox import enqueue
from ltc.notifications.outward import NotReachable
from ltc.notifications.services import notify
from ltc.tenancy.context import acting_for, current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership

LEASE: Final = timedelta(minutes=10)
BUDGET: Final = 60.0
BATCH: Final = 200
TELL_AFTER: Final = 3  # failures in a row
Outcome = InboundMail.Outcome
log = logging.getLogger(__name__)


def poll(mailbox_id: UUID, *, now: datetime) -> bool:
    """Look into a mailbox when this transaction has committed; False if somebody else is doing it, or it is switched off."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    taken = Mailbox.objects.filter(free, pk=mailbox_id, active=True).update(lease_until=now + LEASE)
    if taken:
        transaction.on_commit(partial(look_into, current_tenant_id(), mailbox_id))
    return bool(taken)


def look_into(tenant_id: int, mailbox_id: UUID) -> int:
    """Take in the new mails of a mailbox that was claimed; how many were stored. What goes wrong is written with the mailbox."""
    with acting_for(tenant_id):
        mailbox = Mailbox.objects.get(pk=mailbox_id)
    stored, more, problem = 0, False, ""
    try:
        with opened(mailbox) as folder:
            stored, more = _take_in(tenant_id, mailbox, folder)
    except (MailboxFailed, NotReachable) as refusal:
        problem = str(refusal)
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise
    finally:
        with acting_for(tenant_id):
            _release(mailbox_id, problem)
            if more:
                enqueue("leads.poll_mailbox", key=f"{mailbox_id}:more:{uuid4()}", payload={"mailbox": str(mailbox_id)})
    return stored


def _take_in(tenant_id: int, mailbox: Mailbox, folder: Folder) -> tuple[int, bool]:
    began = time.monotonic()
    last = mailbox.last_uid if mailbox.uid_validity == folder.validity else 0  # the server has numbered its mails anew
    waiting = folder.newer_than(last, mailbox.starts_on, BATCH + 1)
    stored = 0
    for number, uid in enumerate(waiting):
        if number == BATCH or time.monotonic() - began > BUDGET:
            return stored, True
        fetched = folder.fetch(uid)
        with acting_for(tenant_id):
            stored += fetched is not None and store(mailbox, fetched)
            Mailbox.objects.filter(pk=mailbox.pk).update(last_uid=uid, uid_validity=folder.validity)
    if not waiting:
        with acting_for(tenant_id):
            Mailbox.objects.filter(pk=mailbox.pk).update(last_uid=max(folder.next_uid - 1, 0), uid_validity=folder.validity)
    return stored, False


def store(mailbox: Mailbox, fetched: Fetched) -> bool:
    """Keep a mail, and have it taken in; whether it is news. One that cannot be read is kept as failed."""
    row = InboundMail(mailbox=mailbox, uid=fetched.uid, size=fetched.size, is_cut=fetched.is_cut, received_at=fetched.received_at)
    row.tenant_id = current_tenant_id()
    try:
        fill(row, read(fetched.raw))
    except Unreadable as error:
        row.outcome, row.error = Outcome.FAILED, _("The mail cannot be read: %(why)s") % {"why": error}
    row.key = _key(row, fetched.raw)
    known = InboundMail.objects.filter(key=row.key).exists()
    InboundMail.objects.bulk_create([row], ignore_conflicts=True)
    kept = not known and InboundMail.objects.filter(pk=row.pk).exists()
    if kept and row.outcome == Outcome.WAITING:
        take_in_later(row)
    return kept


def fill(row: InboundMail, mail: Mail) -> None:
    """What a mail says, as it is kept."""
    row.message_id, row.sender, row.sender_name = mail.message_id, mail.sender, mail.sender_name
    row.subject, row.text, row.answers, row.attachments = mail.subject, mail.text, list(mail.answers), list(mail.attachments)
    row.why = mail.kind


def _key(row: InboundMail, raw: bytes) -> str:
    """By what a mail is known again: its Message-ID and sender; without one its own bytes."""
    known = f"{row.message_id}\n{row.sender}".encode() if row.message_id else raw
    return hashlib.sha256(known).hexdigest()


def take_in_later(row: InboundMail) -> None:
    enqueue("leads.mail", key=f"{row.pk}:{row.attempts}", payload={"mail": str(row.pk)})


def _release(mailbox_id: UUID, problem: str) -> None:
    mailbox = Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox_id)
    failures = mailbox.failures + 1 if problem else 0
    changes: dict[str, Any] = {"lease_until": None, "polled_at": timezone.now(), "error": problem[:300], "failures": failures}
    Mailbox.objects.filter(pk=mailbox_id).update(**changes)
    if failures == TELL_AFTER:
        title = _("The mailbox “%(name)s” cannot be looked into.")
        for member in Membership.objects.filter(role="adm", state=Membership.State.ACTIVE).select_related("user"):
            notify(member, title=title, values={"name": mailbox.name}, body=problem.replace("%", "%%"), about=mailbox)


def poll_all(slot: str, *, now: datetime) -> int:
    """Have every active mailbox looked into, each by a job of its own; one that keeps failing less and less often."""
    wanted = 0
    if Tenant.objects.get(pk=current_tenant_id()).state == Tenant.State.SUSPENDED:
        return wanted
    for mailbox in Mailbox.objects.filter(active=True):
        pause = timedelta(minutes=min(2 ** min(mailbox.failures, 6), 60)) if mailbox.failures else timedelta(0)
        if mailbox.polled_at is None or now - mailbox.polled_at >= pause:
            enqueue("leads.poll_mailbox", key=f"{mailbox.pk}:{slot}", payload={"mailbox": str(mailbox.pk)})
            wanted += 1
    return wanted


def first_day(now: datetime) -> Any:
    """From when on a new mailbox is read: the tenant's day."""
    return now.astimezone(zone_of(Tenant.objects.get(pk=current_tenant_id()))).date()
