"""Whose merit a sale is: its amount split over the touches that came before the deal, to the cent.

First and last touch take all; linear gives each the same; position-based gives 40 % to the first and the last and 20 % to those between
(one touch takes all, two share alike). What is left of a cent goes to the largest remainders, ties to the earlier touch.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ltc.money.rounding import apportion


class Model(StrEnum):
    """How merit is shared out."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"


ENDS: Final = Fraction(2, 5)
BETWEEN: Final = Fraction(1, 5)


def weights(model: Model, touches: int) -> list[Fraction]:
    """The part of each touch, in order of time; they sum to one. Raises ValueError without a touch."""
    if touches < 1:
        raise ValueError("Without a touch there is nothing to share merit among.")
    if model is Model.LINEAR:
        return [Fraction(1, touches)] * touches
    if model is Model.POSITION and touches == 2:
        return [Fraction(1, 2)] * 2
    if model is Model.POSITION and touches > 2:
        return [ENDS, *[BETWEEN / (touches - 2)] * (touches - 2), ENDS]
    chosen = touches - 1 if model is Model.LAST else 0
    return [Fraction(int(place == chosen)) for place in range(touches)]


def split(amount: Decimal, model: Model, touches: int, places: int = 2) -> Sequence[Decimal]:
    """An amount shared among so many touches; the shares sum to it."""
    return apportion([Fraction(amount) * weight for weight in weights(model, touches)], amount, places)
