from datetime import date

import pytest
from django.core import mail, signing

from ltc.calendars.selectors import work_calendar
from ltc.events.outbox import run_pending
from ltc.money.models import TaxCode
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users import services
from ltc.users.keys import issue_key, revoke_key
from ltc.users.models import Membership, Seat, Team, User
from ltc.users.services import LastAdministrator
from tests import make
from tests.callers import caller_of
from tests.pages import Browser


def test_a_company_signs_up_and_its_first_person_is_administrator(db: None) -> None:
    tenant, user = services.sign_up(
        email="Ada@Example.com", password="correct horse battery", person="Ada", company="Harbor", code="harbor",
        time_zone="America/New_York", currency="usd", locale="en",
    )  # fmt: skip
    with acting_for(tenant):
        member = Membership.objects.get()
        assert (member.role, member.name, user.email, tenant.base_currency) == ("adm", "Ada", "ada@example.com", "USD")
    assert Seat.objects.filter(user=user, workspace=tenant).exists()


def test_a_taken_address_is_refused_and_nothing_is_made(tenant: Tenant) -> None:
    with pytest.raises(Refusal, match="taken"):
        services.sign_up(
            email="b@example.com", password="correct horse battery", person="B", company="N", code=tenant.code,
            time_zone="UTC", currency="EUR", locale="en",
        )  # fmt: skip
    assert not User.objects.filter(email="b@example.com").exists()


def test_an_invited_person_joins_with_the_invited_role_and_team(inside: Tenant) -> None:
    east = make.team("East")
    token = services.invitation_token(email="new@example.com", role="rep", team=east, invited_by=make.member("adm"))
    user = User.objects.create(email="new@example.com", name="New")
    member = services.accept_invitation(services.read_invitation(token), user)
    assert (member.role, member.team) == ("rep", east)


def test_an_invitation_is_for_one_address_only(inside: Tenant) -> None:
    token = services.invitation_token(email="new@example.com", role="rep", team=None, invited_by=make.member("adm"))
    thief = User.objects.create(email="thief@example.com")
    with pytest.raises(Forbidden):
        services.accept_invitation(services.read_invitation(token), thief)
    assert not Membership.objects.filter(user=thief).exists()


def test_an_invitation_lets_nobody_back_in_who_has_left(inside: Tenant) -> None:
    admin, user = make.member("adm"), User.objects.create(email="new@example.com", name="New")
    invitation = services.read_invitation(services.invitation_token(email=user.email, role="mgr", team=None, invited_by=admin))
    member = services.accept_invitation(invitation, user)
    services.change_member(member, actor=admin, state=Membership.State.INACTIVE)
    with pytest.raises(Refusal, match="no longer good"):
        services.accept_invitation(invitation, user)
    assert Membership.objects.get(user=user).state == Membership.State.INACTIVE
    again = services.invitation_token(email=user.email, role="rep", team=None, invited_by=admin)
    assert services.accept_invitation(services.read_invitation(again), user).role == "rep"


def test_an_invitation_falls_with_who_wrote_it(inside: Tenant) -> None:
    admin, host = make.member("adm"), make.member("adm")
    token = services.invitation_token(email="new@example.com", role="adm", team=None, invited_by=host)
    services.change_member(host, actor=admin, state=Membership.State.INACTIVE)
    with pytest.raises(Refusal, match="no longer good"):
        services.accept_invitation(services.read_invitation(token), User.objects.create(email="new@example.com"))


def test_an_invitation_falls_with_the_key_that_wrote_it(inside: Tenant) -> None:
    admin = make.member("adm")
    key, _text = issue_key(created_by=admin, name="Directory", access=["members:write"], role="adm")
    first, second = (
        services.read_invitation(services.invitation_token(email=f"{name}@example.com", role="rep", team=None, invited_by=key))
        for name in ("first", "second")
    )
    assert services.accept_invitation(first, User.objects.create(email="first@example.com")).role == "rep"
    revoke_key(key, actor=admin)
    with pytest.raises(Refusal, match="no longer good"):
        services.accept_invitation(second, User.objects.create(email="second@example.com"))


def test_nobody_gets_the_role_of_api_keys(inside: Tenant) -> None:
    admin = make.member("adm")
    with pytest.raises(Refusal, match="API keys"):
        services.change_member(admin, actor=admin, role="api")
    with pytest.raises(Refusal, match="API keys"):
        services.invitation_token(email="new@example.com", role="api", team=None, invited_by=admin)


def test_a_suspended_workspace_is_closed_to_its_members(inside: Tenant) -> None:
    browser = Browser(make.member("adm"))
    assert browser.get("/leads/").status_code == 200
    Tenant.objects.filter(pk=inside.pk).update(state="suspended")
    answer = browser.get("/leads/")
    assert answer.status_code == 403 and b"suspended" in answer.content


def test_a_forged_or_old_invitation_is_refused() -> None:
    with pytest.raises(Refusal, match="not complete"):
        services.read_invitation(signing.dumps({"tenant": 1}, salt="another"))


def test_a_rep_may_not_invite(inside: Tenant) -> None:
    with pytest.raises(Forbidden):
        services.invitation_token(email="x@example.com", role="adm", team=None, invited_by=make.member("rep"))


def test_the_last_administrator_stays(inside: Tenant) -> None:
    admin = make.member("adm")
    with pytest.raises(LastAdministrator):
        services.change_member(admin, actor=admin, role="rep")
    admin.refresh_from_db()
    assert admin.role == "adm"


def test_who_leaves_loses_the_seat(inside: Tenant) -> None:
    admin, rep = make.member("adm"), make.member("rep")
    Seat.objects.create(user=rep.user, workspace=inside)
    services.change_member(rep, actor=admin, state=Membership.State.INACTIVE)
    assert not Seat.objects.filter(user=rep.user).exists()
    assert not rep.__class__.objects.get(pk=rep.pk).has_perm("leads.view")


def test_a_manager_sees_the_teams_below_and_not_those_beside(inside: Tenant) -> None:
    country = make.team("Country")
    east, west = make.team("East", country), make.team("West", country)
    city = make.team("City", east)
    assert make.member("mgr", team=east).team_ids() == {east.pk, city.pk}
    assert west.pk in make.member("mgr", team=country).team_ids()


def test_a_team_that_moves_takes_its_subtree_along(inside: Tenant) -> None:
    admin = make.member("adm")
    north, south = make.team("North"), make.team("South")
    city = make.team("City", south)
    services.save_team(name="South", parent=north, actor=admin, team=south)
    city.refresh_from_db()
    assert city.path.startswith(Team.objects.get(pk=north.pk).path)


def test_a_team_may_not_hang_below_itself(inside: Tenant) -> None:
    admin, top = make.member("adm"), make.team("Top")
    below = make.team("Below", top)
    with pytest.raises(Refusal, match="below itself"):
        services.save_team(name="Top", parent=below, actor=admin, team=top)


def test_a_new_tenant_can_start_to_work_at_once(db: None) -> None:
    tenant = services.create_tenant(code="yueheng", name="Yueheng", time_zone="Asia/Shanghai", currency="CNY")
    with acting_for(tenant):
        assert TaxCode.objects.get(is_default=True).code == "VAT13"
        assert not work_calendar().is_business_day(date(2026, 10, 1))
        assert work_calendar().is_business_day(date(2026, 10, 10))


def test_people_are_invited_by_rest_and_join_by_the_link_in_their_mail(tenant: Tenant) -> None:
    caller = caller_of(tenant, "*", role="adm")
    answer = caller.post("invitations/", {"email": "new@example.com", "role": "rep"})
    assert (answer.status_code, answer.json()) == (202, {"email": "new@example.com"})
    with acting_for(tenant):
        run_pending()
    link = next(word for word in mail.outbox[0].body.split() if "/invitations/" in word)
    assert services.read_invitation(link.rstrip("/").rpartition("/")[2])["role"] == "rep"
    assert caller_of(tenant, "leads:write", role="adm").post("invitations/", {"email": "x@example.com", "role": "adm"}).status_code == 403
