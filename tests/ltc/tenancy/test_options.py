from decimal import Decimal
from typing import Any

import pytest

from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.models import Tenant
from ltc.tenancy.options import changed, declared
from ltc.users.services import change_settings
from receivables.company import account_codes, approval_limit
from tests import make
from tests.callers import caller_of
from tests.pages import Browser


def test_an_option_is_kept_in_its_place_and_its_neighbours_stay() -> None:
    before = {"pay_account": {"bank": "Harbor Bank"}, "tracking": {"active": True}}
    after = changed(before, {"pay_account.account": "123", "invoice_approval_from": Decimal("5000.50")})
    assert after == {
        "pay_account": {"bank": "Harbor Bank", "account": "123"},
        "tracking": {"active": True},
        "invoice_approval_from": "5000.5",
    }
    assert before == {"pay_account": {"bank": "Harbor Bank"}, "tracking": {"active": True}}


def test_an_option_that_is_emptied_has_its_default_again() -> None:
    assert (
        changed({"pay_account": {"bank": "Harbor Bank"}, "retention_in_ar": True}, {"pay_account.bank": "", "retention_in_ar": None}) == {}
    )


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("no.such.option", "x"), ("retention_in_ar", "yes"), ("auto_allocate", "some"), ("invoice_approval_from", "-1"),
        ("invoice_approval_from", "much"), ("invoice_approval_from", "NaN"), ("invoice_approval_from", True),
        ("late_interest_daily", "1.5"),
        ("metrics.grace_days", "1.5"), ("metrics.grace_days", 99999), ("tax_category_code", "123"), ("company.address", "x" * 301),
        ("company.address", ["x"]),
    ],
)  # fmt: skip
def test_what_is_no_value_of_an_option_is_refused_with_its_code(code: str, value: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        changed({}, {code: value})
    assert refusal.value.field == code


def test_every_option_takes_its_own_default() -> None:
    assert changed({}, {option.code: option.default for option in declared()}) == {}


def test_an_administrator_changes_the_limit_of_approval_on_the_page_and_the_rule_follows(inside: Tenant) -> None:
    form = {option.code: option.default for option in declared() if option.kind != "flag"} | {"invoice_approval_from": "500"}
    assert Browser(make.member("adm")).post("/settings/options/", **form).status_code == 302
    inside.refresh_from_db()
    assert approval_limit(inside) == Decimal(500)
    assert inside.settings["metrics"] == {"bill_counts_as_paid": False}  # a box that is not ticked


def test_a_wrong_code_stays_in_the_form_beside_its_reason(inside: Tenant) -> None:
    answer = Browser(make.member("adm")).post("/settings/options/", tax_category_code="12")
    assert answer.status_code == 422
    assert "nineteen digits" in answer.content.decode()
    inside.refresh_from_db()
    assert "tax_category_code" not in inside.settings


def test_options_are_read_and_set_by_rest(tenant: Tenant) -> None:
    caller = caller_of(tenant, "*", role="adm")
    answer = caller.patch("settings/", {"options": {"account_codes.AR": "112201"}})
    assert (answer.status_code, answer.json()["options"]["account_codes.AR"]) == (200, "112201")
    listed = {row["code"]: row for row in caller.get("settings/options/").json()["data"]}
    assert (listed["account_codes.AR"]["default"], listed["account_codes.AR"]["value"]) == ("1122", "112201")
    refused = caller.patch("settings/", {"options": {"account_codes.XX": "1"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_input")


def test_nobody_but_an_administrator_changes_options(inside: Tenant) -> None:
    with pytest.raises(Forbidden):
        change_settings(inside, actor=make.member("rep"), options={"account_codes.AR": "1"})
    assert account_codes()["AR"] == "1122"
