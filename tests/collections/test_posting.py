from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import posting
from receivables.posting import Account, BilledItem, Line, Unbalanced

D = Decimal


def by_account(lines):
    totals = {}
    for line in lines:
        totals[line.account] = totals.get(line.account, D(0)) + line.amount_base
    return totals


def test_an_issued_invoice_debits_receivables_and_retention():
    items = [
        BilledItem("I1", D("339000.00"), D("339000.00")),
        BilledItem("I2", D("678000.00"), D("678000.00")),
        BilledItem("I3", D("113000.00"), D("113000.00"), released=False),
    ]
    lines = posting.invoice_issued(net=D("1000000.00"), tax=D("130000.00"), tax_base=D("130000.00"), items=items)
    assert by_account(lines) == {
        Account.AR: D("1017000.00"),
        Account.RETENTION: D("113000.00"),
        Account.BILLINGS: D("-1000000.00"),
        Account.VAT_OUT: D("-130000.00"),
    }


def test_a_dollar_item_paid_in_three_parts_ends_at_zero_in_base_without_a_lost_cent():
    open_, open_base, reliefs = D("10000.00"), D("71000.00"), []
    for part in (D("3333.33"), D("3333.33"), D("3333.34")):
        relief = posting.relief_of(
            part, item_open=open_, item_open_base=open_base, item_rate=D("7.10"),
            source_left=part, source_left_base=part, source_rate=D(1), base_currency="CNY",
        )  # fmt: skip
        open_, open_base = open_ - part, open_base - relief.base_item
        reliefs.append(relief.base_item)
    assert reliefs == [D("23666.64"), D("23666.64"), D("23666.72")]
    assert (open_, open_base) == (0, 0)


@pytest.mark.parametrize(
    ("amount", "item_base", "paid_base", "open_", "expected"),
    [("3333.33", "71000.00", "23499.98", "10000.00", "166.66"), ("6666.67", "47333.36", "47466.69", "6666.67", "-133.33")],
)
def test_the_exchange_result_of_the_worked_example(amount, item_base, paid_base, open_, expected):
    relief = posting.relief_of(
        D(amount), item_open=D(open_), item_open_base=D(item_base), item_rate=D("7.10"),
        source_left=D(amount), source_left_base=D(paid_base), source_rate=D("7"), base_currency="CNY",
    )  # fmt: skip
    assert relief.fx_diff == D(expected)
    lines = posting.allocated(amount=D(amount), relief=relief, item="I", payment="P")
    assert by_account(lines)[Account.FX] == D(expected)


def test_money_of_an_unknown_payer_waits_in_suspense():
    unknown = posting.payment_posted(amount=D(10), amount_base=D(10), payment="P", payer_is_known=False)
    known = posting.payer_identified(amount=D(10), amount_base=D(10), payment="P")
    assert by_account(unknown) == {Account.BANK: 10, Account.SUSPENSE: -10}
    assert by_account([*unknown, *known])[Account.SUSPENSE] == 0


def test_an_entry_that_does_not_sum_to_zero_is_refused():
    with pytest.raises(Unbalanced):
        posting.balanced([Line(Account.BANK, D(1), D(1))])


amounts = st.decimals("0.01", "99999", places=2)


@given(st.lists(amounts, min_size=1, max_size=6), st.decimals("0.0001", "20", places=4), amounts)
def test_whatever_is_posted_balances_and_mirrors_to_nothing(parts, rate, tax):
    bases = posting.item_bases(parts, rate, "CNY")
    gross = sum(parts)
    tax = min(tax, gross)
    items = [BilledItem(n, part, base) for n, (part, base) in enumerate(zip(parts, bases, strict=True))]
    lines = posting.invoice_issued(net=gross - tax, tax=tax, tax_base=posting.convert(tax, rate, to_currency="CNY"), items=items)
    assert sum(line.amount_base for line in lines) == 0
    assert not any(by_account([*lines, *posting.mirrored(lines)]).values())
