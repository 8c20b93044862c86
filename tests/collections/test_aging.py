from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.aging import Age, age_of, by_age, days_overdue, due_between

TODAY = date(2026, 6, 30)


def test_the_golden_receivables_of_the_second_quarter_fall_into_their_buckets():
    items = [
        (date(2026, 6, 14), Decimal(160_000)),
        (date(2026, 7, 10), Decimal(300_000)),
        (date(2026, 7, 20), Decimal(300_000)),
        (date(2026, 3, 22), Decimal(90_000)),
        (date(2026, 6, 19), Decimal(80_000)),
    ]
    assert list(by_age(items, TODAY).values()) == [600_000, 240_000, 0, 0, 90_000]


BOUNDS = [(0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (91, "over-90")]


@pytest.mark.parametrize(("days", "age"), BOUNDS)
def test_a_bucket_begins_on_its_first_day(days, age):
    assert age_of(TODAY - timedelta(days=days), TODAY) == age


def test_retention_without_a_due_date_is_not_overdue():
    assert days_overdue(None, TODAY) == 0
    assert age_of(None, TODAY) is Age.CURRENT


def test_the_filter_of_a_bucket_holds_exactly_its_due_dates():
    for days in range(-10, 130):
        due = TODAY - timedelta(days=days)
        holding = []
        for age in Age:
            first, last = due_between(age, TODAY)
            if (first is None or due >= first) and (last is None or due <= last):
                holding.append(age)
        assert holding == [age_of(due, TODAY)]
