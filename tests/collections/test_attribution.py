from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.attribution import Origin, attribute

D = Decimal
FAIR, WEB = Origin("lead-1", "fair", "opp-1"), Origin("lead-2", "web", "opp-2")


def test_a_payment_is_split_by_where_its_allocations_lead():
    portions = attribute(amount=D("100.00"), amount_base=D("710.00"), places=2, allocations=[(FAIR, D("60.00")), (WEB, D("30.00"))])
    assert [(p.origin, p.amount, p.amount_base) for p in portions] == [
        (FAIR, D("60.00"), D("426.00")), (WEB, D("30.00"), D("213.00")), (None, D("10.00"), D("71.00")),
    ]  # fmt: skip


def test_more_than_was_paid_cannot_be_attributed():
    with pytest.raises(ValueError, match=r"0\.01 more"):
        attribute(amount=D(1), amount_base=D(1), places=2, allocations=[(FAIR, D("1.01"))])


@given(
    st.lists(st.tuples(st.sampled_from([FAIR, WEB, Origin()]), st.decimals("0.01", "5000", places=2)), max_size=8),
    st.decimals("0", "5000", places=2), st.decimals("0.01", "9", places=4),
)  # fmt: skip
def test_the_parts_sum_to_the_cash(allocations, rest, rate):
    amount = sum((share for _origin, share in allocations), rest)
    if not amount:
        return
    base = (amount * rate).quantize(D("0.01"))
    portions = attribute(amount=amount, amount_base=base, places=2, allocations=allocations)
    assert sum(p.amount for p in portions) == amount
    assert sum(p.amount_base for p in portions) == base
