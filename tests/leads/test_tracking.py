import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead, LeadEvent
from leads.tracking import token_of
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.leads import make as leads

HOME = "https://www.example.com"


@pytest.fixture
def admin(tenant: Tenant) -> Caller:
    return caller_of(tenant, role="adm")


@pytest.fixture
def site(admin: Caller) -> str:
    answer = admin.patch("tracking/", {"active": True, "origins": [HOME + "/"]})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["site"])


@pytest.fixture
def lead(tenant: Tenant) -> Lead:
    with acting_for(tenant):
        return leads.lead()


def event(name: str = "11111111", **more: Any) -> dict[str, Any]:
    return {"type": "page_view", "id": name, "at": datetime.now(UTC).isoformat(), **more}


def tell(site: str, token: str, *events: Any, origin: str = HOME) -> Any:
    body = json.dumps({"lead": token, "events": events})
    return Client().post(site, data=body, content_type="text/plain", headers={"Origin": origin})


def noted(tenant: Tenant) -> list[str]:
    with acting_for(tenant):
        return list(LeadEvent.objects.order_by("type").values_list("type", flat=True))


def token(admin: Caller, lead: Lead) -> str:
    return str(admin.get(f"leads/{lead.pk}/token/").json()["token"])


def test_a_website_tells_what_a_lead_looks_at_and_each_look_counts_once(admin: Caller, site: str, lead: Lead, tenant: Tenant) -> None:
    one, two = event(), event("22222222", type="page_view_pricing")
    for _again in range(2):
        answer = tell(site, token(admin, lead), one, two)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"], answer.cookies.output()) == (204, HOME, "")
    assert noted(tenant) == ["page_view", "page_view_pricing"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "quote_request"},
        {"type": ["page_view"]},
        {"id": "x"},
        {"id": "1111\0" + "1111"},
        {"id": "1111\ud8001111"},
        {"at": "yesterday"},
        {"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
        {"at": (datetime.now(UTC) - timedelta(days=3)).isoformat()},
    ],
)
def test_what_makes_no_sense_is_left_out(admin: Caller, site: str, lead: Lead, tenant: Tenant, wrong: dict[str, Any]) -> None:
    assert tell(site, token(admin, lead), {**event(), **wrong}, "nonsense").status_code == 204
    assert noted(tenant) == []


def test_nobody_tells_of_a_lead_without_its_token(site: str, lead: Lead, tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(other_tenant):
        foreign = token_of(leads.lead())
    for forged in (str(lead.pk), foreign, "", "\ud800"):
        assert tell(site, forged, event()).status_code == 204
    assert noted(tenant) == noted(other_tenant) == []


def test_only_the_companys_own_websites_may_tell(admin: Caller, site: str, lead: Lead, tenant: Tenant) -> None:
    right = token(admin, lead)
    assert tell(site, right, event(), origin="https://evil.example").status_code == 403
    assert tell(site.replace("/visit/north/", "/visit/south/"), right, event()).status_code == 404
    assert tell(site[:-3] + "xx/", right, event()).status_code == 404
    assert admin.patch("tracking/", {"active": False}).status_code == 200
    assert tell(site, right, event()).status_code == 404
    assert noted(tenant) == []


def test_a_new_key_ends_the_old_one(admin: Caller, site: str, lead: Lead) -> None:
    fresh = admin.patch("tracking/", {"new_key": True}).json()
    assert fresh["active"] and fresh["site"] != site
    assert (tell(site, token(admin, lead), event()).status_code, tell(fresh["site"], token(admin, lead), event()).status_code) == (404, 204)


def test_a_website_that_tells_too_much_has_to_wait(site: str, lead: Lead, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.tracking_views.PER_ADDRESS", (2, 60.0))
    codes = [
        Client().post(site, data="x", content_type="text/plain", headers={"Origin": HOME}, REMOTE_ADDR="10.9.8.7").status_code
        for _n in range(4)
    ]
    assert codes[:2] == [400, 400] and 429 in codes


@pytest.mark.parametrize("origin", ["example.com", "ftp://example.com", "https://example.com/shop", "https://me@example.com"])
def test_an_origin_that_is_none_is_refused(admin: Caller, origin: str) -> None:
    assert admin.patch("tracking/", {"origins": [origin]}).status_code in (400, 409)
    assert admin.get("tracking/").json() == {"active": False, "origins": [], "site": None}


def test_only_an_administrator_sets_it_up(tenant: Tenant) -> None:
    program = caller_of(tenant, "leads:write", role="api")
    assert program.patch("tracking/", {"active": True}).status_code == 403
    assert program.get("tracking/").status_code == 403


def test_the_script_stores_and_sends_nothing_without_consent() -> None:
    answer = Client().get("/t.js")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript") and "cookie" not in text
    assert text.index("if (!agreed()) return;") < text.index("localStorage.setItem(KEY, token);")
