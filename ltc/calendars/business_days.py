"""Which days and hours are worked, and counting in them. Pure: the calendar and every date are passed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 6, 7  # ISO weekdays
# A calendar with no working day within so many days is a mistake, not a holiday.
LONGEST_CLOSURE = timedelta(days=366)


class NoBusinessDay(ValueError):
    """The calendar has no working day for a year on end, so nothing can be scheduled by it."""


@dataclass(frozen=True)
class WorkCalendar:
    """The days and hours on which a tenant works.

    `weekend` holds ISO weekdays (Monday is 1). A make-up workday beats the weekend and a holiday of the same date.
    Working hours are local and without a break.
    """

    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    work_start: time = time(9)
    work_end: time = time(18)

    def is_business_day(self, day: date) -> bool:
        """Whether the tenant works on this day."""
        if day in self.workdays:
            return True
        return day not in self.holidays and day.isoweekday() not in self.weekend


def next_or_same(calendar: WorkCalendar, day: date) -> date:
    """The day itself if it is worked, else the next one that is."""
    return first_business_day(calendar, day, ONE_DAY)


def previous_or_same(calendar: WorkCalendar, day: date) -> date:
    """The day itself if it is worked, else the last one before it that is."""
    return first_business_day(calendar, day, -ONE_DAY)


def add_business_days(calendar: WorkCalendar, day: date, count: int) -> date:
    """The business day so many business days after `day` (before it, if negative); `day` itself need not be one.

    Zero gives the same day or the next business day.
    """
    if count == 0:
        return next_or_same(calendar, day)
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day = first_business_day(calendar, day + step, step)
    return day


def business_days_between(calendar: WorkCalendar, start: date, end: date) -> int:
    """How many business days lie in [start, end)."""
    return sum(calendar.is_business_day(start + ONE_DAY * n) for n in range((end - start).days))


def offset_to_business_day(calendar: WorkCalendar, due: date, offset: int) -> date:
    """The business day for something that is to happen `offset` calendar days after a due date.

    Before the due date it is pulled forward to the previous business day, from the due date on it waits for the next.
    """
    raw = due + ONE_DAY * offset
    return previous_or_same(calendar, raw) if offset < 0 else next_or_same(calendar, raw)


def add_business_minutes(calendar: WorkCalendar, start: datetime, minutes: int, zone: tzinfo) -> datetime:
    """The instant when so many working minutes have passed since `start`; both aware, the result in `zone`.

    Time outside working hours does not count. A promise that would end exactly at closing time ends then, not at
    the next opening.
    """
    left = timedelta(minutes=minutes)

    def spend(opens: datetime, closes: datetime) -> datetime | None:
        nonlocal left
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
        return None

    return walk_working_hours(calendar, start, zone, spend).astimezone(zone)


def business_minutes_between(calendar: WorkCalendar, start: datetime, end: datetime, zone: tzinfo) -> int:
    """How many whole working minutes lie between two instants; zero if `end` is not after `start`."""
    if end <= start:
        return 0
    total = timedelta()

    def count(opens: datetime, closes: datetime) -> datetime | None:
        nonlocal total
        if opens >= end:
            return end
        total += min(closes, end) - opens
        return None

    walk_working_hours(calendar, start, zone, count)
    return total // timedelta(minutes=1)


def walk_working_hours(
    calendar: WorkCalendar, start: datetime, zone: tzinfo, visit: Callable[[datetime, datetime], datetime | None]
) -> datetime:
    """Show `visit` each span of working hours from `start` on, in UTC, until it answers with an instant.

    In UTC, because the difference of two local times is wrong on the days when the clocks change.
    """
    if start.tzinfo is None:
        raise ValueError("A naive time is no instant: give it a zone.")
    day = start.astimezone(zone).date()
    while True:
        day = next_or_same(calendar, day)
        opens = max(start.astimezone(UTC), datetime.combine(day, calendar.work_start, zone).astimezone(UTC))
        closes = datetime.combine(day, calendar.work_end, zone).astimezone(UTC)
        if opens < closes:
            answer = visit(opens, closes)
            if answer is not None:
                return answer
        day += ONE_DAY


def first_business_day(calendar: WorkCalendar, day: date, step: timedelta) -> date:
    """The first business day from `day` on, in either direction. Raises NoBusinessDay."""
    start = day
    while not calendar.is_business_day(day):
        day += step
        if abs(day - start) > LONGEST_CLOSURE:
            raise NoBusinessDay(f"No working day within a year of {start}: correct the calendar's weekend and holidays.")
    return day
