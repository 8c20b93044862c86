from collections.abc import Callable
from ipaddress import IPv6Address
from random import getrandbits
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from ltc.events.models import Work
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import ApiKey, Membership, Seat, Team, User
from tests import make

Visit = Callable[[str], Client]


@pytest.fixture
def visit(client: Client, tenant: Tenant) -> Visit:
    """A browser, signed in as a new member of the tenant with this role."""

    def as_role(role: str) -> Client:
        with acting_for(tenant):
            member = make.member(role)
            Seat.objects.create(user=member.user, workspace=tenant)
        client.force_login(member.user)
        return client

    return as_role


def test_a_company_signs_up_and_lands_in_its_workspace(client: Client, db: None) -> None:
    form = {
        "company": "Harbor", "code": "harbor", "person": "Ada", "email": "ada@example.com", "password": "a long passphrase",
        "locale": "en", "time_zone": "America/New_York", "currency": "USD",
    }  # fmt: skip
    answer = client.post("/signup/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/harbor/")
    assert client.get("/t/harbor/settings/members/").status_code == 200


def test_one_visitor_cannot_sign_up_company_after_company(client: Client, db: None) -> None:
    address = str(IPv6Address(getrandbits(128)))
    answers = [client.post("/signup/", {"company": ""}, REMOTE_ADDR=address).status_code for _attempt in range(21)]
    assert (answers[0], answers[-1]) == (422, 429)


def test_the_door_of_the_demo_is_not_there_outside_it(client: Client, db: None) -> None:
    assert [client.post("/demo/login/", {"user": user}).status_code for user in ("abc", "1", "9" * 30, "")] == [404] * 4


def test_a_weak_password_is_refused_with_what_to_do(client: Client, db: None) -> None:
    answer = client.post("/signup/", {"company": "H", "code": "h", "person": "A", "email": "a@example.com", "password": "short"})
    assert answer.status_code == 422
    assert "at least 10 characters" in answer.text
    assert not Tenant.objects.exists()


def test_an_administrator_invites_by_e_mail_and_the_invited_person_joins(visit: Visit, tenant: Tenant) -> None:
    admin = visit("adm")
    answer = admin.post(f"/t/{tenant.code}/settings/members/", {"email": "new@example.com", "role": "rep"})
    assert answer.status_code == 302
    with acting_for(tenant):
        run_pending()
    link = next(word for word in mail.outbox[0].body.split() if "/invitations/" in word)
    guest = Client()
    joined = guest.post(link.removeprefix("http://testserver"), {"name": "New", "password": "a long passphrase"})
    assert (joined.status_code, joined.headers["Location"]) == (302, f"/t/{tenant.code}/")
    with acting_for(tenant):
        assert Membership.objects.get(email="new@example.com").role == "rep"


def test_an_invitation_that_was_tampered_with_says_so(client: Client, db: None) -> None:
    answer = client.get("/invitations/forged/")
    assert answer.status_code == 410
    assert "not complete" in answer.text


@pytest.mark.parametrize("page", ["members", "teams", "company", "calendar", "keys", "changes"])
def test_a_rep_does_not_get_at_the_settings(visit: Visit, tenant: Tenant, page: str) -> None:
    rep = visit("rep")
    assert rep.get(f"/t/{tenant.code}/settings/{page}/").status_code == 403
    assert rep.post(f"/t/{tenant.code}/settings/{page}/", {}).status_code == 403


@pytest.mark.parametrize("page", ["members", "teams", "roles", "company", "calendar", "keys", "changes"])
def test_an_administrator_finds_every_section(visit: Visit, tenant: Tenant, page: str) -> None:
    assert visit("adm").get(f"/t/{tenant.code}/settings/{page}/").status_code == 200


def test_a_key_is_shown_once(visit: Visit, tenant: Tenant) -> None:
    admin, address = visit("adm"), f"/t/{tenant.code}/settings/keys/"
    made = admin.post(address, {"name": "site", "role": "api", "access": ["leads:write"], "days": "30"})
    assert "ltc_live_" in made.text
    assert "ltc_live_" not in admin.get(address).text
    with acting_for(tenant):
        key = ApiKey.objects.get()
    admin.post(address, {"revoke": str(key.pk)})
    with acting_for(tenant):
        assert not ApiKey.objects.get().is_usable


def test_what_is_no_id_is_not_found(visit: Visit, tenant: Tenant) -> None:
    admin = visit("adm")
    assert admin.post(f"/t/{tenant.code}/settings/keys/", {"revoke": "x"}).status_code == 404
    assert admin.post(f"/t/{tenant.code}/settings/calendar/", {"remove": "x"}).status_code == 404


def test_another_tenants_member_is_not_found(visit: Visit, tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(other_tenant):
        theirs = make.member("rep")
    admin = visit("adm")
    assert admin.get(f"/t/{tenant.code}/settings/members/{theirs.pk}/").status_code == 404
    assert admin.get(f"/t/{other_tenant.code}/settings/members/").status_code == 404


def test_the_change_log_names_who_changed_what(visit: Visit, tenant: Tenant) -> None:
    admin = visit("adm")
    admin.post(f"/t/{tenant.code}/settings/teams/", {"name": "East"})
    with acting_for(tenant):
        team = Team.objects.get()
    admin.post(f"/t/{tenant.code}/settings/teams/{team.pk}/", {"name": "Far East"})
    page = admin.get(f"/t/{tenant.code}/settings/changes/?row={team.pk}").text
    assert "East" in page
    assert "Far East" in page
    assert "adm" in page


def test_without_signing_in_a_workspace_asks_to_sign_in(client: Client, tenant: Tenant) -> None:
    answer = client.get(f"/t/{tenant.code}/settings/members/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/settings/members/", "/insight/", "/leads/"])
def test_a_workspaces_pages_do_not_exist_outside_one(client: Client, db: None, path: str) -> None:
    client.force_login(User.objects.create(email="a@example.com"))
    assert client.get(path).status_code == 404


def test_the_demo_login_exists_only_in_the_demo(client: Client, tenant: Tenant, settings: Any) -> None:
    tenant.is_demo = True
    tenant.save()
    with acting_for(tenant):
        member = make.member("rep")
        Seat.objects.create(user=member.user, workspace=tenant)
    form = {"user": str(member.user_id), "workspace": tenant.code}
    settings.DEMO = False
    assert client.post("/demo/login/", form).status_code == 404
    settings.DEMO = True
    assert client.post("/demo/login/", form).headers["Location"] == f"/t/{tenant.code}/"


def test_the_login_page_of_a_demo_offers_its_people(client: Client, tenant: Tenant, settings: Any) -> None:
    tenant.is_demo = True
    tenant.save()
    with acting_for(tenant):
        member = make.member("fin")
    settings.DEMO = True
    assert member.name in client.get("/accounts/login/").text


@pytest.mark.django_db(databases=["default", "platform"])
def test_only_operators_see_the_console(client: Client) -> None:
    assert client.get("/operator/").status_code == 302
    client.force_login(User.objects.create(email="a@example.com"))
    assert client.get("/operator/jobs/").status_code == 404


@pytest.mark.django_db(databases=["default", "platform"], transaction=True)
def test_an_operator_sees_what_was_given_up_and_gives_it_another_chance(client: Client) -> None:
    tenant = make.tenant("north")
    with acting_for(tenant):
        row = Work.objects.create(kind="analytics.roll_up", key="x", state="dead", available_at=timezone.now(), last_error="no luck")
    operator = User.objects.create(email="op@example.com", is_operator=True)
    client.force_login(operator)
    assert client.get("/operator/jobs/").headers["Location"] == "/accounts/2fa/"  # not with a password alone
    Authenticator.objects.create(user=operator, type=Authenticator.Type.TOTP, data={})
    assert "no luck" in client.get("/operator/jobs/").text
    assert "North" in client.get("/operator/").text
    client.post(f"/operator/jobs/{tenant.pk}/{row.pk}/retry/")
    with acting_for(tenant):
        assert Work.objects.get().state == "pending"


@pytest.mark.django_db(databases=["default"])
def test_the_health_checks_answer(client: Client) -> None:
    assert client.get("/healthz/live").json() == {"status": "ok"}
    assert client.get("/healthz/ready").json()["checks"] == {"database": True, "redis": True}
