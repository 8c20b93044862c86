"""Line arithmetic: the golden values of GD-1, and documents that add up whatever is on them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.catalog.lines import DiscountTooLarge, LineTerms, NegativeQuantity, price_document, price_line
from ltc.money.currencies import exponent


def price(quantity: int, unit_price: str, tax_rate: str = "0.13", currency: str = "CNY", **terms: Any) -> tuple[str, str, str]:
    line = price_line(
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        tax_rate=Decimal(tax_rate),
        currency=currency,
        **terms,
    )
    return str(line.net), str(line.tax), str(line.gross)


def test_prices_without_tax_get_it_added() -> None:
    assert price(3, "9999.99") == ("29999.97", "3900.00", "33899.97")
    assert price(1, "14247.82") == ("14247.82", "1852.22", "16100.04")


def test_prices_with_tax_have_it_taken_out() -> None:
    assert price(3, "113.00", tax_inclusive=True) == ("300.00", "39.00", "339.00")
    assert price(1, "100.00", tax_inclusive=True) == ("88.50", "11.50", "100.00")


def test_tax_is_rounded_per_line_and_then_summed() -> None:
    document = price_document([LineTerms(Decimal(1), Decimal("0.05"), Decimal("0.13"))] * 10, currency="CNY")
    assert (document.net, document.tax, document.gross) == (Decimal("0.50"), Decimal("0.10"), Decimal("0.60"))


def test_yen_have_no_decimals() -> None:
    assert price(3, "333.5", "0.10", "JPY") == ("1001", "100", "1101")


def test_a_line_discount_comes_off_before_the_tax() -> None:
    assert price(2, "100.00", discount_rate=Decimal("0.15")) == ("170.00", "22.10", "192.10")


def test_a_document_discount_falls_on_the_lines_by_what_they_are_worth() -> None:
    document = price_document(
        [LineTerms(Decimal(1), Decimal(net), Decimal("0.13")) for net in ("70.00", "20.00", "10.01")],
        currency="CNY",
        document_discount=Decimal("10.00"),
    )
    assert document.discount_shares == (Decimal("7.00"), Decimal("2.00"), Decimal("1.00"))
    assert [line.net for line in document.lines] == [Decimal("63.00"), Decimal("18.00"), Decimal("9.01")]
    assert (document.net, document.tax, document.gross) == (Decimal("90.01"), Decimal("11.70"), Decimal("101.71"))


def test_a_negative_quantity_is_refused() -> None:
    with pytest.raises(NegativeQuantity):
        price(-1, "100.00")
    with pytest.raises(NegativeQuantity):
        price_document([LineTerms(Decimal(-1), Decimal(100), Decimal(0))], currency="CNY")


def test_a_discount_larger_than_the_document_is_refused() -> None:
    with pytest.raises(DiscountTooLarge):
        price_document([LineTerms(Decimal(1), Decimal(100), Decimal(0))], currency="CNY", document_discount=Decimal("100.01"))


def test_a_document_without_lines_costs_nothing() -> None:
    document = price_document([], currency="JPY")
    assert (str(document.net), str(document.tax), str(document.gross)) == ("0", "0", "0")


LINES = st.lists(
    st.builds(
        LineTerms,
        quantity=st.decimals(0, 10_000, places=6),
        unit_price=st.decimals(0, 100_000, places=6),
        tax_rate=st.sampled_from([Decimal(rate) for rate in ("0.13", "0.09", "0.06", "0.03", "0")]),
        discount_rate=st.decimals(0, 1, places=6),
    ),
    max_size=20,
)


@given(
    lines=LINES,
    part=st.decimals(0, 1, places=2),
    inclusive=st.booleans(),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_every_document_adds_up_and_no_line_turns_negative(lines: list[LineTerms], part: Decimal, inclusive: bool, currency: str) -> None:
    worth = price_document(lines, currency=currency, tax_inclusive=inclusive)
    full = worth.gross if inclusive else worth.net
    discount = (full * part).quantize(Decimal(1).scaleb(-exponent(currency)), rounding="ROUND_DOWN")
    document = price_document(lines, currency=currency, document_discount=discount, tax_inclusive=inclusive)
    assert sum(document.discount_shares, Decimal(0)) == discount
    assert (document.gross if inclusive else document.net) == full - discount
    assert document.net + document.tax == document.gross
    for line in document.lines:
        assert line.net + line.tax == line.gross
        assert min(line.net, line.tax) >= 0
