"""What happens by the clock, each tenant's own. A tick only writes work rows; their unique key makes it happen once.

Missed ticks (beat was down) are caught up: the tick looks at every slot since the last one, up to CATCH_UP. Of an interval only the
latest slot is: a day of missed ten-minute refreshes is one refresh.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from ltc.events.models import Clockwork, Work
from ltc.tenancy.context import all_tenants
from ltc.tenancy.models import Tenant

CATCH_UP = timedelta(hours=48)


@dataclass(frozen=True)
class Schedule:
    """A kind of work and when it is due: at a local time of each day, or every so many minutes."""

    kind: str
    at: time | None = None
    every: timedelta | None = None

    def slots(self, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[str, datetime]]:
        """The slots in (since, until]: each a key and an instant. A local time that a clock change skips or repeats counts once."""
        if self.every is not None:
            step = int(self.every.total_seconds())
            latest = datetime.fromtimestamp(int(until.timestamp()) // step * step, UTC)
            if latest > since:
                yield latest.strftime("%Y-%m-%dT%H:%MZ"), latest
            return
        assert self.at is not None
        day = since.astimezone(zone).date() - timedelta(days=1)
        while day <= until.astimezone(zone).date():
            moment = datetime.combine(day, self.at, zone).astimezone(UTC)
            if since < moment <= until:
                yield day.isoformat(), moment
            day += timedelta(days=1)


_schedules: list[Schedule] = []


def daily(kind: str, at: time) -> None:
    """Enqueue `kind` for every tenant at this time of its own day; the payload names the day as `slot`."""
    _schedules.append(Schedule(kind, at=at))


def every(kind: str, interval: timedelta) -> None:
    """Enqueue `kind` for every tenant at each multiple of the interval."""
    _schedules.append(Schedule(kind, every=interval))


def schedules() -> tuple[Schedule, ...]:
    return tuple(_schedules)


def tick(now: datetime) -> int:
    """Write the work rows of all slots since the last tick, for all tenants; how many slots there were. Safe in any number."""
    with all_tenants(), transaction.atomic(using="platform"):
        clockwork, _created = Clockwork.objects.using("platform").get_or_create(pk=1, defaults={"ticked_at": now - timedelta(minutes=1)})
        clockwork = Clockwork.objects.using("platform").select_for_update().get(pk=1)
        since = max(clockwork.ticked_at, now - CATCH_UP)
        if since >= now:
            return 0
        rows = [
            Work(tenant_id=tenant, kind=schedule.kind, key=key, payload={"slot": key}, available_at=moment)
            for tenant, zone in Tenant.objects.using("platform").exclude(state=Tenant.State.CLOSED).values_list("pk", "time_zone")
            for schedule in _schedules
            for key, moment in schedule.slots(since, now, ZoneInfo(zone))
        ]
        Work.objects.using("platform").bulk_create(rows, ignore_conflicts=True, batch_size=2000)
        clockwork.ticked_at = now
        clockwork.save(using="platform", update_fields=["ticked_at"])
        return len(rows)
