"""F8: two beats at once, a beat that is killed over midnight, days on which the clock changes. Each slot happens exactly once."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from ltc.events import schedule
from ltc.events.models import Clockwork, Work
from ltc.events.outbox import work
from ltc.tenancy.context import acting_for
from tests import make
from tests.faults.outcome import Outcome
from tests.faults.site import Site, a_tenant

ZONES = ("Asia/Shanghai", "America/New_York", "America/Santiago", "Australia/Lord_Howe")
"""Santiago skips midnight itself when its clocks go forward; Lord Howe changes by half an hour."""

WRITTEN = "SELECT tenant_id, name, count(*) FROM timeline_entry WHERE subject_type = 'faults.midnight' GROUP BY tenant_id, name"


def days_between(since: datetime, until: datetime, zone: str) -> set[str]:
    """The days whose first instant lies in (since, until], counted without the code under test."""
    first, last = since.astimezone(ZoneInfo(zone)).date(), until.astimezone(ZoneInfo(zone)).date()
    return {(first + timedelta(days=n)).isoformat() for n in range(1, (last - first).days + 1)}


def test_two_beats_of_which_one_is_killed_write_each_midnight_once(site: Site) -> None:
    site.rows("TRUNCATE events_work, timeline_entry")
    tenants = {a_tenant(site, zone): zone for zone in ZONES}
    now = site.rows("SELECT now()")[0][0]
    since = now - timedelta(hours=40)  # nobody ticked for so long: a midnight or two of every tenant went by
    site.rows("INSERT INTO events_clockwork (id, ticked_at) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET ticked_at = %s", (since, since))
    site.env["LTC_TICK_SECONDS"] = "1"
    site.keep_running("beat", 2)
    site.keep_running("worker", 1)
    site.keep_running("brisk relay", 1)
    assert site.wait_for(lambda: site.number("SELECT count(*) FROM events_work") > 0, 60) is not None, site.logs()
    site.kill("beat")
    wanted = {(tenant, day) for tenant, zone in tenants.items() for day in days_between(since, now, zone)}

    def all_noted() -> bool:
        return wanted <= {(tenant, day) for tenant, day, _ in site.rows(WRITTEN)}

    recovered = site.wait_for(all_noted, 60)
    noted = {(tenant, day): count for tenant, day, count in site.rows(WRITTEN) if tenant in tenants}
    outcome = Outcome(
        lost=len(wanted - set(noted)),
        duplicated=sum(count - 1 for count in noted.values()),
        unexpected=len(set(noted) - wanted),
        recovered=recovered,
        note=f"{len(wanted)} midnights of {len(tenants)} tenants, 2 beats, 1 killed",
    )
    outcome.judge("F8 processes", 60)


@work("tests.midnight")
def nothing(payload: dict[str, object]) -> None:
    """The slot is what is looked at."""


def tick_together(now: datetime, beats: int = 2) -> list[BaseException]:
    """Several beats tick at the same moment, each with its own connection."""
    ready, failed = threading.Barrier(beats), []

    def tick() -> None:
        ready.wait()
        try:
            schedule.tick(now)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tick) for _ in range(beats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failed


@pytest.mark.django_db(transaction=True, databases=["default", "platform"])
@pytest.mark.parametrize(("start", "days"), [(date(2026, 3, 6), 4), (date(2026, 9, 4), 4), (date(2026, 10, 2), 4), (date(2026, 10, 31), 3)])
def test_days_on_which_clocks_change_happen_once(start: date, days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_schedules", [schedule.Schedule("tests.midnight", at=time(0))])
    tenants = [make.tenant(zone.split("/")[1].lower().replace("_", "-"), time_zone=zone) for zone in ZONES]
    begin = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
    Clockwork.objects.update_or_create(pk=1, defaults={"ticked_at": begin})
    now, end, failed = begin, begin + timedelta(days=days), []
    while now < end:
        now += timedelta(hours=11) if now.hour == 20 else timedelta(hours=1)  # an outage over somebody's midnight
        failed += tick_together(now)
    lost = doubled = odd = 0
    for tenant in tenants:
        wanted = days_between(begin, now, tenant.time_zone)
        with acting_for(tenant):
            written = list(Work.objects.filter(kind="tests.midnight").values_list("key", flat=True))
        lost, odd, doubled = lost + len(wanted - set(written)), odd + len(set(written) - wanted), doubled + len(written) - len(set(written))
    Outcome(lost, doubled, odd + len(failed), 0.0, f"{days} days from {start}, {len(ZONES)} zones").judge("F8 clocks", 0)
