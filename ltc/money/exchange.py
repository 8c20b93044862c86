"""Exchange rates: which one holds for a document, and what the document is worth in the base currency (rule R5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from ltc.money.currencies import exponent
from ltc.money.errors import FxRateMissing
from ltc.money.rounding import apportion, round_fraction

OLDEST_RATE = timedelta(days=7)


@dataclass(frozen=True)
class DatedRate:
    """Units of the target currency for one unit of the source currency, as published for a day."""

    rate: Decimal
    rate_date: date
    source: str = ""


@dataclass(frozen=True)
class BaseAmounts:
    """What a document and each of its lines are worth in the base currency; the lines sum to the total."""

    total: Decimal
    lines: tuple[Decimal, ...]


def rate_in_force(rates: Iterable[DatedRate], *, from_currency: str, to_currency: str, on: date) -> DatedRate:
    """The rate of a document of that day: the latest one published by then and not more than seven days before.

    A currency is worth one of itself. Of several rates of one day the first given is taken. Raises FxRateMissing.
    """
    if from_currency == to_currency:
        return DatedRate(rate=Decimal(1), rate_date=on)
    usable = [rate for rate in rates if on - OLDEST_RATE <= rate.rate_date <= on]
    if not usable:
        raise FxRateMissing(
            _("There is no exchange rate from %(from)s to %(to)s for %(day)s or the seven days before. Enter one, then try again.")
            % {"from": from_currency, "to": to_currency, "day": on}
        )
    return max(usable, key=lambda rate: rate.rate_date)


def convert(amount: Decimal, rate: Decimal, *, to_currency: str) -> Decimal:
    """An amount at a rate, rounded half up once to the target currency."""
    return round_fraction(Fraction(amount) * Fraction(rate), exponent(to_currency))


def convert_lines(amounts: Sequence[Decimal], rate: Decimal, *, to_currency: str) -> BaseAmounts:
    """A document's amounts at its frozen rate: the total is converted and rounded, the lines share it by largest remainder."""
    shares = [Fraction(amount) * Fraction(rate) for amount in amounts]
    places = exponent(to_currency)
    total = round_fraction(sum(shares, Fraction(0)), places)
    return BaseAmounts(total=total, lines=tuple(apportion(shares, total, places)))
