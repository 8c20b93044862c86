"""Service cases, surveys, quotas and sales costs by REST and on their pages."""

from typing import Any

import pytest

from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from tests import make
from tests.callers import Caller
from tests.contracts.rows import make_row
from tests.pages import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(tenant: Tenant) -> str:
    with acting_for(tenant):
        return str(make_row(Customer, name="Asks").pk)


def test_a_case_goes_its_way_by_rest_and_the_customer_is_asked_and_answers(caller: Caller, customer: str) -> None:
    case = caller.post("cases/", {"title": "Pump stands still", "customer": customer, "priority": "P1"}).json()
    assert case["number"].startswith("CS-") and case["sla_response_due"]
    assert caller.post(f"cases/{case['id']}/actions/start/", {}).json()["state"] == "in_progress"
    assert caller.post(f"cases/{case['id']}/actions/resolve/", {"resolution": "Bearing changed"}).json()["state"] == "resolved"
    [survey] = caller.get("surveys/").json()["data"]
    assert survey["case"] == case["id"]
    assert caller.post(f"surveys/{survey['id']}/answers/", {"score": 9}).status_code == 400
    assert caller.post(f"surveys/{survey['id']}/answers/", {"score": 5, "comment": "Quick"}).json()["score"] == 5


def test_a_quota_is_of_a_person_or_a_team_once_a_period(caller: Caller, tenant: Tenant) -> None:
    with acting_for(tenant):
        rep = str(make.member("rep").pk)
    quota = caller.post("quotas/", {"user": rep, "period": "2026-Q3", "amount": "900000.00"})
    assert quota.status_code == 201, quota.content
    assert (quota.json()["starts_on"], quota.json()["ends_on"]) == ("2026-07-01", "2026-09-30")
    assert caller.post("quotas/", {"user": rep, "period": "2026-Q3", "amount": "1.00"}).status_code in (400, 409)
    assert caller.post("quotas/", {"period": "2026-Q3", "amount": "1.00"}).status_code in (400, 409)
    cost = caller.post("sales-costs/", {"cost_date": "2026-06-30", "amount": "200000.00", "currency": "CNY"})
    assert cost.json()["base_amount"] == "200000.0000"


@pytest.mark.parametrize(("role", "path"), [("dm", "cases"), ("dm", "surveys"), ("adm", "quotas"), ("fin", "sales-costs")])
def test_the_pages_show_lists_forms_and_records(caller: Caller, tenant: Tenant, customer: str, role: str, path: str) -> None:
    with acting_for(tenant):
        member: Membership = make.member(role)
        rep = str(make.member("rep").pk)
    bodies: dict[str, Any] = {
        "cases": {"title": "Noise", "customer": customer},
        "surveys": {"kind": "nps", "customer": customer},
        "quotas": {"user": rep, "period": "2026-07", "amount": "10.00"},
        "sales-costs": {"cost_date": "2026-06-30", "amount": "5.00", "currency": "CNY"},
    }
    made = caller.post(f"{path}/", bodies[path]).json()
    browser = Browser(member)
    for address in (f"/{path}/", f"/{path}/new/", f"/{path}/{made['id']}/"):
        assert browser.get(address).status_code == 200, address
