"""Periods: business days in the tenant's zone, as half-open spans of instants."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


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


def period_of(day: date, length: Length, zone: ZoneInfo, offset: int = 0) -> Period:
    """The month, quarter or year that holds `day`, or the one `offset` periods later."""
    months = MONTHS[length]
    index = (day.year * 12 + day.month - 1) // months + offset
    return Period(_first(index * months), _first((index + 1) * months) - timedelta(days=1), zone)


def _first(month_number: int) -> date:
    return date(month_number // 12, month_number % 12 + 1, 1)
