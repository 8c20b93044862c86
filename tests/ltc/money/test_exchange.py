"""Which exchange rate holds for a document, and what its lines are worth in the base currency."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.money.errors import FxRateMissing
from ltc.money.exchange import DatedRate, convert, convert_lines, rate_in_force
from ltc.money.rounding import round_half_up

PUBLISHED = [
    DatedRate(Decimal("7.10"), date(2026, 6, 1)),
    DatedRate(Decimal("7.20"), date(2026, 6, 8)),
    DatedRate(Decimal("7.30"), date(2026, 6, 25)),
]


def rate_on(day: int, month: int = 6) -> Decimal:
    return rate_in_force(PUBLISHED, from_currency="USD", to_currency="CNY", on=date(2026, month, day)).rate


@pytest.mark.parametrize(("day", "rate"), [(1, "7.10"), (7, "7.10"), (8, "7.20"), (15, "7.20"), (25, "7.30")])
def test_the_latest_rate_by_the_day_of_the_document_holds(day: int, rate: str) -> None:
    assert rate_on(day) == Decimal(rate)


@pytest.mark.parametrize(("month", "day"), [(5, 31), (6, 16), (6, 24)])
def test_a_rate_older_than_seven_days_is_no_rate(month: int, day: int) -> None:
    with pytest.raises(FxRateMissing) as refusal:
        rate_on(day, month)
    assert refusal.value.code == "fx_rate_missing"


def test_a_currency_is_worth_one_of_itself() -> None:
    assert rate_in_force([], from_currency="CNY", to_currency="CNY", on=date(2026, 6, 1)).rate == 1


def test_a_foreign_deal_is_converted_once_and_rounded_half_up() -> None:
    assert convert(Decimal("50000"), Decimal("7.20"), to_currency="CNY") == Decimal("360000.00")
    assert convert(Decimal("0.01"), Decimal("0.5"), to_currency="CNY") == Decimal("0.01")
    assert str(convert(Decimal("10.00"), Decimal("21.75"), to_currency="JPY")) == "218"


@given(
    amounts=st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), max_size=30),
    rate=st.decimals(min_value="0.00000001", max_value=20_000, places=8),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_line_bases_sum_to_the_converted_total(amounts: list[Decimal], rate: Decimal, currency: str) -> None:
    base = convert_lines(amounts, rate, to_currency=currency)
    places = {"CNY": 2, "JPY": 0, "KWD": 3}[currency]
    assert base.total == round_half_up(sum(amounts, Decimal(0)) * rate, places)
    assert sum(base.lines, Decimal(0)) == base.total
    cent = Decimal(1).scaleb(-places)
    assert all(abs(line - amount * rate) < cent for line, amount in zip(base.lines, amounts, strict=True))
