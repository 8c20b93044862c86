"""Whose money is it: how much of a payment stems from which lead and channel.

Each allocation of the payment leads over its invoice to an order, its opportunity and its lead. What is not allocated stems from nothing
yet. The parts sum to the payment, in document and in base currency (largest remainder in base).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ltc.money.rounding import apportion

ZERO = Decimal(0)


@dataclass(frozen=True)
class Origin:
    """Where an allocation leads to. None where the chain has no such link (a direct order, an opportunity without a lead)."""

    lead: Any = None
    channel: Any = None
    opportunity: Any = None


@dataclass(frozen=True)
class Portion:
    """So much of a payment stems from this origin. `origin` is None for what is not allocated yet."""

    origin: Origin | None
    amount: Decimal
    amount_base: Decimal


def attribute(*, amount: Decimal, amount_base: Decimal, places: int, allocations: Iterable[tuple[Origin, Decimal]]) -> tuple[Portion, ...]:
    """Split a payment over the origins of its allocations; the rest is what is not allocated.

    `amount_base` is the payment in base currency, `places` its decimals. Raises ValueError if more is allocated than was paid.
    """
    per_origin: dict[Origin | None, Decimal] = defaultdict(lambda: ZERO)
    for origin, share in allocations:
        per_origin[origin] += share
    if (rest := amount - sum(per_origin.values(), ZERO)) < 0:
        raise ValueError(f"{-rest} more is allocated than the {amount} that was paid.")
    if rest:
        per_origin[None] = rest
    shares = [Fraction(share) * Fraction(amount_base) / Fraction(amount) for share in per_origin.values()]
    bases = apportion(shares, amount_base, places)
    return tuple(Portion(origin, share, base) for (origin, share), base in zip(per_origin.items(), bases, strict=True))
