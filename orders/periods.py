"""The periods of a subscription: when each begins and ends, and which share of the price it is. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from ltc.calendars.terms import add_months
from ltc.money.rounding import round_half_up

MONTHS: Final = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
MOST: Final = 120


def starts(first: date, every: str, count: int) -> list[date]:
    """The first day of each period. Months are counted from the first one, so that the 31st comes back after a short month."""
    return [add_months(first, MONTHS[every] * number) for number in range(count)]


def span(first: date, following: Sequence[date], before: Sequence[date]) -> tuple[date, date]:
    """First and last day of the period that begins on `first`: until the next one begins; the last is as long as the one before it."""
    if following:
        return first, following[0] - timedelta(days=1)
    if not before:
        return first, add_months(first, 1) - timedelta(days=1)
    gone, months = _months(before[0], first), _months(before[-1], first)
    return first, add_months(before[0], gone + months) - timedelta(days=1)


def _months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month


def share(count: int) -> Decimal:
    """One of so many equal periods, as exactly as a decimal can say it, so that a twelfth of twelve months is one."""
    return Decimal(1) / count


def shares(count: int) -> list[Decimal]:
    """Equal shares of one to six decimals, as a plan keeps them; the last takes what is left."""
    each = round_half_up(Decimal(1) / count, 6)
    return [*([each] * (count - 1)), 1 - each * (count - 1)]
