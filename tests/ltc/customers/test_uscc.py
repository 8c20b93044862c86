"""The check digit of the unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.customers.uscc import ALPHABET, WEIGHTS, check_character, is_valid_uscc, normalise_uscc

CODES = ["91449900MA0DEM001Q", "91449900MA0DEM002U", "91449900MA0DEM003Y"]


def test_the_weights_are_the_powers_of_three_modulo_31() -> None:
    assert WEIGHTS == [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]


@pytest.mark.parametrize("code", CODES)
def test_a_good_code_passes(code: str) -> None:
    assert is_valid_uscc(code)


@pytest.mark.parametrize("code", CODES)
def test_any_single_wrong_character_fails(code: str) -> None:
    for place, right in enumerate(code):
        for wrong in set(ALPHABET) - {right}:
            assert not is_valid_uscc(code[:place] + wrong + code[place + 1 :])


@given(body=st.text(ALPHABET, min_size=17, max_size=17), place=st.integers(0, 17), wrong=st.sampled_from(ALPHABET))
def test_every_code_has_one_check_character_that_catches_a_slip(body: str, place: int, wrong: str) -> None:
    code = body + check_character(body)
    assert is_valid_uscc(code)
    slipped = code[:place] + wrong + code[place + 1 :]
    assert is_valid_uscc(slipped) is (slipped == code)


@pytest.mark.parametrize("code", ["", "91449900MA0DEM001", "91449900MA0DEM001QQ", "91449900MAODEM001Q", "91449900ma0dem001q"])
def test_a_code_of_another_length_or_alphabet_fails(code: str) -> None:
    assert not is_valid_uscc(code)


def test_a_code_is_stored_in_capitals_without_blanks() -> None:
    assert normalise_uscc(" 91449900 ma0dem-001q ") == CODES[0]
