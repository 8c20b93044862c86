from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key, revoke_key, tenant_of
from ltc.users.models import ApiKey
from tests import make
from tests.callers import Caller, caller_of
from tests.pages import Browser


def test_a_key_opens_its_tenant_and_no_other(tenant: Tenant, other_tenant: Tenant, caller: Caller) -> None:
    with acting_for(tenant):
        make.team("Ours")
    with acting_for(other_tenant):
        make.team("Theirs")
    assert [team["name"] for team in caller.get("teams/").json()["data"]] == ["Ours"]
    assert caller.get("me/").json()["tenant"]["code"] == "north"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ltc_live_1_short", "Basic YTpi", "Bearer ltc_live_1_" + "0" * 40, "Bearer ключ", "Bearer \x7f"]
)
def test_without_a_valid_key_there_is_a_challenge(db: None, header: str) -> None:
    response = Client().get("/api/v1/teams/", headers={"Authorization": header} if header else {})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "unauthenticated"


def test_an_expired_a_revoked_and_a_suspended_key_are_refused(tenant: Tenant) -> None:
    caller = caller_of(tenant)
    assert caller.get("me/").status_code == 200
    with acting_for(tenant):
        ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert caller.get("me/").status_code == 401
    with acting_for(tenant):
        ApiKey.objects.update(expires_at=None)
        revoke_key(ApiKey.objects.get(), actor=SYSTEM)
    assert caller.get("me/").status_code == 401
    with acting_for(tenant):
        ApiKey.objects.update(revoked_at=None)
    assert caller.get("me/").status_code == 200
    Tenant.objects.filter(pk=tenant.pk).update(state="suspended")
    assert caller.get("me/").status_code == 401


def test_a_key_reaches_what_its_access_names(tenant: Tenant) -> None:
    reader = caller_of(tenant, "catalog:read")
    assert reader.get("products/").status_code == 200
    refused = reader.get("customers/")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert reader.post("products/", {}).status_code == 403


def test_the_use_of_a_key_is_noted_to_the_minute(tenant: Tenant, caller: Caller) -> None:
    caller.get("me/")
    with acting_for(tenant):
        used = ApiKey.objects.get().last_used_at
    assert used is not None
    assert (used.second, used.microsecond) == (0, 0)


def test_the_secret_is_shown_once_and_never_stored(tenant: Tenant, caller: Caller) -> None:
    made = caller.post("keys/", {"name": "website", "access": ["leads:write"]}).json()
    assert tenant_of(made["key"]) == tenant.pk
    listed = caller.get("keys/").content.decode() + caller.get(f"keys/{made['id']}/changes/").content.decode()
    assert made["key"] not in listed
    with acting_for(tenant):
        assert ApiKey.digest_of(made["key"]) == ApiKey.objects.get(pk=made["id"]).digest
        assert ApiKey.digest_of(made["key"]) not in listed


def test_a_revoked_key_stays_in_the_list(caller: Caller) -> None:
    made = caller.post("keys/", {"name": "website", "access": ["leads:write"]}).json()
    assert caller.post(f"keys/{made['id']}/revoke/", {}).json()["revoked_at"] is not None
    assert len(caller.get("keys/").json()["data"]) == 2


def test_a_key_gives_no_more_than_it_has(inside: Tenant) -> None:
    admin_key, _text = issue_key(created_by=SYSTEM, name="half", access=["keys:write", "members:read"], role="adm")
    with pytest.raises(Forbidden):
        issue_key(created_by=admin_key, name="more", access=["*"], role="adm")
    with pytest.raises(Forbidden):
        issue_key(created_by=admin_key, name="other role", access=["members:read"], role="fin")
    issue_key(created_by=admin_key, name="less", access=["members:read"], role="adm")
    with pytest.raises(Forbidden):
        issue_key(created_by=make.member("mgr"), name="by a manager", access=["leads:read"])


def test_a_key_makes_none_that_outlives_it(inside: Tenant) -> None:
    key, _text = issue_key(created_by=SYSTEM, name="week", access=["*"], days=7)
    with pytest.raises(Forbidden):
        issue_key(created_by=key, name="for ever", access=["leads:read"])
    with pytest.raises(Forbidden):
        issue_key(created_by=key, name="longer", access=["leads:read"], days=8)
    issue_key(created_by=key, name="shorter", access=["leads:read"], days=6)


def test_no_cache_keeps_what_a_caller_sees(tenant: Tenant, caller: Caller) -> None:
    assert caller.get("me/")["Cache-Control"] == "private, no-store"
    with acting_for(tenant):
        browser = Browser(make.member("rep"))
    assert browser.get("/leads/")["Cache-Control"] == "private, no-store"


def test_an_access_that_means_nothing_is_refused(inside: Tenant) -> None:
    with pytest.raises(Refusal, match="is no access"):
        issue_key(created_by=SYSTEM, name="typo", access=["leeds:read"])


def test_the_command_prints_the_key_last(tenant: Tenant) -> None:
    out = StringIO()
    call_command("create_api_key", "north", scopes="leads:read,orders:write", expires_days=30, name="etl", stdout=out, stderr=StringIO())
    secret = out.getvalue().splitlines()[-1]
    me = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (me["name"], me["access"]) == ("etl", ["leads:read", "orders:write"])


def test_the_command_names_a_tenant_that_is_missing(db: None) -> None:
    with pytest.raises(CommandError, match="There is no tenant"):
        call_command("create_api_key", "nowhere")


def test_a_tenant_is_founded_by_command(db: None) -> None:
    out = StringIO()
    call_command("create_tenant", "harbor", name="Harbor", time_zone="America/New_York", currency="usd", stdout=out)
    assert out.getvalue().split() == ["harbor"]
    assert Tenant.objects.get(code="harbor").base_currency == "USD"
    with pytest.raises(CommandError, match="taken"):
        call_command("create_tenant", "harbor", name="Harbor", time_zone="America/New_York", currency="usd")
