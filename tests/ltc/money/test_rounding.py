"""Rounding and spreading: the golden values of GD-1, and the promises that hold for every amount."""

from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.money.rounding import apportion, round_half_up, split_cumulatively, spread

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**9, places=2), min_size=1, max_size=40)


def decimals(text: str) -> list[Decimal]:
    return [Decimal(part.replace(" ", "")) for part in text.split("/")]


@pytest.mark.parametrize(("value", "expected"), [("2.675", "2.68"), ("0.005", "0.01"), ("-0.005", "-0.01")])
def test_half_a_cent_goes_away_from_zero(value: str, expected: str) -> None:
    assert str(round_half_up(Decimal(value), 2)) == expected


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError):
        round_half_up(cast(Decimal, 2.675), 2)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        ("10.00", "70.00 / 20.00 / 10.01", "7.00 / 2.00 / 1.00"),
        ("100.01", "1 / 1 / 1", "33.34 / 33.34 / 33.33"),
    ],
)
def test_a_document_discount_is_spread_by_largest_remainder(total: str, weights: str, expected: str) -> None:
    assert spread(Decimal(total), decimals(weights)) == decimals(expected)


@pytest.mark.parametrize(
    ("total", "rates", "expected"),
    [
        ("1130000.00", "0.30 / 0.60 / 0.10", "339 000.00 / 678 000.00 / 113 000.00"),
        ("99999.99", "0.30 / 0.30 / 0.30 / 0.10", "30 000.00 / 29 999.99 / 30 000.00 / 10 000.00"),
    ],
)
def test_instalments_are_differences_of_rounded_running_totals(total: str, rates: str, expected: str) -> None:
    assert split_cumulatively(Decimal(total), decimals(rates)) == decimals(expected)


def test_instalments_that_are_not_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="90"):
        split_cumulatively(Decimal("100.00"), decimals("0.30 / 0.60"))


def test_a_discount_over_lines_worth_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to spread"):
        spread(Decimal("1.00"), decimals("0 / 0"))


def test_no_discount_over_lines_worth_nothing_is_no_discount() -> None:
    assert spread(Decimal("0.00"), decimals("0 / 0")) == decimals("0.00 / 0.00")


def test_shares_that_do_not_sum_to_the_total_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to"):
        apportion([], Decimal("0.01"))


@given(total=AMOUNTS, weights=WEIGHTS.filter(any))
def test_spread_shares_sum_to_the_total_and_are_within_a_cent_of_fair(total: Decimal, weights: list[Decimal]) -> None:
    shares = spread(total, weights)
    assert sum(shares) == total
    fair = [total * weight / sum(weights) for weight in weights]
    assert all(abs(share - exact) < Decimal("0.0100001") for share, exact in zip(shares, fair, strict=True))


@given(total=AMOUNTS, weights=WEIGHTS.filter(any))
def test_a_credit_mirrors_the_spread_of_its_invoice(total: Decimal, weights: list[Decimal]) -> None:
    assert spread(-total, weights) == [-share for share in spread(total, weights)]


@given(total=AMOUNTS, parts=st.lists(st.integers(min_value=0, max_value=100), min_size=1, max_size=12).filter(any))
def test_instalments_sum_to_the_amount_and_never_turn_negative(total: Decimal, parts: list[int]) -> None:
    cuts = [Decimal(part) / 10_000 for part in parts]
    rates = [*cuts, 1 - sum(cuts, Decimal(0))]
    instalments = split_cumulatively(total, rates)
    assert sum(instalments) == total
    assert min(instalments) >= 0


@given(value=st.decimals(min_value=-(10**9), max_value=10**9, places=6), places=st.integers(0, 4))
def test_rounding_mirrors_at_zero(value: Decimal, places: int) -> None:
    assert round_half_up(-value, places) == -round_half_up(value, places)
