"""The forecast of cash: what comes in week by week (p10, p50, p90), which items it is made of, and how good past forecasts were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.cache import cache

from ltc.money.amounts import quantise
from ltc.users.actors import Actor
from ltc.users.roles import Scope
from receivables.cash_in import Part, Quality, Told, chances, forecast, quality
from receivables.cash_in_facts import UNIT, CashFacts, facts_of
from receivables.company import own_company

WEEKS: Final = 13
MOST_WEEKS: Final = 26
PAST: Final = 12  # Sundays on which the forecast is made again as things stood
AHEAD: Final = 4  # weeks that each of them looks ahead
PAST_DRAWS: Final = 400
KEPT: Final = 12 * 3600
SHARES: Final = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Week:
    """What comes in from `first` to `last` in base currency; `due` is what falls due in it, `promised` what was promised for it."""

    first: date
    last: date
    p10: Decimal
    p50: Decimal
    p90: Decimal
    expected: Decimal
    due: Decimal
    promised: Decimal


@dataclass(frozen=True)
class CashForecast:
    """All weeks; `open` is what is open today, of which `later` is expected after the last week."""

    today: date
    currency: str
    weeks: tuple[Week, ...]
    open: Decimal
    later: Decimal


@dataclass(frozen=True)
class PastWeek:
    """What was foretold for a week on the day before it, and what came in."""

    first: date
    last: date
    told: Told


@dataclass(frozen=True)
class LookBack:
    """The forecasts of past weeks, made again as things stood, against what came in; `by_distance` from next week on."""

    weeks: tuple[PastWeek, ...]
    by_distance: tuple[Quality, ...]


@dataclass(frozen=True)
class Likely:
    """An item that a week's sum is made of: what is open, the chance and the amount expected in it, and why."""

    item: Any
    label: str
    open: Decimal
    expected: Decimal
    reason: str
    whose: tuple[Any, ...]

    @property
    def chance(self) -> Decimal:
        return (self.expected / self.open).quantize(Decimal("0.0001")) if self.open else Decimal(0)


def edges_from(day: date, weeks: int) -> list[date]:
    """The day before `day`, and the last days (Sundays) of the week that it is in and of the following ones."""
    sunday = day + timedelta(days=6 - day.weekday())
    return [day - timedelta(days=1), *(sunday + timedelta(weeks=number) for number in range(weeks))]


def cash_forecast(actor: Actor, today: date, *, weeks: int = WEEKS, facts: CashFacts | None = None) -> CashForecast:
    """What is likely to come in, from today on, of the items that the actor sees.

    What is open is counted as of today; what is not invoiced yet is not in it.
    """
    facts, currency = facts or facts_of(actor, today), own_company().base_currency
    days = edges_from(today, weeks)
    parts = [part for _item, part in facts.parts(today.toordinal())]
    found = forecast(parts, facts.habits(today.toordinal()), _ordinals(days))
    told = []
    for number in range(weeks):
        first, last = days[number] + timedelta(days=1), days[number + 1]
        low, middle, high = (_money(found.quantile(number, share), currency) for share in SHARES)
        due = sum(part.amount for part in parts if first.toordinal() <= part.due <= last.toordinal())
        promised = sum(part.amount for part in parts if part.promised and first.toordinal() <= part.promised[0] <= last.toordinal())
        told.append(
            Week(
                first, last, low, middle, high, _money(found.expected[number], currency), _money(due, currency), _money(promised, currency)
            )
        )
    whole = sum(part.amount for part in parts)
    return CashForecast(today, currency, tuple(told), _money(whole, currency), _money(found.expected[-1], currency))


def likely_items(actor: Actor, today: date, first: date, last: date, *, facts: CashFacts | None = None) -> list[Likely]:
    """The items that are expected to pay on days from today on, most expected first; their sum is the expected amount of those days."""
    facts, currency = facts or facts_of(actor, today), own_company().base_currency
    begin = max(first, today)
    if last < begin:
        return []
    edges = [day.toordinal() for day in sorted({today - timedelta(days=1), begin - timedelta(days=1), last})]
    habits = facts.habits(today.toordinal())
    sums: dict[Any, tuple[Any, int, float, str]] = {}
    for item, part in facts.parts(today.toordinal()):
        _item, whole, expected, reason = sums.get(item.id, (item, 0, 0.0, ""))
        here = part.amount * float(chances(part, habits, edges)[len(edges) - 2])
        sums[item.id] = item, whole + part.amount, expected + here, reason or _reason(part)
    rows = [
        Likely(item.id, item.label, _money(whole, currency), _money(expected, currency), reason, item.whose)
        for item, whole, expected, reason in sums.values()
    ]
    return sorted((row for row in rows if row.expected), key=lambda row: (-row.expected, row.label))


def _reason(part: Part) -> str:
    return "promised" if part.promised else "disputed" if part.not_before else ""


def look_back(actor: Actor, today: date, *, past: int = PAST, facts: CashFacts | None = None) -> LookBack:
    """Make the forecasts of past Sundays again, each as things stood on its day, and hold them against what came in.

    The receipts are those of the items that were open then, as in the forecast; a payment that was taken back since is none.
    """
    facts = facts or facts_of(actor, today)
    sunday = today - timedelta(days=today.isoweekday() % 7 or 7)
    distances: list[list[Told]] = [[] for _ in range(AHEAD)]
    weeks = []
    for back in range(past, 0, -1):
        known = sunday - timedelta(weeks=back)
        days = [known + timedelta(weeks=number) for number in range(AHEAD + 1)]
        parts = [part for _item, part in facts.parts(known.toordinal())]
        if not parts:
            continue
        found = forecast(parts, facts.habits(known.toordinal()), _ordinals(days), draws=PAST_DRAWS)
        for number in range(AHEAD):
            first, last = days[number] + timedelta(days=1), days[number + 1]
            if last > sunday:
                break
            came = facts.came_in(known.toordinal(), first.toordinal(), last.toordinal())
            low, middle, high = (found.quantile(number, share) / UNIT for share in SHARES)
            told = Told(low, middle, high, came / UNIT)
            distances[number].append(told)
            if not number:
                weeks.append(PastWeek(first, last, told))
    return LookBack(tuple(weeks), tuple(quality(each) for each in distances))


def past_forecasts(actor: Actor, today: date, facts: CashFacts) -> LookBack:
    """How good past forecasts were. It takes a moment and changes once a week, so it is kept for the day."""
    scopes = actor.scopes("receivables.view")
    whose = "all" if Scope.ALL in scopes else str(actor.pk)
    key = f"cash-look-back:{own_company().pk}:{whose}:{today}:{len(facts.items)}"
    found: LookBack | None = cache.get(key)
    if found is None:
        found = look_back(actor, today, facts=facts)
        cache.set(key, found, KEPT)
    return found


def _ordinals(days: Sequence[date]) -> list[int]:
    return [day.toordinal() for day in days]


def _money(amount: float | int, currency: str) -> Decimal:
    return quantise(Decimal(round(amount)) / UNIT, currency)
