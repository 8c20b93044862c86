"""Periods: business days in the tenant's zone, as half-open spans of instants."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Q


class Length(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS = {Length.MONTH: 1, Length.QUARTER: 3, Length.YEAR: 12}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins in a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True)
class Period:
    """Days `first` to `last`, both inclusive, of one time zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after the period."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def within(self, moment: str) -> Q:
        """The filter for an instant of the period."""
        return Q(**{f"{moment}__gte": self.start, f"{moment}__lt": self.end})


@dataclass(frozen=True)
class Days:
    """Some days of one time zone, told as the spans that they make up."""

    periods: tuple[Period, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, days: Iterable[date], zone: ZoneInfo) -> "Days":
        """The spans of days that follow one another."""
        spans: list[Period] = []
        for day in sorted(set(days)):
            if spans and day == spans[-1].last + timedelta(days=1):
                spans[-1] = Period(spans[-1].first, day, zone)
            else:
                spans.append(Period(day, day, zone))
        return cls(tuple(spans), zone)

    def __iter__(self) -> Iterator[date]:
        for period in self.periods:
            yield from (period.first + timedelta(days=number) for number in range(period.days))

    def within(self, moment: str) -> Q:
        """The filter for an instant of one of the days."""
        return reduce(or_, (period.within(moment) for period in self.periods), Q(pk__in=[]))


def period_of(day: date, length: Length, zone: ZoneInfo, offset: int = 0) -> Period:
    """The month, quarter or year that holds `day`, or the one `offset` periods later."""
    months = MONTHS[length]
    index = (day.year * 12 + day.month - 1) // months + offset
    return Period(_first(index * months), _first((index + 1) * months) - timedelta(days=1), zone)


def _first(month_number: int) -> date:
    return date(month_number // 12, month_number % 12 + 1, 1)


def period_named(name: str, zone: ZoneInfo, fiscal_year_start_month: int = 1) -> Period:
    """The days of `2026`, `2026-Q2` or `2026-06`; years and quarters are those of the fiscal year, named for the calendar year in
    which it begins. Raises ValueError."""
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", name, re.ASCII)
    if found is None or not int(found[1]) or int(found[1]) > 9998:
        raise ValueError(f"{name!r} is no period.")
    year, quarter, month = int(found[1]), found[2], found[3]
    begin = year * 12 + (int(month) - 1 if month else fiscal_year_start_month - 1 + (3 * (int(quarter) - 1) if quarter else 0))
    length = 1 if month else 3 if quarter else 12
    return Period(_first(begin), _first(begin + length) - timedelta(days=1), zone)
