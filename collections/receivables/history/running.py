"""An import from its first line to its last: checked, put in order, written, and undone if anything is wrong or it was a trial."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from receivables.history.aftercare import bring_aftercare
from receivables.history.bookings import bring_orders
from receivables.history.customers import bring_customers
from receivables.history.deals import bring_deals
from receivables.history.faults import FaultLog
from receivables.history.figures import bring_figures, bring_rates
from receivables.history.money import bring_money
from receivables.history.promises import bring_promises
from receivables.history.prospects import bring_leads
from receivables.history.reading import lines_of
from receivables.history.staging import Staging
from receivables.history.touches import carry_touches
from receivables.history.world import World
from receivables.models import HistoryImport

Progress = Callable[[str, int], None]
LINES_BETWEEN = 10_000

BRINGERS: tuple[tuple[str, Callable[[World], None]], ...] = (
    ("rates", bring_rates),
    ("figures", bring_figures),
    ("customers", bring_customers),
    ("leads", bring_leads),
    ("opportunities", bring_deals),
    ("orders", bring_orders),
    ("deliveries", bring_promises),
    ("money", bring_money),
    ("aftercare", bring_aftercare),
)


@dataclass
class Report:
    """What became of a file."""

    dry_run: bool
    faults: FaultLog
    lines: int = 0
    added: int = 0
    skipped: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.faults.count


class _Undo(Exception):
    """The import is rolled back: it was a trial, or has faults."""


def import_history(
    file: IO[bytes],
    *,
    file_name: str = "",
    dry_run: bool = False,
    run: HistoryImport | None = None,
    progress: Progress = lambda step, lines: None,
    now: datetime | None = None,
) -> Report:
    """Bring the past of the active tenant in, all of it or, if anything is wrong with any line, nothing.

    The same file again changes nothing. `now` is the instant after which facts lie in the future. Memory does not grow with the file.
    """
    report = Report(dry_run, FaultLog())
    try:
        with transaction.atomic():
            _bring_in(file, report, run or HistoryImport(file_name=file_name[:255]), progress, now or timezone.now())
            if dry_run or report.faults.count:
                raise _Undo
    except _Undo:
        pass
    except (IntegrityError, DatabaseError) as error:
        sentence = str(error).strip().splitlines()[0]
        report.faults.add(
            0,
            "",
            "",
            _("The database refused the facts: %(why)s") % {"why": sentence},
            _("Nothing was written. Tell support this sentence."),
        )
    return report


def _bring_in(file: IO[bytes], report: Report, run: HistoryImport, progress: Progress, now: datetime) -> None:
    with connection.cursor() as cursor:  # one import of a tenant at a time
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('history import'), %s)", [current_tenant_id()])
    if run._state.adding:
        run.state, run.dry_run, run.started_at = HistoryImport.State.RUNNING, report.dry_run, now
        run.save()
    world = World(Tenant.objects.get(pk=current_tenant_id()), run, now=now)
    report.faults = world.faults
    world.few()
    staging = Staging(world)
    began = time.monotonic()
    for number, said in lines_of(file):
        staging.take(number, said)
        if staging.lines % LINES_BETWEEN == 0:
            progress("reading", staging.lines)
    staging.settle()
    report.seconds["reading"] = time.monotonic() - began
    report.lines, report.added, report.skipped, report.counts = staging.lines, staging.added, staging.skipped, staging.counts
    if staging.added:
        _write(world, report, progress)
    if not report.faults.count and not report.dry_run:
        _finish(run, report)


def _write(world: World, report: Report, progress: Progress) -> None:
    for name, bring in BRINGERS:
        began = time.monotonic()
        progress(name, report.lines)
        bring(world)
        world.flush()
        report.seconds[name] = time.monotonic() - began
    began = time.monotonic()
    world.settle()
    carry_touches()
    report.seconds["references"] = time.monotonic() - began


def _finish(run: HistoryImport, report: Report) -> None:
    run.state, run.finished_at = HistoryImport.State.DONE, timezone.now()
    run.lines, run.added, run.skipped, run.counts = report.lines, report.added, report.skipped, report.counts
    run.save()


def as_json(report: Report) -> dict[str, Any]:
    """A report as programs read it, without the faults."""
    return {
        "ok": report.clean,
        "dry_run": report.dry_run,
        "written": report.clean and not report.dry_run,
        "lines": report.lines,
        "added": report.added,
        "skipped": report.skipped,
        "counts": report.counts,
        "fault_count": report.faults.count,
        "seconds": {name: round(seconds, 3) for name, seconds in report.seconds.items()},
    }
