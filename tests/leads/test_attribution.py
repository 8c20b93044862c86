"""Merit shared among touches, to the cent."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.attribution import Model, split, weights

GOLD = {
    Model.FIRST: ("100000.01", "0", "0"),
    Model.LAST: ("0", "0", "100000.01"),
    Model.LINEAR: ("33333.34", "33333.34", "33333.33"),
    Model.POSITION: ("40000.01", "20000.00", "40000.00"),
}


@pytest.mark.parametrize("model", list(Model))
def test_the_golden_amount_over_three_touches(model: Model) -> None:
    assert split(Decimal("100000.01"), model, 3) == [Decimal(share) for share in GOLD[model]]


def test_one_touch_takes_all_and_two_share_alike_by_position() -> None:
    assert weights(Model.POSITION, 1) == [1]
    assert weights(Model.POSITION, 2) == [Fraction(1, 2), Fraction(1, 2)]


@given(st.decimals(0, 10**9, places=2), st.sampled_from(Model), st.integers(1, 30))
def test_the_shares_always_sum_to_the_amount(amount: Decimal, model: Model, touches: int) -> None:
    shares = split(amount, model, touches)
    assert len(shares) == touches and sum(shares) == amount and min(shares) >= 0


def test_without_a_touch_there_is_nothing_to_share() -> None:
    with pytest.raises(ValueError, match="Without a touch"):
        weights(Model.FIRST, 0)
