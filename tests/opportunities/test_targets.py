"""Quotas and sales costs, and money spent on leads: set by who may, in the periods and at the rates that are theirs."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ltc.money.models import ExchangeRate
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from opportunities.models import Quota
from opportunities.targets import record_sales_cost, set_quota
from tests import make
from tests.callers import Caller
from tests.pages import Browser


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_quota_is_for_the_days_of_its_period(rep: Membership, period: str, first: date, last: date) -> None:
    quota = set_quota(actor=make.member("adm"), user=rep, period=period, amount=Decimal("900000"))
    assert (quota.starts_on, quota.ends_on) == (first, last)


def test_there_is_one_quota_for_a_person_and_a_period_and_none_for_both_a_person_and_a_team(rep: Membership) -> None:
    admin = make.member("adm")
    set_quota(actor=admin, user=rep, period="2026-Q3", amount=Decimal(1))
    for wrong in (
        {"user": rep, "period": "2026-Q3"},
        {"user": rep, "team": make.team("North"), "period": "2026-Q4"},
        {"period": "2026-Q5", "user": rep},
    ):
        with pytest.raises((ValidationError, Refusal)):
            set_quota(actor=admin, amount=Decimal(2), **wrong)
    assert Quota.objects.get().amount == 1


def test_a_rep_may_not_set_their_own_quota(rep: Membership) -> None:
    with pytest.raises(Forbidden):
        set_quota(actor=rep, user=rep, period="2026-Q3", amount=Decimal(1))
    assert not Quota.objects.exists()


def test_a_cost_counts_at_the_rate_of_its_day(inside: Tenant) -> None:
    ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=date(2026, 6, 1), rate=Decimal("7.20"), source="test")
    cost = record_sales_cost(actor=make.member("adm"), cost_date=date(2026, 6, 2), amount=Decimal("100"), currency="USD")
    assert (cost.fx_rate, cost.base_amount) == (Decimal("7.20"), Decimal("720.00"))


def test_a_program_sets_quotas_and_records_costs_and_spend(caller: Caller, tenant: Tenant) -> None:
    with acting_for(tenant):
        rep = make.member("rep")
    quota = caller.post("quotas/", {"user": str(rep.pk), "period": "2026-Q3", "amount": "900000.00"}, Idempotency_Key="1")
    assert (quota.status_code, quota.json()["starts_on"]) == (201, "2026-07-01")
    cost = caller.post("sales-costs/", {"cost_date": "2026-06-30", "amount": "200000.00", "currency": "CNY"}, Idempotency_Key="2")
    assert (cost.status_code, Decimal(cost.json()["base_amount"])) == (201, 200000)
    channel = caller.post("channels/", {"name": "Fair", "kind": "event"}, Idempotency_Key="3").json()["id"]
    spend = caller.post("marketing-spend/", {"channel": channel, "spend_date": "2026-06-01", "amount": "60000.00"}, Idempotency_Key="4")
    assert (spend.status_code, spend.json()["currency"]) == (201, "CNY")
    assert caller.get("marketing-spend/?spend_date__gte=2026-06-01").json()["data"][0]["amount"].startswith("60000.00")


def test_an_administrator_sets_a_quota_on_its_page(rep: Membership) -> None:
    browser = Browser(make.member("adm"))
    assert browser.post("/quotas/new/", user=str(rep.pk), team="", period="2026-Q3", amount="900000").status_code == 302
    assert "2026-Q3" in browser.get("/quotas/").content.decode()
    refused = browser.post("/quotas/new/", user=str(rep.pk), team="", period="soon", amount="900000")
    assert refused.status_code == 422 and "2026-Q3" in refused.content.decode()


def test_a_manager_sees_the_quotas_of_the_people_of_the_team_and_no_others(inside: Tenant) -> None:
    east, west = make.team("East"), make.team("West")
    theirs, others = (
        set_quota(actor=SYSTEM, user=make.member("rep", team=team), period="2026-07", amount=Decimal(10)) for team in (east, west)
    )
    manager = make.member("mgr", team=east)
    assert list(Quota.objects.visible_to(manager)) == [theirs]
    assert (manager.has_perm("quotas.view", theirs), manager.has_perm("quotas.view", others)) == (True, False)
