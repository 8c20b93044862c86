"""Line arithmetic of every priced document: quote, contract, order, invoice (rules R1 to R3).

Net, tax and gross are computed once per line and summed; a total is never computed from totals, so that each document
adds up to the cent as printed. Rounding is half up to the currency's smallest unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from ltc.money.currencies import exponent
from ltc.money.errors import MoneyError
from ltc.money.rounding import EXACT, round_fraction, round_half_up, spread

NO_DISCOUNT = Decimal(0)


class NegativeQuantity(MoneyError):
    """Negative business is a credit note, never a negative quantity (rule R7)."""

    code = "negative_quantity"


class DiscountTooLarge(MoneyError):
    """A discount takes away more than there is to pay."""

    code = "discount_too_large"


@dataclass(frozen=True)
class LinePrice:
    """What one line costs, in the document's currency; net + tax = gross."""

    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True)
class LineTerms:
    """What was agreed for one line. `unit_price` contains the tax if the document's prices do."""

    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    discount_rate: Decimal = NO_DISCOUNT


@dataclass(frozen=True)
class DocumentPrice:
    """The lines of a document and their sums, and how the document's discount fell on the lines."""

    lines: tuple[LinePrice, ...]
    discount_shares: tuple[Decimal, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def price_line(
    *,
    quantity: Decimal,
    unit_price: Decimal,
    tax_rate: Decimal,
    currency: str,
    discount_rate: Decimal = NO_DISCOUNT,
    discount_share: Decimal = NO_DISCOUNT,
    tax_inclusive: bool = False,
) -> LinePrice:
    """Price one line (rule R1). Rates are parts of one: 13 % is 0.13.

    `discount_share` is this line's share of the document's discount; it comes off the net if prices exclude the tax,
    off the gross if they include it. Raises NegativeQuantity, DiscountTooLarge, UnknownCurrency.
    """
    places = exponent(currency)
    if quantity < 0:
        raise NegativeQuantity(_("A quantity cannot be negative. Write a credit note instead."))
    amount = list_value(quantity=quantity, unit_price=unit_price, discount_rate=discount_rate, places=places)
    amount -= discount_share
    if amount < 0:
        raise DiscountTooLarge(_("The discount is more than the line is worth. Lower it."))
    if tax_inclusive:
        net = round_fraction(Fraction(amount) / Fraction(1 + tax_rate), places)
        return LinePrice(net=net, tax=amount - net, gross=amount)
    tax = round_half_up(EXACT.multiply(amount, tax_rate), places)
    return LinePrice(net=amount, tax=tax, gross=amount + tax)


def price_document(
    lines: Sequence[LineTerms],
    *,
    currency: str,
    document_discount: Decimal = NO_DISCOUNT,
    tax_inclusive: bool = False,
) -> DocumentPrice:
    """Price all lines of a document and sum them (rules R2 and R3).

    `document_discount` is an amount in the document's currency. It is spread over the lines by largest remainder,
    weighted by what they are worth after their own discounts. Raises NegativeQuantity, DiscountTooLarge.
    """
    places = exponent(currency)
    if any(line.quantity < 0 for line in lines):
        raise NegativeQuantity(_("A quantity cannot be negative. Write a credit note instead."))
    weights = [
        list_value(quantity=line.quantity, unit_price=line.unit_price, discount_rate=line.discount_rate, places=places) for line in lines
    ]
    if document_discount > sum(weights, Decimal(0)):
        raise DiscountTooLarge(_("The discount is more than the document is worth. Lower it."))
    shares = spread(document_discount, weights, places)
    prices = tuple(
        price_line(
            quantity=line.quantity,
            unit_price=line.unit_price,
            tax_rate=line.tax_rate,
            discount_rate=line.discount_rate,
            discount_share=share,
            currency=currency,
            tax_inclusive=tax_inclusive,
        )
        for line, share in zip(lines, shares, strict=True)
    )
    zero = round_half_up(Decimal(0), places)
    return DocumentPrice(
        lines=prices,
        discount_shares=tuple(shares),
        net=sum((price.net for price in prices), zero),
        tax=sum((price.tax for price in prices), zero),
        gross=sum((price.gross for price in prices), zero),
    )


def list_value(*, quantity: Decimal, unit_price: Decimal, discount_rate: Decimal, places: int) -> Decimal:
    """Quantity times price less the line's own discount, rounded once."""
    undiscounted = EXACT.multiply(quantity, unit_price)
    return round_half_up(EXACT.multiply(undiscounted, 1 - discount_rate), places)
