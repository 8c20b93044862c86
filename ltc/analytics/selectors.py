"""What the dashboard reads: roll-ups only, never the records themselves."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum

from ltc.analytics.models import FunnelDay
from ltc.analytics.periods import Period
from ltc.analytics.registry import steps

SPARK_POINTS = 12


@dataclass
class StepTotal:
    """A step of a period's funnel: how many leads reached it, worth how much, after how many days on average."""

    code: str
    label: Any
    hue: str
    page: str
    count: int = 0
    amount: Decimal = Decimal(0)
    days: int | None = None


def funnel_of(period: Period) -> list[StepTotal]:
    """The steps of the leads captured in a period, in order, those that nobody reached included."""
    sums: dict[str, Any] = {
        row["step"]: row
        for row in FunnelDay.objects.filter(day__range=(period.first, period.last))
        .values("step")
        .annotate(n=Sum("count"), worth=Sum("amount"), waited=Sum("days"))
    }
    totals = []
    for step in steps():
        row: dict[str, Any] = sums.get(step.code) or {"n": 0, "worth": Decimal(0), "waited": Decimal(0)}
        days = round(row["waited"] / row["n"]) if row["n"] and row["waited"] else None
        totals.append(StepTotal(step.code, step.label, step.hue, step.page, row["n"], row["worth"], days))
    return totals


def by_channel(period: Period) -> list[tuple[str, str, int]]:
    """(channel, step, leads) of a period: what flows where."""
    rows = FunnelDay.objects.filter(day__range=(period.first, period.last), count__gt=0)
    return list(rows.values_list("channel", "step").annotate(n=Sum("count")).order_by("channel", "step"))


def trend(period: Period) -> dict[str, list[int]]:
    """For each step, the counts of SPARK_POINTS equal parts of the period, for a sparkline."""
    series: dict[str, list[int]] = defaultdict(lambda: [0] * SPARK_POINTS)
    rows = FunnelDay.objects.filter(day__range=(period.first, period.last)).values_list("day", "step").annotate(n=Sum("count"))
    for day, step, count in rows:
        series[step][_part(day, period)] += count
    return series


def _part(day: date, period: Period) -> int:
    return min((day - period.first).days * SPARK_POINTS // period.days, SPARK_POINTS - 1)


def counted_at() -> datetime | None:
    """When the roll-up was made last."""
    return FunnelDay.objects.aggregate(at=Max("counted_at"))["at"]
