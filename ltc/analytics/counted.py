"""What a metric counts, and how a number is made of it. Pure: records in, one answer out.

Rates have four decimals, days four, money two, all rounded half up once, at the end. A zero denominator gives no value and says so.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from ltc.analytics.periods import Period
from ltc.money.rounding import round_fraction
from ltc.users.actors import Actor

RATE, MONEY = 4, 2
NO_DATA = "no_data"


@dataclass(frozen=True)
class Question:
    """What is asked of a metric: a period, the instant up to which facts count, and who asks (their rights narrow the records).

    `by` names the slice that the records have to know, if any.
    """

    period: Period
    as_of: datetime
    actor: Actor
    by: str = ""

    @property
    def today(self) -> date:
        """The tenant's day of `as_of`: facts that have only a date are seen from that day on."""
        return self.as_of.astimezone(self.period.zone).date()

    def covers(self, moment: datetime | None) -> bool:
        """Whether something happened in the period and is known by `as_of`."""
        return moment is not None and self.period.start <= moment < self.period.end and moment <= self.as_of

    def covers_day(self, day: date | None) -> bool:
        """The same for a fact that has only a date."""
        return day is not None and self.period.first <= day <= self.period.last and day <= self.today


@dataclass(frozen=True)
class Answer:
    """A metric's value. `value` is None where the denominator is zero; a metric that is a table has `table` in its place."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    flags: tuple[str, ...] = ()
    currency: str = ""
    table: dict[str, Any] | None = None
    counted: int = 0

    def flagged(self, *flags: str) -> "Answer":
        """The same answer with more to say about it."""
        return Answer(self.value, self.numerator, self.denominator, (*self.flags, *flags), self.currency, self.table, self.counted)


class Fact(Protocol):
    """A record as it stood at some instant."""

    @property
    def kind(self) -> str: ...

    @property
    def id(self) -> Any: ...

    @property
    def label(self) -> str: ...

    def dimension(self, by: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A record that a metric counts: what it adds above and below the line, and as what it is counted where that differs."""

    fact: Fact
    part: Decimal | int = 1
    whole: Decimal | int = 1
    role: str = ""
    flag: str = ""


Reader: TypeAlias = Callable[[Question], Iterable[Counted]]
Reducer: TypeAlias = Callable[[Iterable[Counted], Question], Answer]


@dataclass
class Tally:
    """Records on their way through a reducer, counted as they pass."""

    source: Iterable[Counted]
    passed: int = field(default=0)

    def __post_init__(self) -> None:
        self._flow = iter(self.source)

    def __iter__(self) -> Iterator[Counted]:
        for counted in self._flow:
            self.passed += 1
            yield counted

    def exhausted(self) -> int:
        """How many records there were, those that the reducer left unread included."""
        return self.passed + sum(1 for _counted in self._flow)


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row as a fact, where no more is known of it than its dimensions."""

    kind: str
    id: Any
    label: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()

    def dimension(self, by: str) -> str:
        return dict(self.dimensions).get(by, "")


def quotient(numerator: Decimal | int | Fraction, denominator: Decimal | int | Fraction, places: int = RATE) -> Decimal | None:
    """A quotient rounded half up once; None where there is nothing to divide by."""
    if not denominator:
        return None
    return round_fraction(Fraction(numerator) / Fraction(denominator), places)


def rate(numerator: Decimal | int, denominator: Decimal | int, places: int = RATE) -> Answer:
    """A ratio, four decimals; null with flag no_data where there is nothing to divide by."""
    value = quotient(numerator, denominator, places)
    return Answer(value, Decimal(numerator), Decimal(denominator), () if value is not None else (NO_DATA,))


def count(counted: Iterable[Counted], question: Question) -> Answer:
    """How many records."""
    total = Decimal(sum(each.part for each in counted))
    return Answer(total, total)


def share(counted: Iterable[Counted], question: Question) -> Answer:
    """What the records add above the line, over what they add below it."""
    part: Decimal | int = 0
    whole: Decimal | int = 0
    flags: dict[str, None] = {}
    for each in counted:
        part += each.part
        whole += each.whole
        if each.flag:
            flags[each.flag] = None
    return rate(part, whole).flagged(*flags)


def total(counted: Iterable[Counted], question: Question) -> Answer:
    """What the records add up to; money, rounded to cents."""
    amount, flags = Decimal(0), dict[str, None]()
    for each in counted:
        amount += each.part
        if each.flag:
            flags[each.flag] = None
    amount = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Answer(amount, amount, flags=tuple(flags))


def mean(counted: Iterable[Counted], question: Question) -> Answer:
    """The records' mean, weighted by what they add below the line."""
    return share(counted, question)


def mean_money(counted: Iterable[Counted], question: Question) -> Answer:
    """The records' mean in money, rounded to cents."""
    answer = share(counted, question)
    assert answer.numerator is not None and answer.denominator is not None
    return rate(answer.numerator, answer.denominator, MONEY).flagged(*(flag for flag in answer.flags if flag != NO_DATA))


def median(counted: Iterable[Counted], question: Question) -> Answer:
    """The middle one of the records, or the mean of the two in the middle."""
    values = [each.part for each in counted]
    value = median_of(values)
    return rate(0, 0) if value is None else Answer(value, value, Decimal(len(values)))


def median_of(numbers: Iterable[Decimal | int]) -> Decimal | None:
    """The median of some numbers, four decimals; None of none."""
    values = sorted(numbers)
    if not values:
        return None
    middle = len(values) // 2
    exact = Fraction(values[middle]) if len(values) % 2 else (Fraction(values[middle - 1]) + Fraction(values[middle])) / 2
    return round_fraction(exact, RATE)


def days_between(start: datetime, end: datetime) -> Decimal:
    """The days between two instants: exact seconds over 86,400."""
    span = end - start
    return (Decimal(span.days * 86_400 + span.seconds) + Decimal(span.microseconds).scaleb(-6)) / 86_400
