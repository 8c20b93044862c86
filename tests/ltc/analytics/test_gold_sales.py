"""GD-2 of the domain rules, through REST: leads, funnel, wins and speed, as reported and restated."""

from typing import Any

import pytest

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests import make
from tests.callers import Caller, caller_of
from tests.collections.history import make as history
from tests.collections.history.gold import sales
from tests.ltc.analytics.told import Past, gold_sales

Q2 = {"from": "2026-04-01", "to": "2026-06-30"}
MAY = {"from": "2026-05-01", "to": "2026-05-31"}
JUNE_END, MAY_END = "2026-06-30", "2026-05-31"


@pytest.fixture(params=["rows", "import"])
def gold(request: pytest.FixtureRequest, db: None) -> Caller:
    """The company of the golden set: once as rows with their timeline, once through the history import."""
    if request.param == "import":
        company = history.tenant()
        assert not list(history.bring(company, sales()).faults)
        return caller_of(company)
    company = make.tenant("gold")
    with acting_for(company):
        gold_sales()
    return caller_of(company)


def ask(caller: Caller, code: str, as_of: str = JUNE_END, **parameters: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in {**Q2, **parameters, "as_of": as_of}.items())
    response = caller.get(f"metrics/{code}/?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def parts(answer: Any) -> tuple[str | None, ...]:
    return tuple(None if answer[name] is None else str(answer[name]) for name in ("value", "numerator", "denominator"))


@pytest.mark.parametrize(
    ("code", "as_of", "value", "numerator", "denominator", "flags"),
    [
        ("lead.count", JUNE_END, "10", "10", None, []),
        ("lead.conversion.cohort", JUNE_END, "0.5000", "5", "10", ["immature"]),
        ("lead.conversion.cohort", "2026-09-30", "0.6000", "6", "10", []),
        ("lead.conversion.cohort", "2026-09-27", "0.6000", "6", "10", ["immature"]),
        ("lead.conversion.cohort", "2026-09-28", "0.6000", "6", "10", []),
        ("lead.conversion.flow", JUNE_END, "0.7000", "7", "10", []),
        ("lead.to_won.cohort", JUNE_END, "0.3000", "3", "10", []),
        ("lead.disqualified_rate", JUNE_END, "0.2000", "2", "10", []),
        ("opp.win_rate", JUNE_END, "0.8000", "4", "5", []),
        ("opp.close_rate", JUNE_END, "0.6667", "4", "6", []),
    ],
)
def test_the_rates_of_the_quarter(
    gold: Caller, code: str, as_of: str, value: str, numerator: str, denominator: str | None, flags: list[str]
) -> None:
    answer = ask(gold, code, as_of)
    assert (*parts(answer), answer["flags"]) == (value, numerator, denominator, flags)


@pytest.mark.parametrize(
    ("code", "as_of", "value"),
    [
        ("opp.win_rate", MAY_END, "0.5000"),
        ("opp.win_rate", JUNE_END, "0.6667"),
        ("opp.win_rate.amount", MAY_END, "0.4167"),
        ("opp.win_rate.amount", JUNE_END, "0.6667"),
        ("opp.close_rate", MAY_END, "0.4000"),
        ("opp.close_rate", JUNE_END, "0.5000"),
    ],
)
def test_a_deal_that_is_reopened_after_the_close_of_may_restates_may(gold: Caller, code: str, as_of: str, value: str) -> None:
    assert ask(gold, code, as_of, **MAY)["value"] == value


def test_a_period_without_closures_has_no_win_rate(gold: Caller) -> None:
    answer = ask(gold, "opp.win_rate", **{"from": "2026-04-01", "to": "2026-04-30"})
    assert (answer["value"], answer["flags"]) == (None, ["no_data"])


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("opp.win_rate.amount", "0.8630"),
        ("opp.average_won", "315000.00"),
        ("cycle.lead_to_won", "60.2500"),
        ("cycle.lead_to_won.median", "52.0000"),
        ("cycle.opp", "41.0000"),
        ("cycle.opp.median", "46.5000"),
        ("cycle.opp_active", "37.2500"),
        ("stage.time[S1]", "9.4286"),
        ("stage.time[S2]", "13.0000"),
        ("stage.time[S3]", "16.7500"),
        ("stage.time[S4]", "5.0000"),
        ("stage.time[S5]", "3.0000"),
        ("sales.velocity", "6146.34"),
        ("cac.full", "100000.00"),
        ("cac.marketing", "33333.33"),
    ],
)
def test_worth_and_speed(gold: Caller, code: str, value: str) -> None:
    assert ask(gold, code)["value"] == value


def test_the_age_of_the_open_deal(gold: Caller) -> None:
    assert ask(gold, "stage.open_age[S2]", "2026-06-30T09:00:00%2B08:00")["value"] == "20.0000"


def test_the_funnel_of_the_cohort(gold: Caller) -> None:
    assert ask(gold, "funnel.cohort")["table"] == {
        "reached": {"S1": 7, "S2": 6, "S3": 5, "S4": 4, "S5": 4, "won": 4},
        "conversion": {"S2": "0.8571", "S3": "0.8333", "S4": "0.8000", "S5": "1.0000", "won": "1.0000"},
        "overall": "0.5714",
    }


def test_the_flow_of_june(gold: Caller) -> None:
    answer = ask(gold, "funnel.flow", **{"from": "2026-06-01", "to": "2026-06-30"})
    assert answer["table"] == {"S1": 0, "S2": 1, "S3": 0, "S4": 2, "S5": 2, "won": 2}


def test_the_pipeline_as_it_stood_in_the_middle_of_may(gold: Caller) -> None:
    table = ask(gold, "funnel.snapshot", "2026-05-15T23:59:59%2B08:00")["table"]
    assert table["count"] == {"S1": 1, "S2": 1, "S3": 2, "S4": 1, "S5": 0}
    assert (table["open_amount"], table["weighted"]) == ("1310000.00", "495000.00")
    assert table["suspended"] == {"count": 0, "amount": "0.00"}


def test_the_channels_of_the_quarter(gold: Caller) -> None:
    table = ask(gold, "channel.table")["table"]
    names = ("leads", "converted", "rate", "won", "won_amount", "spend", "cpl", "cost_per_opp", "cost_per_win", "roi")
    expected = {
        "web": (3, 2, "0.6667", 1, "300000.00", "20000.00", "6666.67", "10000.00", "20000.00", "4.2500"),
        "exhibition": (3, 2, "0.6667", 1, "500000.00", "60000.00", "20000.00", "30000.00", "60000.00", "1.9167"),
        "referral": (2, 1, "0.5000", 1, "100000.00", "5000.00", "2500.00", "5000.00", "5000.00", "6.0000"),
        "baidu": (2, 0, "0.0000", 0, "0.00", "13000.00", "6500.00", None, None, "-1.0000"),
        "email": (0, 0, None, 0, "0.00", "2000.00", None, None, None, "-1.0000"),
        "partner": (0, 0, None, 0, "0.00", "0.00", None, None, None, None),
        "total": (10, 5, "0.5000", 3, "900000.00", "100000.00", "10000.00", "20000.00", "33333.33", "2.1500"),
    }
    assert table == {code: dict(zip(names, cells, strict=True)) for code, cells in expected.items()}


def test_a_win_belongs_to_its_leads_channel_also_when_the_lead_is_older_than_the_period(gold: Caller) -> None:
    assert ask(gold, "channel.period_wins")["table"]["partner"] == {"won": 1, "won_amount": "360000.00"}


def test_before_a_merge_both_leads_count_and_after_it_the_survivor_has_the_earliest_capture_and_its_channel(inside: Tenant) -> None:
    past = Past()
    past.lead("A", "web", "04-10")
    past.lead("B", "exhibition", "04-02", merged="05-10 A")
    caller = caller_of(inside)
    assert ask(caller, "lead.count", "2026-05-09")["value"] == "2"
    by_channel = {row["key"]: row["value"] for row in ask(caller, "lead.count", "2026-05-09", by="channel")["rows"]}
    assert by_channel == {"web": "1", "exhibition": "1"}
    after = ask(caller, "lead.count", "2026-05-10", by="channel", **{"from": "2026-04-01", "to": "2026-04-05"})
    assert (after["value"], [(row["key"], row["value"]) for row in after["rows"]]) == ("1", [("exhibition", "1")])
    assert ask(caller, "lead.count", "2026-05-09", **{"from": "2026-04-06", "to": "2026-04-30"})["value"] == "1"
