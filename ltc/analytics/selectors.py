"""What the dashboard reads: roll-ups for who sees all of a tenant's numbers; for others the records that they see themselves."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.db.models import Max, Sum

from ltc.analytics.models import FunnelDay
from ltc.analytics.periods import Period
from ltc.analytics.registry import StepFact, steps
from ltc.users.actors import Actor
from ltc.users.roles import Scope

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


Seen: TypeAlias = list[tuple[str, StepFact]]


def seen_by(actor: Actor, period: Period) -> Seen | None:
    """The steps of a period as far as an actor sees them; None for who sees all of them, whose numbers are in the roll-up."""
    if Scope.ALL in actor.scopes("metrics.view"):
        return None
    return [(step.code, fact) for step in steps() for fact in step.facts(period, actor)]


def funnel_of(period: Period, seen: Seen | None) -> list[StepTotal]:
    """The steps of the leads captured in a period, in order, those that nobody reached included."""
    sums = _rolled_up(period) if seen is None else _summed(seen)
    totals = []
    for step in steps():
        row: dict[str, Any] = sums.get(step.code) or {"n": 0, "worth": Decimal(0), "waited": Decimal(0)}
        days = round(row["waited"] / row["n"]) if row["n"] and row["waited"] else None
        totals.append(StepTotal(step.code, step.label, step.hue, step.page, row["n"], row["worth"], days))
    return totals


def _rolled_up(period: Period) -> dict[str, Any]:
    rows = FunnelDay.objects.filter(day__range=(period.first, period.last)).values("step")
    return {row["step"]: row for row in rows.annotate(n=Sum("count"), worth=Sum("amount"), waited=Sum("days"))}


def _summed(seen: Seen) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for code, fact in seen:
        row = sums.setdefault(code, {"n": 0, "worth": Decimal(0), "waited": Decimal(0)})
        row["n"], row["worth"], row["waited"] = row["n"] + fact.count, row["worth"] + fact.amount, row["waited"] + fact.days
    return sums


def by_channel(period: Period, seen: Seen | None) -> list[tuple[str, str, int]]:
    """(channel, step, leads) of a period: what flows where."""
    if seen is not None:
        counts: Counter[tuple[str, str]] = Counter()
        for code, fact in seen:
            counts[fact.channel, code] += fact.count
        return sorted((channel, code, n) for (channel, code), n in counts.items())
    rows = FunnelDay.objects.filter(day__range=(period.first, period.last), count__gt=0)
    return list(rows.values_list("channel", "step").annotate(n=Sum("count")).order_by("channel", "step"))


def trend(period: Period, seen: Seen | None) -> dict[str, list[int]]:
    """For each step, the counts of SPARK_POINTS equal parts of the period, for a sparkline."""
    series: dict[str, list[int]] = defaultdict(lambda: [0] * SPARK_POINTS)
    days = FunnelDay.objects.filter(day__range=(period.first, period.last)).values_list("day", "step")
    rows: Any = days.annotate(n=Sum("count")) if seen is None else ((fact.day, code, fact.count) for code, fact in seen)
    for day, step, count in rows:
        series[step][_part(day, period)] += count
    return series


def _part(day: date, period: Period) -> int:
    return min((day - period.first).days * SPARK_POINTS // period.days, SPARK_POINTS - 1)


def counted_at() -> datetime | None:
    """When the roll-up was made last."""
    return FunnelDay.objects.aggregate(at=Max("counted_at"))["at"]
