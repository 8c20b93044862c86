"""The history import beside COPY of the rows that it writes, and the memory that it takes: `python -m bench.imports --leads 1000000`."""

import argparse
import io
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import django
from django.db import connections

from bench.pasts import write

TABLES = (
    "collections_importedfact", "leads_lead", "leads_leadtouch", "leads_leadassignment", "timeline_entry", "customers_customer",
    "customers_contact", "opportunities_opportunity",
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What an import took."""

    leads: int
    lines: int
    seconds: float
    copy_seconds: float
    rows: int
    grown_mb: float
    steps: dict[str, float]

    @property
    def ratio(self) -> float:
        return self.seconds / self.copy_seconds

    def __str__(self) -> str:
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.steps.items() if seconds >= 0.1)
        return (
            f"History import of {self.leads:,} leads ({self.lines:,} lines, {self.rows:,} rows): {self.seconds:.1f} s, "
            f"{self.ratio:.1f}x of COPY of the same rows, memory grew by {self.grown_mb:.0f} MB ({steps})"
        )


def measure(leads: int, code: str) -> Taken:
    """Import a past of so many leads into a new tenant."""
    from ltc.tenancy.context import acting_for  # noqa: PLC0415  # settings come first
    from ltc.users.services import create_tenant  # noqa: PLC0415
    from receivables.history.running import import_history  # noqa: PLC0415

    tenant = create_tenant(code=code, name="Past", time_zone="Asia/Shanghai", currency="CNY")
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "past.jsonl"
        lines = write(path, leads)
        before, began = _peak_mb(), time.perf_counter()
        with path.open("rb") as file, acting_for(tenant):
            report = import_history(file, progress=lambda step, done: print(f"· {step} {done:,} {_peak_mb():.0f} MB", flush=True))
        seconds = time.perf_counter() - began
        assert report.clean, list(report.faults)[:5]
        grown = _peak_mb() - before
        copied, rows = _copy(tenant.pk, Path(room))
    return Taken(leads, lines, seconds, copied, rows, grown, report.seconds)


def _copy(tenant: int, room: Path, tables: Sequence[str] = TABLES) -> tuple[float, int]:
    """Seconds for COPY of the tenant's rows into empty tables with the same columns and indexes, and how many they are."""
    seconds, rows = 0.0, 0
    with connections["bare"].cursor() as cursor:
        cursor.execute("SET app.tenant_id = %s", [str(tenant)])
        for table in tables:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''",
                [table],
            )
            columns = cursor.fetchone()[0]
            file = room / "rows.copy"
            with file.open("wb") as out:
                cursor.copy_expert(f"COPY (SELECT {columns} FROM {table} WHERE tenant_id = {tenant}) TO STDOUT", out)
            cursor.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)")
            began = time.perf_counter()
            with file.open("rb") as read:
                cursor.copy_expert(f"COPY bench_copy ({columns}) FROM STDIN", io.BufferedReader(read))
            rows += cursor.rowcount
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE bench_copy")
    return seconds, rows


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--code", default=f"past-{int(time.time())}")
    given = parser.parse_args()
    django.setup()
    print(measure(given.leads, given.code))


if __name__ == "__main__":
    main()
