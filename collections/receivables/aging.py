"""How old the receivables are: calendar days since the unadjusted due date, in five buckets (metric `ar.aging`)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Age(StrEnum):
    """A bucket of days overdue."""

    CURRENT = "current"
    TO_30 = "1-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    OVER_90 = "over-90"


FIRST_DAY: dict[Age, int] = {Age.TO_30: 1, Age.TO_60: 31, Age.TO_90: 61, Age.OVER_90: 91}


def days_overdue(due: date | None, today: date) -> int:
    """Calendar days since the due date; 0 if it is not over, or if there is none yet (retention that is not released)."""
    return 0 if due is None else max(0, (today - due).days)


def age_of(due: date | None, today: date) -> Age:
    """The bucket of an item due on that day."""
    days = days_overdue(due, today)
    return next((age for age, first in reversed(FIRST_DAY.items()) if days >= first), Age.CURRENT)


def due_between(age: Age, today: date) -> tuple[date | None, date | None]:
    """The first and the last due date of a bucket, None where it is open: for a filter that the database carries out."""
    ages = list(Age)
    at = ages.index(age)
    last = None if age is Age.CURRENT else date.fromordinal(today.toordinal() - FIRST_DAY[age])
    if age is Age.CURRENT:
        return today, None
    if at == len(ages) - 1:
        return None, last
    return date.fromordinal(today.toordinal() - FIRST_DAY[ages[at + 1]] + 1), last


def by_age(items: Iterable[tuple[date | None, Decimal]], today: date) -> dict[Age, Decimal]:
    """Open amounts per bucket, of items given as (due date, open amount in one currency)."""
    totals = dict.fromkeys(Age, Decimal(0))
    for due, amount in items:
        totals[age_of(due, today)] += amount
    return totals
