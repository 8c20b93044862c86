"""Choosing a record in a form: the first ones are listed, the chosen one always is, the others are found by typing."""

from decimal import Decimal
from typing import Any

import pytest
from django import forms

from ltc.customers.models import Customer
from ltc.customers.services import create_customer
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.web import choices
from ltc.web.templatetags.ui import split_actions
from tests import make
from tests.pages import Browser


def form(initial: Any = None, data: Any = None) -> forms.Form:
    class Choose(forms.Form):
        customer = forms.ModelChoiceField(queryset=Customer.objects.order_by("name"), widget=choices.RecordSelect)

    made = Choose(data=data, initial={"customer": initial})
    field: Any = made.fields["customer"]
    field.iterator = choices.FirstRecords
    field.choices = choices.FirstRecords(field)
    return made


def test_the_chosen_record_is_listed_though_it_is_not_among_the_first(rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST_RECORDS", 1)
    create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    birch = create_customer(actor=SYSTEM, name="Birch Valves", owner=rep)
    create_customer(actor=SYSTEM, name="Cedar Tools", owner=rep)
    html = str(form(initial=birch.pk)["customer"])
    assert "Alder Pumps" in html
    assert f'<option value="{birch.pk}" selected>Birch Valves</option>' in html
    assert "Cedar Tools" not in html


def test_a_choice_that_is_no_record_is_refused_and_breaks_nothing(rep: Membership) -> None:
    made = form(data={"customer": "nonsense"})
    assert not made.is_valid()
    assert "nonsense" not in str(made["customer"])


def test_typing_finds_only_what_the_member_may_see(rep: Membership) -> None:
    create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    create_customer(actor=SYSTEM, name="Alder Valves", owner=make.member("rep"))
    page = Browser(rep).get("/search/customer/", q="alder").content.decode()
    assert "Alder Pumps" in page
    assert "Alder Valves" not in page
    assert Browser(rep).get("/search/nothing/", q="alder").status_code == 404


def test_a_record_with_many_actions_shows_four_and_hides_the_dangerous_ones_behind_a_menu() -> None:
    names = ["lose", "hold", "call", "win", "quote"]
    actions = [{"name": name, "allowed": name != "win", "danger": name == "lose", "primary": name == "quote"} for name in names]
    split = split_actions(actions)
    assert [action["name"] for action in split["shown"]] == ["hold", "call", "quote"]
    assert [action["name"] for action in split["more"]] == ["lose", "win"]


@pytest.mark.parametrize(("amount", "shown"), [("117000.0000", "117000"), ("0.1300", "0.13"), ("0.0000", "0"), ("1200000", "1200000")])
def test_an_amount_stands_in_its_input_without_idle_zeros(amount: str, shown: str) -> None:
    assert choices.without_idle_zeros(Decimal(amount)) == shown
    assert choices.without_idle_zeros("12,") == "12,"
