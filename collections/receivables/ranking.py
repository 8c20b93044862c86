"""Whom to call first: customers ranked by the money that is at risk, and why. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from receivables.aging import Age

# What experience expects to lose of an amount of that age; finance may set its own.
LOSS: Final = {
    Age.CURRENT: Decimal("0.005"), Age.TO_30: Decimal("0.02"), Age.TO_60: Decimal("0.05"), Age.TO_90: Decimal("0.10"),
    Age.OVER_90: Decimal("0.30"),
}  # fmt: skip
BROKEN: Final = Decimal("1.5")
PROMISED: Final = Decimal("0.5")
DISPUTED: Final = Decimal("1.2")


@dataclass(frozen=True)
class Debtor:
    """What matters of one customer: what is open by age in base currency, and how many days the oldest item is late."""

    owed: Mapping[Age, Decimal]
    oldest: int = 0
    broken_promises: int = 0
    promised: Decimal = Decimal(0)
    disputed: Decimal = Decimal(0)


@dataclass(frozen=True)
class Rank:
    """The value at risk and what makes it so. `overdue` and `oldest` are of the overdue items; `weightiest` is the age that adds most."""

    at_risk: Decimal
    overdue: Decimal
    oldest: int
    broken_promises: int
    is_promised: bool
    is_disputed: bool
    weightiest: Age = Age.CURRENT


def rank(debtor: Debtor) -> Rank:
    """The value at risk: what is open by what is usually lost at its age, more after broken promises, less if all of it is promised."""
    risk = sum((amount * LOSS[age] for age, amount in debtor.owed.items()), Decimal(0))
    overdue = sum((amount for age, amount in debtor.owed.items() if age != Age.CURRENT), Decimal(0))
    is_promised = bool(overdue) and debtor.promised >= overdue
    if debtor.broken_promises:
        risk *= BROKEN
    if is_promised:
        risk *= PROMISED
    if debtor.disputed:
        risk *= DISPUTED
    weightiest = max(Age, key=lambda age: debtor.owed.get(age, Decimal(0)) * LOSS[age])
    return Rank(
        risk.quantize(Decimal("0.01")), overdue, debtor.oldest, debtor.broken_promises, is_promised, debtor.disputed > 0, weightiest
    )
