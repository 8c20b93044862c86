"""GD-3 of the domain rules, through REST: pipeline and forecast of the third quarter."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ltc.money.models import ExchangeRate
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from opportunities.models import Quota
from tests import make
from tests.callers import Caller, caller_of
from tests.ltc.analytics.told import Past

Q3 = "from=2026-07-01&to=2026-09-30"


def quota(amount: str, **whose: Any) -> Quota:
    return Quota.objects.create(period="2026-Q3", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), amount=Decimal(amount), **whose)


def open_deals(past: Past) -> None:
    close = date(2026, 9, 15)
    past.deal("F1", "100000", "06-01 S1", "06-05 S5", close_date=close)
    past.deal("F2", "200000", "06-01 S1", "06-05 S4", close_date=close, forecast_category="commit")
    past.deal("F3", "300000", "06-01 S1", "06-05 S3", close_date=close)
    past.deal("F4", "400000", "06-01 S1", "06-05 S2", close_date=close)
    past.deal("F5", "500000", "06-01 S1", close_date=close)
    past.deal("W1", "150000", "06-01 S1", "06-05 S5", "07-01 won", close_date=date(2026, 7, 1))


@pytest.fixture
def gold(tenant: Tenant) -> Caller:
    with acting_for(tenant):
        past = Past()
        open_deals(past)
        quota("900000", user=past.owner)
    return caller_of(tenant)


def ask(caller: Caller, code: str, as_of: str = "2026-07-01", **more: str) -> Any:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return caller.get(f"metrics/{code}/?{Q3}&as_of={as_of}{extra}").json()


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("fc.closed", "150000.00"),
        ("fc.commit", "450000.00"),
        ("fc.best_case", "750000.00"),
        ("fc.open_pipeline", "1000000.00"),
        ("fc.weighted", "640000.00"),
        ("fc.coverage", "1.3333"),
        ("fc.attainment", "0.1667"),
    ],
)
def test_the_forecast_on_the_first_day(gold: Caller, code: str, value: str) -> None:
    assert ask(gold, code)["value"] == value


def test_a_quota_that_is_met_needs_no_cover(gold: Caller, tenant: Tenant) -> None:
    with acting_for(tenant):
        Quota.objects.update(amount=150_000)
    answer = ask(gold, "fc.coverage")
    assert (answer["value"], answer["flags"]) == (None, ["quota_met"])


def test_a_team_with_a_quota_needs_none_of_its_peoples(inside: Tenant) -> None:
    north = make.team("North")
    rep = make.member("rep", team=north)
    quota("900000", team=north)
    quota("400000", user=rep)
    Past(rep).deal("W", "90000", "06-01 S1", "07-02 won")
    assert ask(caller_of(inside), "fc.attainment", "2026-07-31")["value"] == "0.1000"


def test_the_forecast_is_measured_by_what_came(gold: Caller, tenant: Tenant) -> None:
    with acting_for(tenant):
        Past().deal("W2", "360000", "07-10 S1", "09-01 won")
    end = "2026-09-30"
    assert ask(gold, "fc.closed", end)["value"] == "510000.00"
    for code, value in (("accuracy", "0.8824"), ("accuracy.weighted", "0.7451"), ("bias", "-0.1176"), ("bias.weighted", "0.2549")):
        assert ask(gold, f"fc.{code}", end)["value"] == value
    assert ask(gold, "fc.accuracy", "2026-09-01")["flags"] == ["immature"]


def test_nothing_won_leaves_nothing_to_measure_the_forecast_by(caller: Caller) -> None:
    answer = ask(caller, "fc.accuracy", "2026-10-01")
    assert (answer["value"], answer["flags"]) == (None, ["no_data"])


def test_the_error_by_person(inside: Tenant) -> None:
    for forecast, actual in (("200000", "260000"), ("250000", "250000")):
        past = Past()
        past.deal(f"F{forecast}", forecast, "06-01 S1", "06-20 S5", "08-01 lost", close_date=date(2026, 9, 1))
        past.deal(f"A{forecast}", actual, "07-05 S1", "09-01 won")
    assert ask(caller_of(inside), "fc.wape", "2026-09-30")["value"] == "0.1176"


def test_an_open_deal_whose_day_has_passed_belongs_to_the_running_period(inside: Tenant) -> None:
    Past().deal("O", "100000", "05-01 S1", "06-01 S5", close_date=date(2026, 6, 20))
    answer = ask(caller_of(inside), "fc.open_pipeline")
    assert (answer["value"], answer["flags"]) == ("100000.00", ["overdue_close"])
    before = caller_of(inside).get("metrics/fc.open_pipeline/?from=2026-04-01&to=2026-06-30&as_of=2026-07-01").json()
    assert before["value"] == "0.00"


def test_an_open_deal_without_a_rate_of_its_own_counts_at_the_rate_of_the_day(inside: Tenant) -> None:
    past = Past()
    past.deal("O", "100", "06-01 S1", "06-05 S5", close_date=date(2026, 9, 15), currency="USD", fx_rate=None, amount_base=None)
    answer = ask(caller_of(inside), "fc.open_pipeline")
    assert (answer["value"], answer["flags"]) == ("0.00", ["mixed_currency"])
    ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=date(2026, 6, 30), rate=Decimal("7.10"), source="test")
    answer = ask(caller_of(inside), "fc.open_pipeline")
    assert (answer["value"], answer["flags"]) == ("710.00", [])
