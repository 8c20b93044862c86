from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from leads.imports.meaning import Plan, country_code, date_order_of, guess_channel, guess_columns, guess_state, moment, read_row

ZONE = ZoneInfo("Asia/Shanghai")


def test_headings_are_guessed_in_both_languages() -> None:
    assert guess_columns(["LeadID", "ContactID", "Lead Source", "LeadStatus", "CreatedDate", "Notes", "FullName", "State"]) == {
        "LeadID": "external_ref", "ContactID": "", "Lead Source": "channel", "LeadStatus": "state", "CreatedDate": "captured_at",
        "Notes": "note", "FullName": "contact_name", "State": "region",
    }  # fmt: skip
    assert guess_columns(["姓名", "公司名称", "手机号码", "线索来源", "负责人"]) == {
        "姓名": "contact_name", "公司名称": "company_name", "手机号码": "phone", "线索来源": "channel", "负责人": "owner",
    }  # fmt: skip


def test_a_field_is_guessed_for_one_column_only() -> None:
    assert guess_columns(["Phone", "Mobile"]) == {"Phone": "phone", "Mobile": ""}
    assert guess_columns(["City", "State"]) == {"City": "", "State": "region"}, "a city is a region only where nothing better is"


@pytest.mark.parametrize(("word", "state"), [("Working", "working"), ("Lost", "disqualified"), ("跟进中", "working"), ("Zzz", "")])
def test_their_states_are_guessed(word: str, state: str) -> None:
    assert guess_state(word) == state


def test_their_sources_and_countries_are_guessed() -> None:
    assert (guess_channel("Social Media"), guess_channel("百度"), guess_channel("Zzz")) == ("social", "search", "")
    assert (country_code("USA"), country_code("中国"), country_code("Atlantis")) == ("US", "CN", "")


@pytest.mark.parametrize(
    ("values", "order"),
    [(["2025-07-05"], "ymd"), (["05/07/2025", "25/07/2025"], "dmy"), (["05/07/2025", "07/25/2025"], "mdy"), ([], "ymd")],
)
def test_the_order_of_dates_is_read_off_a_date_that_leaves_no_choice(values: list[str], order: str) -> None:
    assert date_order_of(values) == order


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2025-07-05", "ymd", datetime(2025, 7, 5, tzinfo=ZONE)),
        ("2025年7月5日", "ymd", datetime(2025, 7, 5, tzinfo=ZONE)),
        ("5/7/2025 14:30", "dmy", datetime(2025, 7, 5, 14, 30, tzinfo=ZONE)),
        ("7/5/25", "mdy", datetime(2025, 7, 5, tzinfo=ZONE)),
        ("2025-13-05", "ymd", None),
        ("soon", "ymd", None),
    ],
)
def test_dates_are_read_as_they_are_written(text: str, order: str, expected: datetime | None) -> None:
    assert moment(text, order=order, zone=ZONE) == expected


def plan(**columns: str) -> Plan:
    return Plan(columns=columns, states={"Hot": "working"}, channels={"Fair": "exhibition"}, country="US", currency="USD", zone=ZONE)


def test_a_number_with_an_extension_is_a_number_and_an_extension() -> None:
    meaning = read_row({"N": "Ada", "P": "+1-395-557-1028x208"}, plan(N="contact_name", P="phone"))
    assert meaning.fields["phone"] == "+13955571028"
    assert meaning.kept == {"phone_extension": "208"}
    assert (meaning.errors, meaning.warnings) == ([], [])


def test_what_cannot_be_used_is_kept_and_said() -> None:
    cells = {"N": "Ada", "M": "ada@b.example", "P": "call me", "S": "many", "A": "lots", "X": "anything", "T": "Cold"}
    meaning = read_row(cells, plan(N="contact_name", M="email", P="phone", S="size_employees", A="est_amount", T="state"))
    assert meaning.errors == []
    assert [code for code, _field, _value in meaning.warnings] == ["not_a_phone", "unknown_state", "not_a_number", "not_an_amount"]
    assert meaning.kept == {"X": "anything", "phone": "call me", "size_employees": "many", "est_amount": "lots", "state": "Cold"}
    assert meaning.state == "new"


def test_a_row_without_a_name_or_a_way_to_reach_someone_has_errors() -> None:
    meaning = read_row({"R": "Texas"}, plan(R="region"))
    assert [code for code, _field, _value in meaning.errors] == ["no_name", "unreachable"]


def test_names_are_put_together_in_the_order_of_the_language() -> None:
    columns = {"F": "first_name", "L": "last_name", "E": "email"}
    assert read_row({"F": "Ada", "L": "Byron", "E": "a@b.example"}, plan(**columns)).fields["contact_name"] == "Ada Byron"
    assert read_row({"F": "三", "L": "张", "E": "a@b.example"}, plan(**columns)).fields["contact_name"] == "张三"


def test_amounts_sizes_and_choices_are_read() -> None:
    cells = {"N": "Ada", "E": "A@B.example", "A": "¥1,200.50", "C": "cny", "S": "1,000-5,000", "B": "Approved", "J": "CEO", "T": "le3m"}
    columns = {
        "N": "contact_name",
        "E": "email",
        "A": "est_amount",
        "C": "currency",
        "S": "size_employees",
        "B": "budget",
        "J": "seniority",
        "T": "timeline",
    }
    fields = read_row(cells, plan(**columns)).fields
    assert fields == {
        "contact_name": "Ada", "email": "a@b.example", "est_amount": Decimal("1200.50"), "currency": "CNY", "size_employees": 1000,
        "budget": "approved", "seniority": "decision_maker", "timeline": "le3m",
    }  # fmt: skip
