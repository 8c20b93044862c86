"""The nightly numbers: the funnel's roll-up, which follows what has changed, and the metrics of a period as they were at its close."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import UUIDField
from django.db.models.functions import Cast, TruncDate
from django.utils.dateparse import parse_datetime

from ltc.analytics.counted import Question
from ltc.analytics.models import FunnelDay, MetricSnapshot, RollUp
from ltc.analytics.periods import Days, Length, Period, period_of
from ltc.analytics.registry import Metric, origins, steps
from ltc.timeline.models import Change
from ltc.users.actors import SYSTEM

FUNNEL = "funnel"
MOMENT = timedelta(microseconds=1)
# Sessions of other roles do not show when their transaction began; none of theirs is longer.
MARGIN = timedelta(minutes=5)


def roll_up(*, now: datetime, zone: ZoneInfo) -> int:
    """Count the days again whose leads have changed since the last run; how many days. The first run counts all days.

    Idempotent, and nothing is missed: a run looks back to the beginning of the oldest transaction that was open during the one before,
    so that rows are seen whenever they are committed. An outage only makes the next run longer.
    """
    state, _new = RollUp.objects.select_for_update().get_or_create(name=FUNNEL)
    horizon = oldest_open_transaction(now)
    days = _all_days(zone) if state.seen_until is None else touched_days(state.seen_until, zone)
    counted = _count(Days.of(days, zone), now=now)
    state.seen_until, state.done_at = horizon, now
    state.save()
    return counted


def roll_up_funnel(period: Period, *, now: datetime) -> int:
    """Count a past period again from scratch, whatever has changed; how many days."""
    return _count(Days((period,), period.zone), now=now)


def oldest_open_transaction(now: datetime) -> datetime:
    """The instant before which every change is committed and visible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()")
        (began,) = cursor.fetchone()
    return min(now, began or now) - MARGIN


def touched_days(since: datetime, zone: ZoneInfo) -> set[date]:
    """The capture days of the leads of which anything has changed since: they, their deals, orders, deliveries, invoices or payments."""
    changes = Change.objects.filter(at__gte=since)
    days: set[date] = set()
    for table, origin in origins().items():
        rows = changes.filter(table_name=table).annotate(pk_of_row=Cast("row", UUIDField())).order_by().values("pk_of_row")
        for captured in origin.captured:
            found = origin.model._default_manager.filter(pk__in=rows, **{f"{captured}__isnull": False}).order_by()
            days |= set(found.values_list(TruncDate(captured, tzinfo=zone), flat=True).distinct())
            if captured == "captured_at":
                days |= _left_days(changes.filter(table_name=table), zone)
    return days


def _left_days(changes: Any, zone: ZoneInfo) -> set[date]:
    """The days on which leads were captured before that was corrected, merged or deleted."""
    texts = changes.filter(before__has_key="captured_at").values_list("before__captured_at", flat=True)
    moments = (parse_datetime(text) for text in texts if text)
    return {(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).date() for moment in moments if moment}


def _all_days(zone: ZoneInfo) -> Iterable[date]:
    days: set[date] = set(FunnelDay.objects.values_list("day", flat=True).distinct())
    for origin in origins().values():
        if origin.captured == ("captured_at",):
            days |= set(origin.model._default_manager.order_by().values_list(TruncDate("captured_at", tzinfo=zone), flat=True).distinct())
    return days


def _count(days: Days, *, now: datetime) -> int:
    """Count every step for the leads captured on these days and store it. Run again, it gives the same rows.

    A row whose leads are gone (merged) falls to zero, so that no stale count stays.
    """
    wanted = list(days)
    if not wanted:
        return 0
    rows = [
        FunnelDay(day=fact.day, channel=fact.channel, step=step.code, count=fact.count, amount=fact.amount, days=fact.days, counted_at=now)
        for step in steps()
        for fact in step.facts(days, SYSTEM)
    ]
    FunnelDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tenant", "day", "channel", "step"],
        update_fields=["count", "amount", "days", "counted_at"],
        batch_size=1000,
    )
    FunnelDay.objects.filter(day__in=wanted, counted_at__lt=now).update(count=0, amount=0, days=0, counted_at=now)
    return len(wanted)


def closed_periods(today: date, zone: ZoneInfo, *, back: int = 2) -> list[Period]:
    """The last months, quarters and years that are over, so that a night that was missed is caught up."""
    return [period_of(today, length, zone, -number) for length in Length for number in range(1, back + 1)]


def snapshot(metric: Metric, period: Period, *, now: datetime, dims: dict[str, str] | None = None) -> MetricSnapshot:
    """Keep a metric as it was at the close of a period. What was kept once is never overwritten: later it is restated beside it."""
    dims = dims or {}
    as_of = period.end - MOMENT
    key = hashlib.sha256(json.dumps(dims, sort_keys=True).encode()).hexdigest()[:16]
    found = MetricSnapshot.objects.filter(code=metric.code, first=period.first, last=period.last, dims_hash=key, as_of_date=period.last)
    if (standing := found.first()) is not None:
        return standing
    answer = metric.compute(Question(period, as_of, SYSTEM))
    return MetricSnapshot.objects.create(
        code=metric.code, first=period.first, last=period.last, dims=dims, dims_hash=key, value=answer.value, numerator=answer.numerator,
        denominator=answer.denominator, table=answer.table, flags=list(answer.flags), as_of=as_of, as_of_date=period.last, written_at=now,
    )  # fmt: skip
