"""The figures of the dashboards: counted at each look for who sees a part and for small companies, kept ready for the large ones."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Sum

from ltc.analytics.boards import BOARDS
from ltc.analytics.counted import Answer, Question
from ltc.analytics.models import Figure, FunnelDay, MetricSnapshot, RollUp
from ltc.analytics.parts import PARTS
from ltc.analytics.periods import Length, Period, period_of
from ltc.analytics.registry import Metric, metric_named
from ltc.tenancy.context import current_tenant_id
from ltc.users.actors import SYSTEM
from ltc.users.roles import Scope

FIGURES = "figures"
LARGE = 20_000
"""From so many leads on, a look at a dashboard counts nothing itself."""
FRESH = timedelta(minutes=1)
"""How long a number that was counted at a look serves the looks after it."""
REST = timedelta(hours=1)
"""How long figures stand during the day before they are counted again."""


def is_large() -> bool:
    """Whether the active tenant has too many leads for counting at each look; told by the roll-up."""
    return (FunnelDay.objects.filter(step="leads").aggregate(n=Sum("count"))["n"] or 0) > LARGE


class Figures:
    """The answers that one look at a dashboard needs, each counted once. `periods` are those that the look is about."""

    def __init__(self, question: Question, periods: Iterable[Period]) -> None:
        whole = Scope.ALL in question.actor.scopes("metrics.view")
        self.question = replace(question, actor=SYSTEM) if whole else question  # who sees all numbers need not see all records
        self.by_heart = whole and is_large()
        actor = question.actor
        self._whose = "all" if whole else f"{actor.pk}:{getattr(getattr(actor, 'team', None), 'pk', '')}"
        self._answers: dict[tuple[str, date, date, str], Answer | None] = {}
        self._slices: dict[tuple[str, date, date, str], dict[str, Answer]] = {}
        if self.by_heart:
            spans = {(period.first, period.last) for period in periods}
            self._kept = {(figure.code, figure.first, figure.last): figure for figure in _kept(spans)}

    def of(self, metric: Metric, period: Period | None = None) -> Answer | None:
        """The answer for a period (that of the question if none is named); None where it is still being counted."""
        period = period or self.question.period
        key = (metric.code, period.first, period.last, "")
        if key not in self._answers:
            self._answers[key] = (
                self._found(metric, period) if self.by_heart else self._counted(key, lambda: metric.compute(self._asked(period)))
            )
        return self._answers[key]

    def slices(self, metric: Metric, by: str) -> dict[str, Answer]:
        """The answers of the slices of the period."""
        period = self.question.period
        key = (metric.code, period.first, period.last, by)
        if key not in self._slices:
            if self.by_heart:
                figure = self._kept.get(key[:3])
                told = figure.slices.get(by, {}) if figure else {}
                self._slices[key] = {name: _answer_of(value) for name, value in told.items()}
            else:
                self._slices[key] = self._counted(key, lambda: metric.sliced(self.question, by))
        return self._slices[key]

    def _counted(self, key: tuple[str, date, date, str], count: Callable[[], Any]) -> Any:
        """What was counted for the same reader within the last minute, else counted now."""
        name = f"figure:{current_tenant_id()}:{self._whose}:{':'.join(map(str, key))}"
        found = cache.get(name)
        if found is None:
            found = count()
            cache.set(name, found, FRESH.total_seconds())
        return found

    def _asked(self, period: Period) -> Question:
        return Question(period, self.question.as_of, self.question.actor)

    def _found(self, metric: Metric, period: Period) -> Answer | None:
        figure = self._kept.get((metric.code, period.first, period.last))
        if figure is None:
            return None
        return Answer(figure.value, figure.numerator, figure.denominator, tuple(figure.flags), table=figure.table, counted=figure.counted)


def _kept(spans: set[tuple[date, date]]) -> Iterable[Figure]:
    firsts, lasts = {first for first, _last in spans}, {last for _first, last in spans}
    return [figure for figure in Figure.objects.filter(first__in=firsts, last__in=lasts) if (figure.first, figure.last) in spans]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _answer_of(told: list[str | None]) -> Answer:
    value, numerator, denominator = (None if text is None else Decimal(text) for text in told)
    return Answer(value, numerator, denominator)


def reported(codes: Iterable[str], periods: Iterable[Period]) -> dict[tuple[str, date], MetricSnapshot]:
    """What was reported at the close of past periods, by code and first day; for sparklines and comparisons."""
    spans = {(period.first, period.last) for period in periods}
    rows = MetricSnapshot.objects.filter(code__in=list(codes), first__in={first for first, _last in spans}, dims={})
    return {(row.code, row.first): row for row in rows if (row.first, row.last) in spans}


def wanted_figures(today: date, zone: ZoneInfo) -> list[tuple[Metric, Period]]:
    """What the dashboards of a large company are to find ready: each metric of theirs for the running periods and those before."""
    codes = {code for board in BOARDS.values() for code in board.headlines}
    codes |= {code for part in PARTS.values() for code in part.codes}
    found = sorted(codes)
    periods = [period_of(today, length, zone, -back) for length in Length for back in range(2)]
    months = [period_of(today, Length.MONTH, zone, offset) for offset in range(-2, 4)]
    return [
        (metric, period)
        for code in found
        if (metric := metric_named(code)) is not None
        for period in dict.fromkeys([*periods, *(months if code.startswith("fc.") else [])])
    ]


def keep_figure(metric: Metric, period: Period, *, now: datetime) -> Figure:
    """Count a metric for the whole company and keep it ready, with the slices that dashboards show."""
    question = Question(period, now, SYSTEM)
    answer = metric.compute(question)
    sliced = {
        part.by: {
            key: [_text(each.value), _text(each.numerator), _text(each.denominator)]
            for key, each in metric.sliced(question, part.by).items()
        }
        for part in PARTS.values()
        if part.by and metric.code in part.codes
    }
    figure, _new = Figure.objects.update_or_create(
        code=metric.code, first=period.first, last=period.last,
        defaults={
            "value": answer.value, "numerator": answer.numerator, "denominator": answer.denominator, "table": answer.table,
            "flags": list(answer.flags), "slices": sliced, "counted": answer.counted, "counted_at": now,
        },
    )  # fmt: skip
    return figure


def is_due(now: datetime) -> bool:
    """Whether the figures are to be counted again: the company is large, and something was rolled up since they were."""
    rolled = RollUp.objects.filter(name="funnel").values_list("done_at", flat=True).first()
    kept = RollUp.objects.filter(name=FIGURES).values_list("done_at", flat=True).first()
    if rolled is None or not is_large():
        return False
    return kept is None or (rolled > kept and now - kept >= REST)


def note_figures(now: datetime) -> None:
    RollUp.objects.update_or_create(name=FIGURES, defaults={"done_at": now})
