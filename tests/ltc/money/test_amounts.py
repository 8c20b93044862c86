"""Amounts in their currency's smallest unit, and written out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.money.amounts import DIGITS, amount_in_words, parse_amount, quantise
from ltc.money.currencies import exponent
from ltc.money.errors import MoneyError, UnknownCurrency


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3)])
def test_each_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    assert quantise(Decimal("1.23456"), currency).as_tuple().exponent == -decimals


@pytest.mark.parametrize("code", ["cny", "RMB", "", "XXX"])
def test_a_code_that_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        exponent(code)


def test_an_amount_is_read_with_thousands_separators() -> None:
    assert str(parse_amount(" 1,130,000.5 ", "CNY")) == "1130000.50"


@pytest.mark.parametrize(("text", "currency"), [("1.005", "CNY"), ("10.5", "JPY"), ("ten", "CNY"), ("NaN", "CNY"), ("", "CNY")])
def test_an_amount_with_a_fraction_of_a_cent_is_refused_not_rounded(text: str, currency: str) -> None:
    with pytest.raises(MoneyError):
        parse_amount(text, currency)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("50000.01", "伍万元零壹分"),
        ("1130000.00", "壹佰壹拾叁万元整"),
        # The examples of the People's Bank of China.
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        # Edges.
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("10.05", "壹拾元零伍分"),
        ("1001.10", "壹仟零壹元壹角"),
        ("100000000.00", "壹亿元整"),
        ("-1001.10", "负壹仟零壹元壹角"),
        ("100000001", "壹亿零壹元整"),
        ("1234567890123456", "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌亿玖仟零壹拾贰万叁仟肆佰伍拾陆元整"),
        ("1000000000000", "壹万亿元整"),
        ("-50000.01", "负伍万元零壹分"),
        ("-0.001", "零元整"),
    ],
)
def test_a_chinese_document_writes_its_amount_out(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount)) == words


def test_an_amount_beyond_the_column_is_not_written_out() -> None:
    with pytest.raises(MoneyError):
        amount_in_words(Decimal(10**16))


@given(fen=st.integers(min_value=0, max_value=10**18 - 1))
def test_two_amounts_never_read_alike_and_zeros_never_double(fen: int) -> None:
    words = amount_in_words(Decimal(fen) / 100)
    assert DIGITS[0] * 2 not in words
    assert value_of(words) == fen


def value_of(words: str) -> int:
    """Read the numerals back, by the plain rule: a unit multiplies what was said since the last larger unit."""
    units = {"拾": 10, "佰": 100, "仟": 1000, "万": 10**4, "亿": 10**8}
    yuan, fen, section, group, digit = 0, 0, 0, 0, 0
    for sign in words:
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        elif sign in "角分":
            fen += digit * (10 if sign == "角" else 1)
            digit = 0
        elif sign == "元":
            yuan = group + section + digit
            group = section = digit = 0
        elif sign == "亿":
            group = (group + section + digit) * 10**8
            section = digit = 0
        elif sign == "万":
            group += (section + digit) * 10**4
            section = digit = 0
        elif sign in units:
            section += digit * units[sign]
            digit = 0
    return yuan * 100 + fen
