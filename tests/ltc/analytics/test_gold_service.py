"""GD-10 of the domain rules, through REST: what customers say of us."""

from typing import Any

import pytest

from delivery.models import Survey
from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.contracts.rows import make_row
from tests.ltc.analytics.told import moment

CSAT = (5, 4, 4, 3, 5, 2, 4, 5)
NPS = (10, 9, 9, 8, 7, 6, 10, 3)


def answers(kind: str, scores: tuple[int, ...], silent: int = 0, sent: str = "05-10", answered: str = "05-12") -> None:
    customer = make_row(Customer, name=f"Asked about {kind}")
    for score in scores:
        make_row(Survey, kind=kind, customer=customer, sent_at=moment(sent), score=score, responded_at=moment(answered))
    for _number in range(silent):
        make_row(Survey, kind=kind, customer=customer, sent_at=moment(sent))


@pytest.fixture
def gold(tenant: Tenant) -> Caller:
    with acting_for(tenant):
        answers("csat", CSAT, silent=12)
        answers("nps", NPS)
    return caller_of(tenant)


def ask(caller: Caller, code: str, as_of: str = "2026-06-30") -> Any:
    return caller.get(f"metrics/{code}/?from=2026-04-01&to=2026-06-30&as_of={as_of}").json()


@pytest.mark.parametrize(
    ("code", "value"),
    [("csat", "0.7500"), ("csat.mean", "4.0000"), ("csat.response_rate", "0.4000"), ("nps", "25.0"), ("nps.response_rate", "1.0000")],
)
def test_what_customers_say(gold: Caller, code: str, value: str) -> None:
    assert ask(gold, code)["value"] == value


def test_an_answer_is_not_known_before_it_came(gold: Caller) -> None:
    assert ask(gold, "csat", "2026-05-11")["flags"] == ["no_data"]
    assert ask(gold, "csat.response_rate", "2026-05-11")["value"] == "0.0000"


def test_few_answers_are_said_to_be_few(inside: Tenant) -> None:
    answers("csat", (5, 5, 4, 1))
    answer = ask(caller_of(inside), "csat")
    assert (answer["value"], answer["flags"]) == ("0.7500", ["small_sample"])
