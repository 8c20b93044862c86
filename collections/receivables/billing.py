"""What an invoice over one part of an order's price says of each order line (pure).

Every part is spread over the lines by what they cost; the part that completes the order bills what is left of each line, so that all
invoices of an order together are the order, to the cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ltc.money.currencies import exponent
from ltc.money.rounding import round_fraction, round_half_up, spread

ZERO = Decimal(0)
QUANTITY_PLACES = 6


@dataclass(frozen=True)
class Ordered:
    """An order line, and what was billed of it so far (drafts included)."""

    line: Any
    qty: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_rate: Decimal
    billed_qty: Decimal = ZERO
    billed_net: Decimal = ZERO
    billed_tax: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What may still be billed of it."""
        return self.gross - self.billed_net - self.billed_tax


@dataclass(frozen=True)
class Billed:
    """What one invoice bills of an order line."""

    line: Any
    qty: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


class OverInvoice(ValueError):
    """More would be billed than the order has left (invariant L6)."""


def bill_part(amount: Decimal, ordered: Sequence[Ordered], currency: str, *, share: Decimal) -> list[Billed]:
    """Spread a part of an order's total, tax included, over its lines; `share` of each quantity is billed with it. Raises OverInvoice."""
    left = sum((line.left for line in ordered), ZERO)
    if amount > left:
        raise OverInvoice(f"{amount} is more than the {left} that is left to bill.")
    if amount == left:
        rest = [Billed(line.line, line.qty - line.billed_qty, line.net - line.billed_net, line.tax - line.billed_tax) for line in ordered]
        return [line for line in rest if line.gross or line.qty]
    places = exponent(currency)
    shares = _within(spread(amount, [line.gross for line in ordered], places), ordered)
    return [_bill(line, gross, share, places) for line, gross in zip(ordered, shares, strict=True) if gross]


def _within(shares: list[Decimal], ordered: Sequence[Ordered]) -> list[Decimal]:
    """No line is billed more than it has left; what one cannot take the next ones do."""
    surplus = ZERO
    taken = []
    for share, line in zip(shares, ordered, strict=True):
        taken.append(min(share, line.left))
        surplus += share - taken[-1]
    for place, line in enumerate(ordered):
        more = min(surplus, line.left - taken[place])
        taken[place] += more
        surplus -= more
    return taken


def _bill(line: Ordered, gross: Decimal, share: Decimal, places: int) -> Billed:
    qty = round_half_up(line.qty * share, QUANTITY_PLACES)
    net = min(round_fraction(Fraction(gross) / Fraction(1 + line.tax_rate), places), line.net - line.billed_net)
    return Billed(line.line, min(qty, line.qty - line.billed_qty), net, gross - net)
