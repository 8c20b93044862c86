"""A history that comes over the web: kept in pieces, read by a worker, its faults and its progress for whoever waits."""

import contextlib
import io
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, Final

import redis
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.events.outbox import enqueue
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from ltc.users.models import Membership
from receivables.history.running import Report, import_history
from receivables.models import HistoryFault, HistoryImport, HistoryPart

MOST_BYTES: Final = 64_000_000
PART_BYTES: Final = 1_000_000
KEPT_FAULTS: Final = 100_000
REMEMBERED_SECONDS: Final = 900
State = HistoryImport.State


@transaction.atomic
def upload_history(*, actor: Actor, file: IO[bytes], file_name: str = "", dry_run: bool = False) -> HistoryImport:
    """Take a file in and have it imported, or tried out, in the background. Raises Forbidden, Refusal."""
    if not actor.has_perm("history.add"):
        raise Forbidden(_("You may not import history. Ask your administrator."))
    run = HistoryImport(file_name=file_name[:255], dry_run=dry_run, owner=actor if isinstance(actor, Membership) else None)
    run.save()
    for seq, piece in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
        run.size += len(piece)
        if run.size > MOST_BYTES:
            message = _("The file is larger than %(most)s MB. Bring it in with the command import_history.") % {"most": MOST_BYTES // 10**6}
            raise Refusal(message, code="payload_too_large", field="file")
        HistoryPart.objects.bulk_create([HistoryPart(run=run, seq=seq, body=piece)])
    run.save(update_fields=["size"])
    enqueue("history.import", key=str(run.pk), payload={"run": str(run.pk)})
    return run


class Parts(io.RawIOBase):
    """The uploaded pieces as one file."""

    def __init__(self, run: HistoryImport) -> None:
        self._run, self._seq, self._rest = run, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            body = HistoryPart.objects.filter(run=self._run, seq=self._seq).values_list("body", flat=True).first()
            if body is None:
                return 0
            self._rest, self._seq = memoryview(bytes(body)), self._seq + 1
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def carry_out(run_id: uuid.UUID) -> None:
    """Import an uploaded file and write down what came of it. Done once, however often it is asked for."""
    run = HistoryImport.objects.select_for_update(of=("self",)).filter(pk=run_id, state=State.WAITING).first()
    if run is None:
        return
    run.started_at = timezone.now()
    try:
        with io.BufferedReader(Parts(run), PART_BYTES) as file:
            report = import_history(file, dry_run=run.dry_run, run=run, progress=lambda step, lines: tell(run, step, lines))
    except SoftTimeLimitExceeded:
        run.state, run.error = State.FAILED, _("It took too long. Bring the file in with the command import_history.")
    else:
        _write_down(run, report)
    run.finished_at = timezone.now()
    run.save()
    HistoryPart.objects.filter(run=run).delete()


def _write_down(run: HistoryImport, report: Report) -> None:
    run.state = State.DONE if report.clean else State.FAULTY
    run.lines, run.added, run.skipped, run.counts = report.lines, report.added, report.skipped, report.counts
    run.fault_count = report.faults.count
    for faults in _batches(islice(report.faults, KEPT_FAULTS)):
        HistoryFault.objects.bulk_create(
            [
                HistoryFault(
                    run=run, tenant_id=run.tenant_id, line=fault.line, object=fault.object[:40], field=fault.field, message=fault.message,
                    remedy=fault.remedy,
                )
                for fault in faults
            ]
        )  # fmt: skip


def _batches(faults: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(faults, 2000)):
        yield batch


def tell(run: HistoryImport, step: str, lines: int) -> None:
    """Remember how far a run is. The import's own transaction shows nothing before its end."""
    with contextlib.suppress(redis.RedisError):
        cache.set(f"history:{run.pk}", {"step": step, "lines": lines}, REMEMBERED_SECONDS)


def progress_of(run: HistoryImport) -> dict[str, Any]:
    """How far a run is: {step, lines}; empty if it waits or is done."""
    if run.state != State.WAITING:
        return {}
    with contextlib.suppress(redis.RedisError):
        return cache.get(f"history:{run.pk}") or {}
    return {}
