"""Which reminder is due for which item: the schedule and the planner's rule. Pure: calendar, dates and what was sent are passed in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ltc.calendars.business_days import WorkCalendar, next_or_same, offset_to_business_day

DEADLINE_BUSINESS_DAYS = 5


class Suppressed(StrEnum):
    """Why an item that has a level due is not reminded now; the first that holds is told."""

    NOTHING_DUE = "nothing_due"
    TOO_SMALL = "too_small"
    PAUSED = "paused"
    NOT_SENT = "invoice_not_sent"
    TENANT_SUSPENDED = "tenant_suspended"
    NO_CONTACT = "no_reachable_contact"


@dataclass(frozen=True)
class Level:
    """A step of a policy. `from_base` is the smallest item, in base currency, for which it is done."""

    level: int
    offset_days: int
    from_base: Decimal = Decimal(0)


@dataclass(frozen=True)
class Dunnable:
    """An open item as the planner sees it. `used` are the levels of its epoch that are sent, reserved or superseded."""

    id: Any
    due_on: date
    dunnable: Decimal
    dunnable_base: Decimal
    used: frozenset[int] = frozenset()
    released: bool = True
    invoice_sent: bool = True


@dataclass(frozen=True)
class Circumstances:
    """What holds for the customer as a whole on the day of the run."""

    today: date
    min_base: Decimal
    min_interval_days: int
    last_reminder_on: date | None = None
    paused: bool = False
    reachable: bool = True
    tenant_suspended: bool = False


@dataclass(frozen=True)
class Candidate:
    """The level to remind an item at, and the lower ones that it makes superfluous."""

    item: Any
    level: int
    lower: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """What one run does for one customer: superseded levels are written in any case, candidates make a notice."""

    candidates: tuple[Candidate, ...]
    superseded: tuple[tuple[Any, int], ...]
    suppressed: Mapping[Any, Suppressed]
    deferred: bool


def scheduled_on(calendar: WorkCalendar, due: date, offset_days: int) -> date:
    """When a step is due: pulled forward to a business day before the due date, put off to one from the due date on."""
    return offset_to_business_day(calendar, due, offset_days)


def due_levels(item: Dunnable, steps: Sequence[Level], calendar: WorkCalendar, today: date) -> list[Level]:
    """The steps whose day has come and that are still unused, lowest first."""
    return [
        step
        for step in sorted(steps, key=lambda step: step.level)
        if step.level not in item.used
        and item.dunnable_base >= step.from_base
        and scheduled_on(calendar, item.due_on, step.offset_days) <= today
    ]


def suppression(item: Dunnable, circumstances: Circumstances) -> Suppressed | None:
    """Why an item is not reminded now, or None."""
    rules = (
        (not item.released or item.dunnable <= 0, Suppressed.NOTHING_DUE),
        (item.dunnable_base < circumstances.min_base, Suppressed.TOO_SMALL),
        (circumstances.paused, Suppressed.PAUSED),
        (not item.invoice_sent, Suppressed.NOT_SENT),
        (circumstances.tenant_suspended, Suppressed.TENANT_SUSPENDED),
        (not circumstances.reachable, Suppressed.NO_CONTACT),
    )
    return next((why for holds, why in rules if holds), None)


def plan(items: Sequence[Dunnable], steps: Sequence[Level], calendar: WorkCalendar, circumstances: Circumstances) -> Plan:
    """What to remind one customer of today (the planner's rule).

    Only the highest level that is due is sent; the lower ones are used up with it. A courtesy note that was not sent before the due date
    is used up on it. A customer who was reminded less than the least interval ago is deferred: nothing is lost, the next run looks again.
    """
    today, candidates, superseded, suppressed = circumstances.today, [], [], {}
    for item in items:
        levels = due_levels(item, steps, calendar, today)
        late = [step for step in levels if step.offset_days < 0 and today >= item.due_on]
        superseded += [(item.id, step.level) for step in late]
        levels = [step for step in levels if step not in late]
        if not levels:
            continue
        if why := suppression(item, circumstances):
            suppressed[item.id] = why
            continue
        *lower, top = (step.level for step in levels)
        candidates.append(Candidate(item.id, top, tuple(lower)))
    last = circumstances.last_reminder_on
    deferred = bool(candidates) and last is not None and (today - last).days < circumstances.min_interval_days
    return Plan(() if deferred else tuple(candidates), tuple(superseded), suppressed, deferred)


def next_window(
    calendar: WorkCalendar, now: datetime, zone: tzinfo, windows: Collection[tuple[time, time]], *, business_days_only: bool = True
) -> datetime:
    """The first instant from `now` on at which a message may go out; `now` itself inside a window. The result is in `zone`."""
    local = now.astimezone(zone)
    day = local.date()
    while True:
        if business_days_only:
            day = next_or_same(calendar, day)
        for opens, closes in sorted(windows):
            start, end = (datetime.combine(day, edge, zone) for edge in (opens, closes))
            if local < end:
                return max(local, start)
        day += timedelta(days=1)


def back_off(attempts: int) -> timedelta | None:
    """How long to wait after so many refused attempts; None when it is enough."""
    minutes = (1, 5, 15, 60, 240)
    return timedelta(minutes=minutes[attempts - 1]) if attempts <= len(minutes) else None
