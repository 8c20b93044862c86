"""Names of companies: comparable, in order, found by initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.customers.names import initials, normalise_name, normalise_name_without_region, sort_key


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("粤衡演示智能装备有限公司", "粤衡演示智能装备"),
        ("粤衡演示智能装备股份有限公司", "粤衡演示智能装备"),
        ("粤衡演示智能装备有限责任公司", "粤衡演示智能装备"),
        ("粤衡（集团）有限公司", "粤衡集团"),
        ("粤衡集团", "粤衡"),
        ("海格 (深圳) 有限公司", "海格深圳"),
        ("Harborlight Demo Cloud, Inc.", "harborlightdemocloud"),
        ("HARBORLIGHT  demo cloud Co., Ltd.", "harborlightdemocloud"),
        ("Harborlight Demo Cloud Company Limited", "harborlightdemocloud"),
        ("Harborlight Demo Cloud GmbH", "harborlightdemocloud"),
        ("有限公司", "有限公司"),
        ("", ""),
    ],
)
def test_spellings_of_one_company_become_equal(name: str, normalised: str) -> None:
    assert normalise_name(name) == normalised


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("海格（深圳）有限公司", "海格"),
        ("海格(中国)有限公司", "海格"),
        ("海格（科技）有限公司", "海格科技"),
        ("Haige (China) Co., Ltd.", "haige"),
    ],
)
def test_only_a_region_in_brackets_is_left_out_for_likeness(name: str, normalised: str) -> None:
    assert normalise_name_without_region(name) == normalised


@given(name=st.text("abcXYZ019 粤衡演示公司（）().,&-", max_size=40))
def test_width_capitals_and_punctuation_make_no_difference(name: str) -> None:
    assert normalise_name(name.upper()) == normalise_name(name)
    assert normalise_name(name.replace("(", "（").replace("a", "ａ")) == normalise_name(name)
    assert normalise_name("\u3000" + name + "．") == normalise_name(name)


def test_chinese_names_are_ordered_by_their_sound_and_found_by_initials() -> None:
    names = ["粤衡演示", "安达", "重庆长安", "Beta", "中山港"]
    assert sorted(names, key=sort_key) == ["安达", "Beta", "重庆长安", "粤衡演示", "中山港"]
    assert initials("粤衡演示") == "yhys"
    assert initials("Acme 中国") == "azg"
