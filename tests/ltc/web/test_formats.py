"""How values are written for people, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from ltc.web import formats

TODAY = date(2026, 11, 21)
ENGLISH, CHINESE = "en", "zh-hans"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (Decimal("120900"), "CNY", "¥120,900"),
        (Decimal("120900.5"), "CNY", "¥120,900.50"),
        (Decimal("-1200"), "CNY", "−¥1,200"),
        (Decimal("99.995"), "EUR", "€100"),
        (Decimal("1500.4"), "JPY", "JP¥1,500"),
        (Decimal("3.25"), "KWD", "KWD 3.250"),
        (None, "CNY", "–"),
    ],
)
def test_an_amount_never_loses_its_currency(amount: Decimal | None, currency: str, written: str) -> None:
    assert formats.money(amount, currency) == written


def test_a_document_shows_an_amount_with_all_its_decimals() -> None:
    assert formats.money(Decimal("120900"), "CNY", exact=True) == "¥120,900.00"


def test_the_dollar_is_told_from_other_dollars_in_chinese() -> None:
    with translation.override(CHINESE):
        assert formats.money(Decimal(5), "USD") == "US$5"


@pytest.mark.parametrize(
    ("language", "amount", "written"),
    [
        (ENGLISH, 4_610_000, "¥4.6M"),
        (ENGLISH, 999, "¥999"),
        (ENGLISH, 12_000, "¥12K"),
        (ENGLISH, -2_500_000_000, "−¥2.5B"),
        (CHINESE, 4_611_000, "¥461.1\u4e07"),
        (CHINESE, 96_400_000, "¥9,640\u4e07"),
        (CHINESE, 250_000_000, "¥2.5\u4ebf"),
        (CHINESE, 9_999, "¥9,999"),
    ],
)
def test_a_short_amount_uses_the_units_of_the_language(language: str, amount: int, written: str) -> None:
    with translation.override(language):
        assert formats.short_money(amount, "CNY") == written


@pytest.mark.parametrize(
    ("language", "on", "written"),
    [
        (ENGLISH, date(2026, 12, 13), "13 Dec"),
        (ENGLISH, date(2025, 12, 13), "13 Dec 2025"),
        (CHINESE, date(2026, 12, 13), "12\u670813\u65e5"),
        (CHINESE, date(2025, 12, 13), "2025\u5e7412\u670813\u65e5"),
    ],
)
def test_a_day_names_its_year_only_when_it_is_another(language: str, on: date, written: str) -> None:
    with translation.override(language):
        assert formats.day(on, today=TODAY) == written


def test_a_moment_of_today_shows_only_its_time_in_the_active_time_zone() -> None:
    with timezone.override("Asia/Shanghai"):
        assert formats.moment(datetime(2026, 11, 21, 2, 42, tzinfo=UTC), today=TODAY) == "10:42"
        assert formats.moment(datetime(2026, 11, 19, 20, 5, tzinfo=UTC), today=TODAY) == "20 Nov 04:05"


@pytest.mark.parametrize(
    ("on", "english"),
    [(date(2026, 11, 21), "Today"), (date(2026, 11, 22), "Tomorrow"), (date(2026, 11, 29), "in 8 d"), (date(2026, 11, 17), "4 d overdue")],
)
def test_a_due_date_says_how_far_off_it_is(on: date, english: str) -> None:
    assert formats.due(on, today=TODAY) == english


def test_a_customer_who_was_never_touched_is_said_to_be_so() -> None:
    assert formats.ago(None, today=TODAY) == "Never"
    assert formats.ago(date(2026, 11, 14), today=TODAY) == "7 d ago"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Maya Chen", "MC"), ("\u674e\u8587", "\u674e"), ("admin@example.com", "AC"), ("", "?"), ("Ola", "O"), ("ERP \u5bf9\u63a5", "E")],
)
def test_a_chinese_name_is_known_by_its_surname_and_a_latin_one_by_two_letters(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


def test_a_name_keeps_its_hue() -> None:
    assert formats.hue("Maya Chen") == formats.hue("Maya Chen")
    assert {formats.hue(f"customer {n}") for n in range(60)} == set(formats.HUES)


def test_a_share_is_written_in_whole_percent() -> None:
    assert formats.percent(Decimal("0.345")) == "35%"
    assert formats.percent(None) == "–"
