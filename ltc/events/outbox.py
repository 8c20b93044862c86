"""The outbox: work that may fail alone is written with the change that wants it, and done afterwards by a worker.

`enqueue` needs no broker. A worker runs a row in one transaction that ends with its `done` mark, so the effect happens once
however often the bell rings.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ltc.events.models import Work
from ltc.events.past import is_past
from ltc.tenancy.context import acting_for, current_tenant_id

MAX_ATTEMPTS = 5
Runner = Callable[[dict[str, Any]], None]

log = logging.getLogger(__name__)
_runners: dict[str, Runner] = {}


class UnknownWork(LookupError):
    """A work row names a kind that no code carries out."""


def work(kind: str) -> Callable[[Runner], Runner]:
    """Register the function that carries out one kind of work: `@work("leads.score")`. It runs as the row's tenant."""

    def register(runner: Runner) -> Runner:
        _runners[kind] = runner
        return runner

    return register


def kinds_of_work() -> frozenset[str]:
    return frozenset(_runners)


def enqueue(kind: str, *, key: str, payload: dict[str, Any] | None = None, available_at: datetime | None = None) -> None:
    """Write a job for the active tenant; a second one of the same kind and key is ignored."""
    if kind not in _runners:
        raise UnknownWork(f"No function is registered for {kind!r}. Decorate one with @work({kind!r}) in a tasks module.")
    if is_past():
        return
    row = Work(kind=kind, key=key, payload=payload or {}, available_at=available_at or timezone.now(), tenant_id=current_tenant_id())
    Work.objects.bulk_create([row], ignore_conflicts=True)


def enqueue_again(kind: str, *, key: str, payload: dict[str, Any] | None = None, delay: timedelta = timedelta(0)) -> None:
    """Write a job that may be wanted again and again (rescoring a lead): a pending one is kept, a finished one starts anew."""
    if is_past():
        return
    due = timezone.now() + delay
    enqueue(kind, key=key, payload=payload, available_at=due)
    Work.objects.filter(kind=kind, key=key).exclude(state=Work.State.PENDING).update(
        state=Work.State.PENDING, payload=payload or {}, available_at=due, nudged_at=None, attempts=0, done_at=None
    )


def run(tenant: int, work_id: int) -> bool:
    """Carry out one work row of a tenant if it is still pending and due; whether it was done here.

    The attempt is counted in a transaction of its own first, so that a job that kills its worker is given up after
    MAX_ATTEMPTS instead of killing workers for ever.
    """
    with acting_for(tenant):
        row = _claim(work_id)
        if row is None:
            return False
        row.attempts += 1
        row.started_at = timezone.now()
        if row.attempts > MAX_ATTEMPTS:
            row.state = Work.State.DEAD
        row.save(update_fields=["attempts", "started_at", "state"])
    if row.state == Work.State.DEAD:
        log.error("work %s of tenant %s was given up after %s attempts: %s", row, tenant, MAX_ATTEMPTS, row.last_error)
        return False
    try:
        with acting_for(tenant):
            row = _claim(work_id)
            if row is None:
                return False
            _runners[row.kind](row.payload)
            row.state, row.done_at, row.last_error = Work.State.DONE, timezone.now(), ""
            row.save(update_fields=["state", "done_at", "last_error"])
    except Exception as error:
        log.exception("work %s of tenant %s failed", work_id, tenant)
        _postpone(tenant, work_id, error)
        return False
    return True


def _claim(work_id: int) -> Work | None:
    pending = Work.objects.filter(pk=work_id, state=Work.State.PENDING, available_at__lte=timezone.now())
    return pending.select_for_update(skip_locked=True).first()


def _postpone(tenant: int, work_id: int, error: Exception) -> None:
    with acting_for(tenant):
        row = Work.objects.select_for_update().get(pk=work_id)
        if row.state != Work.State.PENDING:
            return
        row.last_error = f"{type(error).__name__}: {error}"[:2000]
        if row.attempts >= MAX_ATTEMPTS:
            row.state = Work.State.DEAD
        row.available_at = timezone.now() + timedelta(seconds=5 * 3 ** (row.attempts - 1))
        row.nudged_at = None
        row.save(update_fields=["last_error", "state", "available_at", "nudged_at"])


def retry(row: Work) -> None:
    """Give a job that was given up another chance; for the operator's page."""
    row.state, row.attempts, row.available_at, row.nudged_at = Work.State.PENDING, 0, timezone.now(), None
    row.save(update_fields=["state", "attempts", "available_at", "nudged_at"])


def run_pending(limit: int = 1000) -> int:
    """Carry out the active tenant's due work here and now, in order; how many were done. For commands and tests."""
    tenant, done = current_tenant_id(), 0
    for _ in range(limit):
        due = Work.objects.filter(state=Work.State.PENDING, available_at__lte=timezone.now()).order_by("available_at", "id").first()
        if due is None:
            break
        done += run(tenant, due.pk)
    return done
