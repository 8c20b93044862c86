"""Which open items a payment pays: what the payer names, else what fits exactly, else the oldest first.

Pure; amounts in one currency, all items of one customer. The rest of a payment stays on account: an item never goes below zero and an
overpayment never disappears.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Method(StrEnum):
    """How an allocation was found."""

    SPECIFIED = "specified"
    EXACT = "exact"
    FIFO = "fifo"
    MANUAL = "manual"


@dataclass(frozen=True)
class OpenItem:
    """A released item with something left to pay."""

    id: Any
    number: str
    due_on: date
    invoiced_on: date
    open: Decimal


@dataclass(frozen=True)
class Share:
    """So much of the source goes to this item."""

    item: Any
    amount: Decimal


@dataclass(frozen=True)
class Proposal:
    """What the engine suggests; `rest` stays on account. `is_certain` if it may be posted without a look by a person."""

    method: Method
    shares: tuple[Share, ...]
    rest: Decimal

    @property
    def is_certain(self) -> bool:
        return bool(self.shares) and self.method in (Method.SPECIFIED, Method.EXACT)


def propose(remaining: Decimal, items: Sequence[OpenItem], *, named: Collection[str] = ()) -> Proposal:
    """Spread what is left of a payment over the open items (steps specified, exact, FIFO).

    `named` are the invoice numbers that the remittance text or the caller gave. Named invoices are paid first, in due-date order; whatever
    they leave stays on account.
    """
    in_order = sorted((item for item in items if item.open > 0), key=lambda item: (item.due_on, item.invoiced_on, item.number))
    if specified := [item for item in in_order if item.number in named]:
        return _fill(remaining, specified, Method.SPECIFIED)
    if fitting := [item for item in in_order if item.open == remaining]:
        return _fill(remaining, fitting[:1], Method.EXACT)
    return _fill(remaining, in_order, Method.FIFO)


def numbers_in(text: str, numbers: Collection[str]) -> list[str]:
    """Those of our invoice numbers that a remittance text names, whole and in any case."""
    words = {word.strip(".,;:()，。；：（）").upper() for word in text.replace("/", " ").split()}
    return [number for number in numbers if number.upper() in words]


def _fill(remaining: Decimal, items: Sequence[OpenItem], method: Method) -> Proposal:
    shares = []
    for item in items:
        amount = min(item.open, remaining)
        if amount <= 0:
            break
        shares.append(Share(item.id, amount))
        remaining -= amount
    return Proposal(method, tuple(shares), remaining)
