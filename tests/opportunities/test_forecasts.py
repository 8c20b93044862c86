"""Forecasts: handed in by each person, locked by a manager, and measured by what came."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from opportunities.forecasting import lock_forecast, submit_forecast
from opportunities.models import ForecastSubmission
from tests import make
from tests.callers import Caller, caller_of
from tests.ltc.analytics.told import Past
from tests.pages import Browser

JULY = datetime(2026, 7, 1, 1, tzinfo=UTC)


def test_a_person_hands_in_a_forecast_again_until_it_is_locked(inside: Tenant) -> None:
    north = make.team("North")
    rep, boss = make.member("rep", team=north), make.member("mgr", team=north)
    submit_forecast(actor=rep, period="2026-Q3", commit_amount=Decimal(100))
    second = submit_forecast(actor=rep, period="2026-Q3", commit_amount=Decimal(200), best_case_amount=Decimal(300), note="Two more")
    with pytest.raises(Forbidden):
        lock_forecast(second, actor=rep)
    assert lock_forecast(second, actor=boss).is_locked
    with pytest.raises(Refusal, match="locked"):
        submit_forecast(actor=rep, period="2026-Q3", commit_amount=Decimal(50))
    submit_forecast(actor=rep, period="2026-Q4", commit_amount=Decimal(50))
    assert ForecastSubmission.objects.filter(period="2026-Q3").count() == 2


def test_nobody_hands_in_the_forecast_of_another_team(inside: Tenant) -> None:
    rep, other = make.member("rep"), make.member("rep")
    boss = make.member("mgr", team=make.team("South"))
    for actor in (rep, boss):
        with pytest.raises(Forbidden):
            submit_forecast(actor=actor, user=other, period="2026-Q3", commit_amount=Decimal(1))
    assert not ForecastSubmission.objects.exists()


def test_the_forecast_is_measured_by_what_was_locked(inside: Tenant) -> None:
    x, y = Past(), Past()
    x.deal("AX", "260000", "07-05 S1", "09-01 won")
    y.deal("AY", "250000", "07-05 S1", "09-01 won")
    y.deal("FY", "40000", "06-01 S1", "06-20 S5", "08-01 lost")
    admin = make.member("adm")
    for past, amount in ((x, "200000"), (y, "250000")):
        made = submit_forecast(actor=admin, user=past.owner, period="2026-Q3", commit_amount=Decimal(amount), at=JULY)
        lock_forecast(made, actor=admin)
    submit_forecast(actor=admin, user=make.member("rep"), period="2026-Q3", commit_amount=Decimal(9), at=JULY)
    caller = caller_of(inside)
    told = {
        code: caller.get(f"metrics/fc.{code}/?period=2026-Q3&as_of=2026-09-30").json()["value"] for code in ("wape", "bias", "accuracy")
    }
    assert told == {"wape": "0.1176", "bias": "-0.1176", "accuracy": "0.8824"}
    rows = caller.get("metrics/fc.wape/rows/?period=2026-Q3&as_of=2026-09-30").json()
    assert sorted(row["type"] for row in rows["data"]) == ["forecast", "forecast", "opportunity", "opportunity"]


def test_a_program_hands_in_and_locks(caller: Caller, tenant: Tenant) -> None:
    with acting_for(tenant):
        rep = make.member("rep")
    body = {"user": str(rep.pk), "period": "2026-Q3", "commit_amount": "450000.00"}
    made = caller.post("forecasts/", body, Idempotency_Key="1")
    assert (made.status_code, made.json()["best_case_amount"][:9]) == (201, "450000.00"), made.content
    told = made.json()
    locked = caller.patch(f"forecasts/{told['id']}/", {"is_locked": True}, Idempotency_Key="2", If_Match=f'"v{told["version"]}"')
    assert (locked.status_code, locked.json()["is_locked"]) == (200, True), locked.content
    refused = caller.post("forecasts/", body, Idempotency_Key="3")
    assert refused.status_code in (409, 422) and "locked" in refused.content.decode()


def test_a_person_hands_in_a_forecast_on_its_page(rep: Membership) -> None:
    browser = Browser(rep)
    sent = browser.post("/forecasts/new/", user=str(rep.pk), period="2026-Q3", commit_amount="900", best_case_amount="1000", note="")
    assert sent.status_code == 302, sent.content
    assert "2026-Q3" in browser.get("/forecasts/").content.decode()
    wrong = browser.post("/forecasts/new/", user=str(rep.pk), period="2026-Q3", commit_amount="900", best_case_amount="1", note="")
    assert wrong.status_code == 422
