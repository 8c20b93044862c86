"""Which reminder is due for which item: the schedule and the planner's rule. Pure: calendar, dates and what was sent are passed in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ltc.calendars.business_days import WorkCalendar, next_or_same, offset_to_business_day

DEADLINE_BUSINESS_DAYS = 5


class Suppressed(StrEnum):
    """Why an item that has a level due is not reminded now; the first that holds is told."""

    NOTHING_DUE = "nothing_due"
    DISPUTED = "disputed"
    TOO_SMALL = "too_small"
    PROMISED = "promised"
    EXCLUDED = "excluded"
    PAUSED = "paused"
    LEGAL = "legal"
    BLOCKED = "blocked"
    UNAPPLIED_CASH = "unapplied_cash"
    CREDIT_COMING = "credit_coming"
    NOT_SENT = "invoice_not_sent"
    BILL_RECEIVED = "bill_received"
    BANK_IMPORT_MISSING = "bank_import_missing"
    TENANT_SUSPENDED = "tenant_suspended"
    NO_CONTACT = "no_reachable_contact"


@dataclass(frozen=True)
class Level:
    """A step of a policy. `from_base` is the smallest item, in base currency, for which it is done; `ways` how it reaches the customer."""

    level: int
    offset_days: int
    from_base: Decimal = Decimal(0)
    ways: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dunnable:
    """An open item as the planner sees it. `used` are the levels of its epoch that are sent, reserved or superseded.

    `dunnable` is what is open and not disputed, `amount_base` the item's whole amount; `baseline` the day of the import before which its
    levels are taken as done.
    """

    id: Any
    due_on: date
    dunnable: Decimal
    dunnable_base: Decimal
    used: frozenset[int] = frozenset()
    released: bool = True
    invoice_sent: bool = True
    amount_base: Decimal | None = None
    disputed: bool = False
    promised: bool = False
    blocked: bool = False
    covered_by_cash: bool = False
    credit_coming: bool = False
    bill_received: bool = False
    highest_level: int | None = None
    baseline: date | None = None


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
    excluded: bool = False
    legal: bool = False
    bank_import_missing: bool = False
    wants_courtesy: bool = False
    ways: frozenset[str] | None = None


@dataclass(frozen=True)
class Candidate:
    """The level to remind an item at, and the lower ones that it makes superfluous."""

    item: Any
    level: int
    lower: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """What one run does for one customer: superseded levels are written in any case, candidates make a notice.

    `suppressed` says of each item that has a level due and is not reminded why not, `levels` which level that is; `waiting` are the
    candidates of a customer who was reminded too recently.
    """

    candidates: tuple[Candidate, ...]
    superseded: tuple[tuple[Any, int], ...]
    suppressed: Mapping[Any, Suppressed]
    deferred: bool
    levels: Mapping[Any, int] = field(default_factory=dict)
    waiting: tuple[Candidate, ...] = ()


def scheduled_on(calendar: WorkCalendar, due: date, offset_days: int) -> date:
    """When a step is due: pulled forward to a business day before the due date, put off to one from the due date on."""
    return offset_to_business_day(calendar, due, offset_days)


def due_levels(
    item: Dunnable, steps: Sequence[Level], calendar: WorkCalendar, today: date, *, wants_courtesy: bool = False
) -> list[tuple[Level, date]]:
    """The steps whose day has come and that are still unused, lowest first, each with its day.

    A step for large items only is none for a smaller one, unless the customer wants to be reminded in advance whatever the amount.
    """
    size = item.dunnable_base if item.amount_base is None else item.amount_base
    fitting = (step for step in steps if step.level not in item.used and (size >= step.from_base or wants_courtesy))
    fitting = (step for step in fitting if item.highest_level is None or step.level <= item.highest_level)
    days = ((step, scheduled_on(calendar, item.due_on, step.offset_days)) for step in fitting)
    return sorted(((step, day) for step, day in days if day <= today), key=lambda found: found[0].level)


def suppression(item: Dunnable, circumstances: Circumstances, level: Level | None = None) -> Suppressed | None:
    """Why an item is not reminded now, or None."""
    no_way = level is not None and circumstances.ways is not None and bool(level.ways) and not level.ways & circumstances.ways
    rules = (
        (not item.released or (item.dunnable <= 0 and not item.disputed), Suppressed.NOTHING_DUE),
        (item.disputed and (item.dunnable <= 0 or item.dunnable_base < circumstances.min_base), Suppressed.DISPUTED),
        (item.dunnable_base < circumstances.min_base, Suppressed.TOO_SMALL),
        (item.promised, Suppressed.PROMISED),
        (circumstances.excluded, Suppressed.EXCLUDED),
        (circumstances.paused, Suppressed.PAUSED),
        (circumstances.legal, Suppressed.LEGAL),
        (item.blocked, Suppressed.BLOCKED),
        (item.covered_by_cash, Suppressed.UNAPPLIED_CASH),
        (item.credit_coming, Suppressed.CREDIT_COMING),
        (not item.invoice_sent, Suppressed.NOT_SENT),
        (item.bill_received, Suppressed.BILL_RECEIVED),
        (circumstances.bank_import_missing, Suppressed.BANK_IMPORT_MISSING),
        (circumstances.tenant_suspended, Suppressed.TENANT_SUSPENDED),
        (not circumstances.reachable or no_way, Suppressed.NO_CONTACT),
    )
    return next((why for holds, why in rules if holds), None)


def plan(items: Sequence[Dunnable], steps: Sequence[Level], calendar: WorkCalendar, circumstances: Circumstances) -> Plan:
    """What to remind one customer of today (the planner's rule).

    Only the highest level that is due is sent; the lower ones are used up with it. A courtesy note that was not sent before the due date
    is used up on it, and so are the levels of an imported invoice that were due before it was imported. A customer who was reminded less
    than the least interval ago is deferred: nothing is lost, the next run looks again.
    """
    today = circumstances.today
    candidates: list[Candidate] = []
    superseded: list[tuple[Any, int]] = []
    suppressed: dict[Any, Suppressed] = {}
    levels: dict[Any, int] = {}
    for item in items:
        due = due_levels(item, steps, calendar, today, wants_courtesy=circumstances.wants_courtesy)
        late = [found for found in due if _is_past(found, item, today)]
        superseded += [(item.id, step.level) for step, _day in late]
        due = [found for found in due if found not in late]
        if not due:
            continue
        top = due[-1][0]
        if why := suppression(item, circumstances, top):
            suppressed[item.id], levels[item.id] = why, top.level
            continue
        candidates.append(Candidate(item.id, top.level, tuple(step.level for step, _day in due[:-1])))
    last = circumstances.last_reminder_on
    deferred = bool(candidates) and last is not None and (today - last).days < circumstances.min_interval_days
    found = tuple(candidates)
    return Plan(() if deferred else found, tuple(superseded), suppressed, deferred, levels, found if deferred else ())


def _is_past(found: tuple[Level, date], item: Dunnable, today: date) -> bool:
    step, day = found
    if step.offset_days < 0 and today >= item.due_on:
        return True
    return item.baseline is not None and day < item.baseline <= today


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


def cover_by_cash(dunnable: Sequence[tuple[Any, Decimal]], cash: Decimal) -> set[Any]:
    """Which items (oldest first, with what is dunnable of each) money that nobody has allocated yet may have paid whole."""
    covered = set()
    for item, amount in dunnable:
        if 0 < amount <= cash:
            covered.add(item)
            cash -= amount
    return covered
