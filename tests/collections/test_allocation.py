from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation import Method, OpenItem, numbers_in, propose


def item(number, due, amount):
    return OpenItem(id=number, number=number, due_on=date(2026, 1, 1).replace(day=due), invoiced_on=date(2026, 1, 1), open=Decimal(amount))


ITEMS = [item("INV-2", 20, "50.00"), item("INV-1", 10, "30.00"), item("INV-3", 25, "20.00")]


def shares(proposal):
    return {share.item: str(share.amount) for share in proposal.shares}


def test_a_named_invoice_is_paid_before_an_older_one():
    proposal = propose(Decimal("60.00"), ITEMS, named=["INV-3", "INV-2"])
    assert proposal.method is Method.SPECIFIED
    assert shares(proposal) == {"INV-2": "50.00", "INV-3": "10.00"}
    assert proposal.is_certain


def test_an_item_of_exactly_the_amount_is_paid_before_an_older_one():
    proposal = propose(Decimal("50.00"), ITEMS)
    assert (proposal.method, shares(proposal), proposal.rest) == (Method.EXACT, {"INV-2": "50.00"}, 0)


def test_else_the_oldest_due_item_is_paid_first_and_only_proposed():
    proposal = propose(Decimal("45.00"), ITEMS)
    assert shares(proposal) == {"INV-1": "30.00", "INV-2": "15.00"}
    assert not proposal.is_certain


def test_an_overpayment_stays_on_account():
    assert propose(Decimal("150.00"), ITEMS).rest == Decimal("50.00")


def test_a_remittance_text_names_whole_numbers_only():
    assert numbers_in("Payment inv-2/INV-3.", ["INV-1", "INV-2", "INV-22", "INV-3"]) == ["INV-2", "INV-3"]


@given(st.decimals("0.01", "9999", places=2), st.lists(st.decimals("0.00", "999", places=2), max_size=8))
def test_no_cent_is_lost_and_no_item_is_paid_more_than_is_open(amount, opens):
    items = [OpenItem(n, f"INV-{n}", date(2026, 1, 1 + n), date(2026, 1, 1), value) for n, value in enumerate(opens)]
    proposal = propose(amount, items)
    assert sum((share.amount for share in proposal.shares), proposal.rest) == amount
    assert all(0 < share.amount <= items[share.item].open for share in proposal.shares)
