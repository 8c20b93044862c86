"""Sending, at most once: the same way out for every kind of message.

A message is claimed (`sending`, with a lease) in one transaction, handed to its provider after that has committed, and its outcome is
written in another; one message at a time, so that a worker that dies leaves a question about one message only. When the lease of such a
claim runs out, the provider is asked by the message's key; what it does not know is `uncertain` and is never sent again by itself. In doubt
nothing is sent.
"""

import abc
import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction

from ltc.events.outbox import enqueue
from ltc.notifications.models import OutgoingMessage
from ltc.notifications.providers import NotAccepted, Parcel, Provider, provider_for
from ltc.tenancy.context import acting_for, current_tenant_id
from ltc.tenancy.models import Tenant

LEASE: Final = timedelta(minutes=10)
BUDGET: Final = 40.0  # seconds that one job sends for; then the next one goes on
SENDERS: Final = 8
MANY: Final = 50  # from so many waiting messages on, more jobs send together
Status = OutgoingMessage.Status
OUT: Final = (Status.SENT, Status.SIMULATED, Status.DELIVERED)
log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


def back_off(attempts: int) -> timedelta | None:
    """How long to wait after so many refused attempts; None when it is enough."""
    minutes = (1, 5, 15, 60, 240)
    return timedelta(minutes=minutes[attempts - 1]) if attempts <= len(minutes) else None


def write_down(message: Any, subject: str, body: str) -> None:
    """Keep what is sent with the message, and what proves it."""
    message.subject, message.body = subject[:300], body
    message.body_hash = hashlib.sha256(body.encode()).hexdigest()


class Sender(abc.ABC):
    """One kind of message on its way out. `work` is the kind of job that sends on."""

    work: str

    @abc.abstractmethod
    def messages(self) -> Any:
        """All messages of the kind."""

    @abc.abstractmethod
    def due(self, now: datetime) -> Any:
        """The active tenant's messages whose time has come, in their order."""

    @abc.abstractmethod
    def claim(self, now: datetime) -> tuple[UUID | None, Parcel | None]:
        """Take one message for sending: its id, and what to hand over. One that is not wanted any more is settled here: no parcel."""

    @abc.abstractmethod
    def locked(self, message_id: UUID) -> Any:
        """The message, locked, with what `finish` reads beside it."""

    @abc.abstractmethod
    def finish(self, message: Any, now: datetime) -> None:
        """It is out: what follows from that."""

    @abc.abstractmethod
    def give_up(self, message: Any, told: str, now: datetime) -> None:
        """It was refused too often: tell a person."""

    @abc.abstractmethod
    def leave_in_doubt(self, message: Any, now: datetime) -> None:
        """Nobody can say whether it went out: have a person find out."""

    def way_of(self, message: Any) -> str:
        return "email"

    def provider(self, message: Any, tenant: Tenant) -> Provider:
        return provider_for(self.way_of(message), simulated=tenant.is_demo)

    def send(self, *, now: datetime, clock: Clock | None = None, alone: bool = False) -> int:
        """Send the active tenant's messages that may go out now, when this transaction has committed; how many are due.

        If many wait, other senders are asked for help. `clock` tells the time while it is sending; it stands still at `now` unless given.
        """
        self.give_up_lost_claims(now)
        waiting = int(self.due(now).count())
        if waiting:
            transaction.on_commit(partial(self.send_due, current_tenant_id(), clock or (lambda: now)))
        if waiting > MANY and not alone:
            for number in range(1, min(SENDERS, waiting // MANY + 1)):
                enqueue(self.work, key=f"{now.isoformat()}:{number}", payload={"alone": True})
        return waiting

    def send_due(self, tenant_id: int, clock: Clock) -> None:
        """Claim and hand over one message after the other, each in its own transactions, until none is due or the time is used up."""
        began = time.monotonic()
        while time.monotonic() - began < BUDGET:
            with acting_for(tenant_id):
                found, parcel = self.claim(clock())
            if found is None:
                return
            if parcel is not None:
                self.hand_over(tenant_id, found, parcel, at=clock())
        with acting_for(tenant_id):
            if self.due(clock()).exists():
                enqueue(self.work, key=f"more:{uuid4()}", payload={"alone": True})

    def take(self, message: Any, now: datetime) -> None:
        """Claim a message: whoever dies from here on leaves a doubt."""
        message.status, message.lease_until = Status.SENDING, now + LEASE
        message.attempts += 1
        message.save()

    def hand_over(self, tenant_id: int, message_id: UUID, parcel: Parcel, *, at: datetime) -> None:
        """Give a claimed message to its provider and write what came of it. Called once per claim, when the claim has committed."""
        with acting_for(tenant_id):
            tenant = Tenant.objects.get(pk=tenant_id)
            message = self.messages().get(pk=message_id, status=Status.SENDING)
            provider = self.provider(message, tenant)
        ref = ""
        try:
            ref = provider.send(parcel)
        except NotAccepted as error:
            outcome, told = Status.QUEUED, str(error)
        except Exception as error:
            log.exception("message %s of tenant %s may or may not have gone out", message_id, tenant_id)
            outcome, told = Status.UNCERTAIN, f"{type(error).__name__}: {error}"
        else:
            outcome, told = (Status.SIMULATED if tenant.is_demo else Status.SENT), ""
        with acting_for(tenant_id):
            self.settle(message_id, outcome, told, now=at, provider=provider.name, ref=ref)

    def settle(self, message_id: UUID, outcome: str, told: str, *, now: datetime, provider: str = "", ref: str = "") -> None:
        """Write what came of a message: out, in doubt, or refused and tried again later, five times."""
        with transaction.atomic():
            message = self.locked(message_id)
            if message.status != Status.SENDING:
                return
            message.error, message.lease_until, message.provider, message.provider_ref = told[:500], None, provider, ref[:200]
            if outcome == Status.QUEUED:
                wait = back_off(message.attempts)
                message.status, message.not_before = (Status.QUEUED, now + wait) if wait else (Status.FAILED, message.not_before)
                message.save()
                if wait is None:
                    self.give_up(message, told, now)
            elif outcome == Status.UNCERTAIN:
                self.doubt(message, now)
            else:
                self._sent(message, Status(outcome), now)

    def doubt(self, message: Any, now: datetime) -> None:
        """Nobody can say whether it went out. The provider is asked; if it does not know and would not take it twice, it is sent again."""
        provider = self.provider(message, Tenant.objects.get(pk=current_tenant_id()))
        found, wait = provider.find(str(message.pk)), back_off(message.attempts)
        if found:
            self._sent(message, Status.SENT, now)
        elif found is False and provider.keyed and wait:
            message.status, message.not_before = Status.QUEUED, now + wait
            message.save()
        else:
            message.status = Status.UNCERTAIN
            message.save()
            self.leave_in_doubt(message, now)

    def _sent(self, message: Any, status: str, now: datetime) -> None:
        message.status, message.sent_at = status, now
        message.save()
        self.finish(message, now)

    def give_up_lost_claims(self, now: datetime) -> None:
        """Claims whose worker died: nobody knows whether they went out."""
        lost = self.messages().filter(status=Status.SENDING, lease_until__lt=now)
        for pk in list(lost.values_list("pk", flat=True)):
            message = self.messages().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, status=Status.SENDING).first()
            if message is not None:
                message.error, message.lease_until = "The worker stopped while it was sending.", None
                message.save()
                self.doubt(self.locked(pk), now)
