"""Rounding and spreading: half up, by largest remainder, and cumulatively.

Amounts are `Decimal` in major units; `places` is the number of decimals of the smallest unit (2 for CNY, 0 for JPY).
Everything is computed with exact fractions and rounded once.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import floor

# The widest amount column holds 20 digits; products of amount, price and rate need more before they are rounded.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def round_half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round to `places` decimals, ties away from zero, so that a credit note mirrors its invoice to the cent.

    A float is no amount: TypeError.
    """
    return EXACT.quantize(value, Decimal(1).scaleb(-places))


def round_fraction(value: Fraction, places: int = 2) -> Decimal:
    """Round an exact fraction to `places` decimals, ties away from zero."""
    units = floor(abs(value) * 10**places + Fraction(1, 2))
    return from_units(units if value >= 0 else -units, places)


def apportion(shares: Sequence[Fraction], total: Decimal, places: int = 2) -> list[Decimal]:
    """Round exact shares so that they sum to `total`, their own sum rounded: largest remainder.

    Each share is cut to the smallest unit; the units left over go to the largest remainders, ties to the earlier share.
    Raises ValueError if `total` is not the rounded sum of the shares.
    """
    if round_fraction(sum(shares, Fraction(0)), places) != total:
        raise ValueError(f"The shares sum to {float(sum(shares))}, not to {total}.")
    sign = -1 if total < 0 else 1
    exact = [share * sign * 10**places for share in shares]
    units = [floor(share) for share in exact]
    left_over = to_units(total, places) * sign - sum(units)
    by_remainder = sorted(range(len(exact)), key=lambda i: (units[i] - exact[i], i))
    for i in by_remainder[:left_over]:
        units[i] += 1
    return [from_units(unit * sign, places) for unit in units]


def spread(total: Decimal, weights: Sequence[Decimal], places: int = 2) -> list[Decimal]:
    """Spread an amount over lines in proportion to their weights, to the cent (rule R3: a document's discount).

    The shares sum to `total`. Raises ValueError for a negative weight, or if there is no weight to spread over.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("An amount cannot be spread over negative weights.")
    if round_half_up(total, places) != total:
        raise ValueError(f"{total} has more than {places} decimals: round it before it is spread.")
    weight_sum = sum(map(Fraction, weights), Fraction(0))
    if not weight_sum:
        if total:
            raise ValueError(f"There is nothing to spread {total} over: all weights are zero.")
        return [from_units(0, places) for _ in weights]
    return apportion([Fraction(total) * Fraction(weight) / weight_sum for weight in weights], total, places)


def split_cumulatively(total: Decimal, rates: Sequence[Decimal], places: int = 2) -> list[Decimal]:
    """Split an amount into instalments that follow one another (rule R4: a collection plan).

    `rates` are parts of one (0.30 is 30 %) and sum to 1, else ValueError. Each instalment is the difference of two
    rounded running totals, so the instalments paid so far are never more than half a cent off, and all sum to `total`.
    """
    if sum(rates, Decimal(0)) != 1:
        raise ValueError(f"The instalments are {sum(rates, Decimal(0)) * 100} % of the amount; they must be 100 %.")
    running, before, instalments = Fraction(0), round_fraction(Fraction(0), places), []
    for rate in rates:
        running += Fraction(rate)
        reached = round_fraction(Fraction(total) * running, places)
        instalments.append(EXACT.subtract(reached, before))
        before = reached
    return instalments


def to_units(amount: Decimal, places: int) -> int:
    """The amount counted in its smallest unit: 12.30 CNY is 1230 fen."""
    return int(amount.scaleb(places, EXACT))


def from_units(units: int, places: int) -> Decimal:
    """The amount of so many smallest units: 1230 fen are 12.30 CNY."""
    return Decimal(units).scaleb(-places, EXACT)
