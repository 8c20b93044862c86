"""The import of a file of leads beside COPY of the rows that it writes: `python -m bench.wizard --leads 200000`."""

import argparse
import csv
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import django

COLUMNS = ("Lead Number", "Name", "Company", "Email", "Phone", "Lead Source", "Created", "Status", "Region", "Employees", "Need")
SOURCES, STATES = ("Website", "Referral", "Exhibition", "Paid search"), ("New", "New", "Lost", "New")
TABLES = ("leads_lead", "leads_leadtouch", "timeline_entry", "leads_importrow", "leads_leadscoresnapshot")


@dataclass(frozen=True)
class Taken:
    """What an import took."""

    leads: int
    steps: dict[str, float]
    copy_seconds: float
    rows: int
    grown_mb: float

    def __str__(self) -> str:
        whole = sum(self.steps.values())
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.steps.items())
        ratio = f"{whole / self.copy_seconds:.1f}x of COPY of the same {self.rows:,} rows"
        return f"Import of {self.leads:,} leads: {whole:.1f} s, {ratio}, memory grew by {self.grown_mb:.0f} MB ({steps})"


def write(path: Path, leads: int) -> None:
    """A file of so many leads of different companies."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(leads):
            day = f"2026-{number % 9 + 1:02}-{number % 28 + 1:02}"
            company, person = f"Works {number:06} {('Harbour', 'Hill', 'River', 'Field')[number % 4]} Ltd", f"Person {number}"
            writer.writerow(
                [
                    *(number, person, company, f"p{number}@works{number}.example", f"138{number:08}", SOURCES[number % 4], day),
                    *(STATES[number % 4], "Foshan", number % 900 + 1, "Two machines by spring"),
                ]
            )


def measure(leads: int) -> Taken:
    """Import a file of so many leads into a new tenant, with all jobs done at once in this process."""
    from bench.imports import _copy, _peak_mb  # noqa: PLC0415  # settings come first
    from leads.imports.checking import run  # noqa: PLC0415
    from leads.imports.reading import stream  # noqa: PLC0415
    from leads.imports.taking import start_import  # noqa: PLC0415
    from ltc.events.outbox import run_pending  # noqa: PLC0415
    from ltc.tenancy.context import acting_for  # noqa: PLC0415
    from ltc.users.actors import SYSTEM  # noqa: PLC0415
    from ltc.users.services import create_tenant  # noqa: PLC0415

    tenant = create_tenant(code=f"wizard-{int(time.time())}", name="Wizard", time_zone="Asia/Shanghai", currency="CNY")
    steps: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "leads.csv"
        write(path, leads)
        before = _peak_mb()

        def lap(name: str, began: float) -> None:
            steps[name] = time.perf_counter() - began
            print(f"· {name} {steps[name]:.1f} s, {_peak_mb():.0f} MB", flush=True)

        with path.open("rb") as file, acting_for(tenant):
            began = time.perf_counter()
            batch = start_import(actor=SYSTEM, table=stream(file), file_name="leads.csv")
            lap("reading", began)
        began = time.perf_counter()
        while batch.state == "checking":
            with acting_for(tenant):
                run_pending()
                batch.refresh_from_db()
        lap("checking", began)
        began = time.perf_counter()
        with acting_for(tenant):
            run(batch, actor=SYSTEM)
        while batch.state != "done":
            with acting_for(tenant):
                run_pending()
                batch.refresh_from_db()
        lap("bringing in and scoring", began)
        grown = _peak_mb() - before
        copied, rows = _copy(tenant.pk, Path(room), TABLES)
    return Taken(leads, steps, copied, rows, grown)


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.wizard", description=__doc__)
    parser.add_argument("--leads", type=int, default=5_000)
    given = parser.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    sys.path.append(str(Path(__file__).resolve().parent.parent / "collections"))
    django.setup()
    print(measure(given.leads))


if __name__ == "__main__":
    main(sys.argv[1:])
