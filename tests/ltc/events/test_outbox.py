from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ltc.events import outbox
from ltc.events.models import Work
from ltc.events.outbox import UnknownWork, enqueue, enqueue_again, run_pending, work
from ltc.events.schedule import Schedule, daily, tick
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests import make

done: list[Any] = []


@work("tests.note")
def note(payload: dict[str, Any]) -> None:
    done.append(payload["text"])


@work("tests.fail")
def fail(payload: dict[str, Any]) -> None:
    make.team("half done")
    raise RuntimeError("no luck")


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    done.clear()


def test_work_is_done_once_however_often_it_is_asked_for(inside: Tenant) -> None:
    enqueue("tests.note", key="a", payload={"text": "a"})
    enqueue("tests.note", key="a", payload={"text": "again"})
    row = Work.objects.get()
    assert [outbox.run(inside.pk, row.pk), outbox.run(inside.pk, row.pk)] == [True, False]
    assert done == ["a"]


def test_work_that_is_wanted_again_starts_anew_when_it_is_done(inside: Tenant) -> None:
    for text in ("first", "second"):
        enqueue_again("tests.note", key="a", payload={"text": text})
        run_pending()
    assert done == ["first", "second"]


def test_failed_work_leaves_nothing_behind_and_is_tried_later(inside: Tenant) -> None:
    enqueue("tests.fail", key="a")
    assert run_pending() == 0
    row = Work.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "RuntimeError: no luck")
    assert row.available_at > timezone.now()
    assert not make.Team.objects.filter(name="half done").exists()


def test_work_that_always_fails_is_given_up_and_can_be_retried_by_a_person(inside: Tenant) -> None:
    enqueue("tests.fail", key="a")
    for _ in range(outbox.MAX_ATTEMPTS + 2):
        Work.objects.update(available_at=timezone.now())
        run_pending()
    row = Work.objects.get()
    assert (row.state, row.attempts) == ("dead", outbox.MAX_ATTEMPTS)
    outbox.retry(row)
    assert Work.objects.get().state == "pending"


def test_unknown_work_is_refused_at_once(inside: Tenant) -> None:
    with pytest.raises(UnknownWork):
        enqueue("tests.nobody", key="a")


SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
MIDNIGHT = Schedule("tests.note", at=time(0, 0))


def slots(schedule: Schedule, zone: ZoneInfo, since: str, until: str) -> list[str]:
    return [key for key, _ in schedule.slots(datetime.fromisoformat(since), datetime.fromisoformat(until), zone)]


def test_midnight_is_each_tenants_own() -> None:
    assert slots(MIDNIGHT, SHANGHAI, "2026-06-30T15:59+00:00", "2026-06-30T16:01+00:00") == ["2026-07-01"]
    assert slots(MIDNIGHT, NEW_YORK, "2026-06-30T15:59+00:00", "2026-06-30T16:01+00:00") == []
    assert slots(MIDNIGHT, NEW_YORK, "2026-07-01T03:59+00:00", "2026-07-01T04:00+00:00") == ["2026-07-01"]


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_a_time_that_the_clock_change_skips_or_repeats_happens_once(day: str) -> None:
    for at in (time(1, 30), time(2, 30)):
        found = slots(Schedule("tests.note", at=at), NEW_YORK, f"{day}T00:00-05:00", f"{day}T23:00-05:00")
        assert found.count(day) == 1


def test_a_minute_tick_never_misses_or_repeats_a_slot() -> None:
    start = datetime(2026, 3, 7, tzinfo=UTC)
    ticks = [start + timedelta(minutes=7 * n) for n in range(600)]
    keys = [key for a, b in pairwise(ticks) for key, _ in MIDNIGHT.slots(a, b, NEW_YORK)]
    assert keys == ["2026-03-07", "2026-03-08", "2026-03-09"]


def test_an_interval_that_was_missed_many_times_is_made_up_for_once() -> None:
    every_ten = Schedule("tests.note", every=timedelta(minutes=10))
    assert slots(every_ten, SHANGHAI, "2026-06-30T08:00+00:00", "2026-07-01T16:05+00:00") == ["2026-07-01T16:00Z"]
    assert slots(every_ten, SHANGHAI, "2026-07-01T16:00+00:00", "2026-07-01T16:09+00:00") == []


@pytest.mark.django_db(transaction=True, databases=["default", "platform"])
def test_ticks_write_each_slot_once_for_every_tenant_and_catch_up() -> None:
    north, south = make.tenant("north"), make.tenant("south", time_zone="America/New_York")
    daily("tests.note", at=time(0, 0))
    now = datetime(2026, 7, 2, 12, tzinfo=UTC)
    tick(now - timedelta(hours=36))
    tick(now)
    tick(now)
    for tenant, days in ((north, ["2026-07-02"]), (south, ["2026-07-01", "2026-07-02"])):
        with acting_for(tenant):
            written = Work.objects.filter(kind="tests.note").order_by("key")
            assert list(written.values_list("key", flat=True)) == days
