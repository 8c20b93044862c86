from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ltc.analytics.models import FunnelDay
from ltc.analytics.periods import Period
from ltc.analytics.registry import steps
from ltc.users.actors import SYSTEM

COHORT_DAYS = 400
"""How long a lead's way to cash is followed day by day."""


def roll_up_funnel(period: Period, *, now: datetime) -> int:
    """Count every step for the leads captured in a period and store it; how many rows. Run again, it gives the same rows.

    A row whose leads are gone (merged) falls to zero, so that no stale count stays.
    """
    rows = [
        FunnelDay(day=fact.day, channel=fact.channel, step=step.code, count=fact.count, amount=fact.amount, days=fact.days, counted_at=now)
        for step in steps()
        for fact in step.facts(period, SYSTEM)
    ]
    FunnelDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tenant", "day", "channel", "step"],
        update_fields=["count", "amount", "days", "counted_at"],
        batch_size=1000,
    )
    stale = FunnelDay.objects.filter(day__range=(period.first, period.last), counted_at__lt=now)
    stale.update(count=0, amount=0, days=0, counted_at=now)
    return len(rows)


def followed_period(today: date, zone: ZoneInfo) -> Period:
    """The capture days whose leads may still move."""
    return Period(today - timedelta(days=COHORT_DAYS), today, zone)
