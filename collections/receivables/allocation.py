"""Which open items a payment pays: what the payer names, else what fits exactly, else what it is earmarked for, else the oldest first.

Pure; amounts in one currency, all items of one customer. The rest of a payment stays on account: an item never goes below zero and an
overpayment never disappears.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

ZERO: Final = Decimal(0)
LARGEST_SUBSET: Final = 5
# A customer with more open items than this is not searched for sums; steps of the search for one with fewer, before it gives up.
MOST_ITEMS: Final = 60
MOST_STEPS: Final = 100_000


class Method(StrEnum):
    """How an allocation was found."""

    SPECIFIED = "specified"
    EXACT = "exact"
    TOLERANCE = "tolerance"
    EARMARK = "earmark"
    FIFO = "fifo"
    MANUAL = "manual"
    RULE = "rule"


@dataclass(frozen=True)
class OpenItem:
    """A released item with something left to pay. `names` are what a payer may call it by, `part` its place in a collection plan."""

    id: Any
    number: str
    due_on: date
    invoiced_on: date
    open: Decimal
    names: frozenset[str] = field(default_factory=frozenset)
    disputed: Decimal = ZERO
    part: Any = None

    def is_called(self, named: Collection[str]) -> bool:
        return self.number in named or not self.names.isdisjoint(named)


@dataclass(frozen=True)
class Share:
    """So much of the source goes to this item."""

    item: Any
    amount: Decimal


@dataclass(frozen=True)
class Proposal:
    """What the engine suggests; `rest` stays on account. `is_certain` if it may be posted without a look by a person.

    `difference` is a small difference that is written off with it: of the item if positive, of the payment if negative.
    """

    method: Method
    shares: tuple[Share, ...]
    rest: Decimal
    is_unique: bool = True
    difference: Decimal = ZERO

    @property
    def is_certain(self) -> bool:
        return bool(self.shares) and self.is_unique and self.method in (Method.SPECIFIED, Method.EXACT, Method.TOLERANCE)


def propose(
    remaining: Decimal, items: Sequence[OpenItem], *, named: Collection[str] = (), earmarked: Mapping[Any, Decimal] | None = None,
    is_small: Callable[[Decimal], bool] = lambda difference: False,
) -> Proposal:  # fmt: skip
    """Spread what is left of a payment over the open items: specified, exact, exact but for a small difference, earmark, FIFO.

    `named` are the numbers that the remittance text or the caller gave: named items are paid first, in due-date order; whatever they
    leave stays on account. `earmarked` is how much is kept for which part of a collection plan. `is_small` says whether a difference may
    be written off.
    """
    in_order = sorted((item for item in items if item.open > 0), key=lambda item: (item.due_on, item.invoiced_on, item.number))
    if specified := [item for item in in_order if item.is_called(named)]:
        return _fill(remaining, specified, Method.SPECIFIED)
    if fitting := [item for item in in_order if item.open == remaining]:
        return _fill(remaining, fitting[:1], Method.EXACT)
    if subsets := _subsets(remaining, in_order):
        return _fill(remaining, subsets[0], Method.EXACT, is_unique=len(subsets) == 1)
    if near := [item for item in in_order if is_small(item.open - remaining)]:
        return _near(remaining, near)
    if kept := _kept(remaining, in_order, earmarked or {}):
        return kept
    return _oldest_first(remaining, in_order)


def numbers_in(text: str, numbers: Collection[str]) -> list[str]:
    """Those of our numbers that a remittance text names, whole and in any case."""
    words = {word.strip(".,;:()，。；：（）[]【】#").upper() for word in _spaced(text).split()}
    return [number for number in numbers if number.upper() in words]


def _spaced(text: str) -> str:
    for mark in "/，。；、,;+&（）()":
        text = text.replace(mark, " ")
    return text


def _fill(remaining: Decimal, items: Sequence[OpenItem], method: Method, *, is_unique: bool = True) -> Proposal:
    shares = []
    for item in items:
        amount = min(item.open, remaining)
        if amount <= 0:
            break
        shares.append(Share(item.id, amount))
        remaining -= amount
    return Proposal(method, tuple(shares), remaining, is_unique)


def _subsets(remaining: Decimal, items: Sequence[OpenItem]) -> list[list[OpenItem]]:
    """The first two sets of two to five items that together are exactly so much, in due-date order; two are enough to be in doubt."""
    candidates = [item for item in items if item.open < remaining]
    if len(candidates) > MOST_ITEMS:
        return []
    found: list[list[OpenItem]] = []
    steps = 0

    def search(start: int, left: Decimal, chosen: list[OpenItem]) -> None:
        nonlocal steps
        for place in range(start, len(candidates)):
            steps += 1
            if len(found) > 1 or steps > MOST_STEPS:
                return
            item = candidates[place]
            if item.open == left and chosen:
                found.append([*chosen, item])
            elif item.open < left and len(chosen) < LARGEST_SUBSET - 1:
                search(place + 1, left - item.open, [*chosen, item])

    search(0, remaining, [])
    return found if steps <= MOST_STEPS else []


def _near(remaining: Decimal, near: Sequence[OpenItem]) -> Proposal:
    """One item that differs by so little that the difference is written off; with several a person chooses."""
    item = near[0]
    amount = min(item.open, remaining)
    return Proposal(Method.TOLERANCE, (Share(item.id, amount),), remaining - amount, len(near) == 1, item.open - remaining)


def _kept(remaining: Decimal, items: Sequence[OpenItem], earmarked: Mapping[Any, Decimal]) -> Proposal | None:
    shares = []
    left = dict(earmarked)
    for item in items:
        amount = min(item.open, remaining, left.get(item.part, ZERO)) if item.part is not None else ZERO
        if amount > 0:
            shares.append(Share(item.id, amount))
            remaining -= amount
            left[item.part] -= amount
    return Proposal(Method.EARMARK, tuple(shares), remaining) if shares else None


def _oldest_first(remaining: Decimal, items: Sequence[OpenItem]) -> Proposal:
    """The undisputed part of each item by age, then the disputed parts."""
    taken: dict[Any, Decimal] = {}
    for part_of in (lambda item: item.open - min(item.disputed, item.open), lambda item: min(item.disputed, item.open)):
        for item in items:
            amount = min(part_of(item), remaining)
            if amount > 0:
                taken[item.id] = taken.get(item.id, ZERO) + amount
                remaining -= amount
    return Proposal(Method.FIFO, tuple(Share(item.id, taken[item.id]) for item in items if item.id in taken), remaining)
