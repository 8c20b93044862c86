from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings

from ltc.api import limits
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Seat, Team
from tests import make
from tests.callers import Caller, caller_of


@pytest.fixture
def few(settings: Any) -> None:
    """Three requests at once, and one more every ten seconds."""
    settings.API_LIMITS = {"caller": (3, 30), "tenant": (5, 3600), "search": (1, 30)}


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(limits, "_resting_until", 0.0)
    monkeypatch.setattr(limits, "_local", limits.LocalBuckets())


def test_a_caller_is_told_how_much_is_left_and_then_to_wait(few: None, caller: Caller) -> None:
    left = [caller.get("me/")["X-RateLimit-Remaining"] for _request in range(3)]
    assert left == ["2", "1", "0"]
    refused = caller.get("me/")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused["Retry-After"]) <= 11
    assert (refused["X-RateLimit-Limit"], refused["X-RateLimit-Remaining"]) == ("3", "0")


def test_the_keys_of_a_tenant_share_its_bucket_and_other_tenants_have_theirs(few: None, tenant: Tenant, other_tenant: Tenant) -> None:
    callers = [caller_of(tenant) for _number in range(3)]
    answers = [caller.get("me/").status_code for caller in callers for _request in range(2)]
    assert answers == [200, 200, 200, 200, 200, 429]
    assert caller_of(other_tenant).get("me/").status_code == 200


def test_searches_have_a_smaller_bucket_of_their_own(few: None, caller: Caller) -> None:
    assert [caller.get("teams/?search=east").status_code for _request in range(2)] == [200, 429]
    assert caller.get("teams/").status_code == 200


def test_a_refused_write_changes_nothing(few: None, tenant: Tenant, caller: Caller) -> None:
    for number in range(5):
        caller.post("teams/", {"name": f"Team {number}"})
    with acting_for(tenant):
        assert Team.objects.count() == 3


def test_without_redis_reads_go_on_and_writes_are_counted_here(few: None, redis_away: Any, tenant: Tenant, caller: Caller) -> None:
    assert [caller.get("me/").status_code for _request in range(8)] == [200] * 8
    assert [caller.post("teams/", {"name": f"Team {number}"}).status_code for number in range(5)] == [201, 201, 201, 429, 429]


def test_buckets_do_not_stay_in_redis(caller: Caller) -> None:
    caller.get("me/")
    client: Any = redis.Redis.from_url(settings.REDIS_URL)
    names = list(client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:limit:*"))
    assert names
    assert all(client.ttl(name) > 0 for name in names)


@pytest.fixture
def browser(tenant: Tenant) -> Client:
    with acting_for(tenant):
        admin = make.member("adm")
    Seat.objects.create(user=admin.user, workspace=tenant)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(admin.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_session_works_below_its_workspace_only(browser: Client) -> None:
    me = browser.get("/t/north/api/v1/me/")
    assert (me.status_code, me.json()["kind"], me.json()["role"]) == (200, "user", "adm")
    assert browser.get("/api/v1/me/").status_code == 401


def test_a_session_writes_with_its_token_only(browser: Client, tenant: Tenant) -> None:
    refused = browser.post("/t/north/api/v1/teams/", {"name": "East"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    browser.cookies["csrftoken"] = "a" * 32
    made = browser.post("/t/north/api/v1/teams/", {"name": "East"}, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert made.status_code == 201
    with acting_for(tenant):
        assert Team.objects.count() == 1


def test_another_workspace_does_not_exist_for_a_session(browser: Client, other_tenant: Tenant) -> None:
    response = browser.get("/t/south/api/v1/me/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert browser.get("/t/nowhere/api/v1/me/").status_code == 404


def test_without_a_session_a_workspace_asks_for_one(tenant: Tenant) -> None:
    response = Client().get("/t/north/api/v1/me/")
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


def test_a_person_sets_their_own_language_and_an_administrator_the_tenants_name(browser: Client, tenant: Tenant) -> None:
    browser.cookies["csrftoken"] = "a" * 32

    def patch(path: str, body: dict[str, Any]) -> Any:
        return browser.patch(f"/t/north/api/v1/{path}", body, content_type="application/json", headers={"X-CSRFToken": "a" * 32})

    assert patch("me/", {"language": "zh-hans"}).json()["language"] == "zh-hans"
    assert patch("me/", {"is_operator": True}).status_code == 400
    assert patch("settings/", {"name": "North Star"}).json()["name"] == "North Star"
    assert patch("settings/", {"time_zone": "Mars/Base"}).json()["code"] == "unknown_time_zone"
    assert patch("settings/", {"base_currency": "USD"}).status_code == 400


def test_every_answer_has_the_id_of_its_request(caller: Caller) -> None:
    known = "0190b0b0-0000-7000-8000-000000000000"
    assert caller.get("me/", X_Request_Id=known)["X-Request-Id"] == known
    assert caller.get("me/", X_Request_Id="<script>")["X-Request-Id"] != "<script>"


def test_a_fault_of_ours_tells_nothing_of_itself(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("ltc.users.api.views._me", broken)
    with override_settings(DEBUG=False):
        response = caller.get("me/")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "secret inside" not in response.content.decode()


def test_a_database_that_is_busy_is_told_from_a_fault(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("ltc.users.api.views._me", busy)
    response = caller.get("me/")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) >= 1
