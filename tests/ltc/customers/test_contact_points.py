"""Telephone numbers and e-mail addresses as they are stored."""

import pytest

from ltc.customers.contact_points import NotAnEmailAddress, NotAPhoneNumber, normalise_email, normalise_phone


@pytest.mark.parametrize(
    ("text", "country", "stored"),
    [
        ("138 0000 0000", "CN", "+8613800000000"),
        ("+86 138-0000-0000", "CN", "+8613800000000"),
        ("0086 13800000000", "US", "+8613800000000"),
        ("0757-8888 8888", "CN", "+8675788888888"),
        ("(617) 555-0100", "US", "+16175550100"),
        ("1-617-555-0100", "US", "+16175550100"),
        ("+44 (0)20 7946 0000", "CN", "+442079460000"),
        ("020 7946 0000", "GB", "+442079460000"),
    ],
)
def test_a_number_is_stored_in_the_international_form(text: str, country: str, stored: str) -> None:
    assert normalise_phone(text, country=country) == stored


@pytest.mark.parametrize(("text", "country"), [("", "CN"), ("call me", "CN"), ("12", "CN"), ("+0123456789", "CN"), ("5550100", "ZZ")])
def test_text_that_is_no_number_is_refused(text: str, country: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        normalise_phone(text, country=country)


def test_an_address_is_stored_in_lower_case() -> None:
    assert normalise_email(" Wang.Li@Example.COM ") == "wang.li@example.com"


@pytest.mark.parametrize("text", ["", "wang", "wang@", "@example.com", "wang li@example.com", "wang@example"])
def test_text_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NotAnEmailAddress):
        normalise_email(text)
