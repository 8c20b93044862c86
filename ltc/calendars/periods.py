"""Days, months, quarters and fiscal years, and the instants at which they begin and end in a time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ltc.calendars.terms import add_months


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to but not including `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"A period cannot end ({self.end}) before it starts ({self.start}).")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Its first instant, and the first one after it, in UTC: local midnights, also where the clocks change."""
        return local_midnight(self.start, zone), local_midnight(self.end, zone)


def local_midnight(day: date, zone: tzinfo) -> datetime:
    """The instant in UTC at which a day begins. Where the clocks skip midnight, the day begins when they do."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def local_day(instant: datetime, zone: tzinfo) -> date:
    """The day on which an instant falls in a zone. Raises ValueError for a naive time."""
    if instant.tzinfo is None:
        raise ValueError("A naive time is no instant: give it a zone.")
    return instant.astimezone(zone).date()


def day_of(day: date) -> Period:
    """One day as a period."""
    return Period(day, day + timedelta(days=1))


def month_of(day: date) -> Period:
    """The calendar month that a day is in."""
    return months_from(day.replace(day=1), 1)


def quarter_of(day: date, *, fiscal_year_start_month: int = 1) -> Period:
    """The quarter of the fiscal year that a day is in."""
    into_year = (day.month - fiscal_year_start_month) % 12
    return months_from(add_months(day.replace(day=1), -(into_year % 3)), 3)


def fiscal_year_of(day: date, *, fiscal_year_start_month: int = 1) -> Period:
    """The fiscal year that a day is in."""
    into_year = (day.month - fiscal_year_start_month) % 12
    return months_from(add_months(day.replace(day=1), -into_year), 12)


def months_in(period: Period) -> Iterator[Period]:
    """The calendar months that a period touches, in order."""
    month = month_of(period.start)
    while month.start < period.end:
        yield month
        month = month_of(month.end)


def months_from(first_day: date, months: int) -> Period:
    """So many months from a first of the month on."""
    return Period(first_day, add_months(first_day, months))
