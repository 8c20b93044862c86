"""Two reps at one customer: what the second one learns, how they ask, who decides, and how two records become one and two again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.collisions import request_access
from leads.models import AccessRequest, Lead, LeadMerge
from leads.selectors import possible_duplicates
from leads.services import DuplicateLead, capture_lead, update_lead
from ltc.activities.models import Activity
from ltc.activities.selectors import activities_about
from ltc.activities.services import log_activity
from ltc.customers.models import Contact, Customer
from ltc.customers.services import create_customer
from ltc.notifications.models import Notification
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership, Team
from ltc.workflow.engine import perform
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.pages import Browser


@pytest.fixture
def south(inside: Tenant) -> Team:
    return make.team("South")


@pytest.fixture
def boss(south: Team) -> Membership:
    return make.member("mgr", team=south)


@pytest.fixture
def owner(south: Team, boss: Membership) -> Membership:
    return make.member("rep", team=south)


@pytest.fixture
def finder(inside: Tenant) -> Membership:
    return make.member("rep", team=make.team("North"))


def customer(owner: Membership | None, **fields: Any) -> Customer:
    people = [{"name": "Zhang", "phone": "+8613800008000", "email": "zhang@harbor.example"}]
    return create_customer(actor=SYSTEM, name="Harbor Tools Co Ltd", owner=owner, contacts=people, **fields)


@pytest.mark.parametrize(
    "marks", [{"company_name": "HARBOR TOOLS"}, {"phone": "+8613800008000"}, {"email": "zhang@harbor.example"}], ids=lambda m: next(iter(m))
)
def test_who_meets_anothers_customer_learns_only_with_which_team_it_is(
    owner: Membership, finder: Membership, marks: dict[str, str]
) -> None:
    customer(owner)
    [like] = possible_duplicates(finder, **marks)  # type: ignore[arg-type]
    assert (like.kind, like.id, like.label, like.with_whom, bool(like.ticket)) == ("customer", None, "", "South", True)
    assert "Zhang" not in str(like.as_json()) and "Harbor" not in str(like.as_json())


def test_duplicates_are_found_among_leads_and_in_pools_too(owner: Membership, finder: Membership) -> None:
    leads.lead(company_name="Harbor Tools", owner=owner)
    leads.lead(company_name="Harbor Tools Ltd")
    found = {(like.kind, like.in_pool, like.id is None) for like in possible_duplicates(finder, company_name="harbor tools")}
    assert found == {("lead", False, True), ("lead", True, False)}


def test_a_similar_name_is_a_candidate_only(owner: Membership, finder: Membership) -> None:
    create_customer(actor=SYSTEM, name="粤衡演示智能装备制造有限公司", owner=owner)
    [like] = possible_duplicates(finder, company_name="粤衡演示智能装备制造(广东)有限公司")
    assert like.rule.name == "SIMILAR_NAME" and not like.is_certain
    assert capture_lead(
        actor=finder, channel=leads.channel(), contact_name="Li", email="li@x.example", company_name="粤衡演示智能装备制造(广东)有限公司",
        despite_duplicates=False,
    )  # fmt: skip


def test_who_wants_no_duplicates_is_refused_with_the_team(owner: Membership, finder: Membership) -> None:
    customer(owner)
    new: dict[str, Any] = {
        "actor": finder,
        "channel": leads.channel(),
        "contact_name": "Li",
        "email": "li@x.example",
        "company_name": "Harbor Tools",
    }
    with pytest.raises(DuplicateLead) as refusal:
        capture_lead(**new, despite_duplicates=False)
    assert refusal.value.code == "duplicate_lead" and "South" in str(refusal.value)
    assert not Lead.objects.exists()
    assert capture_lead(**new)


def ask(finder: Membership, kind: str, **marks: str) -> AccessRequest:
    [like] = possible_duplicates(finder, **marks)  # type: ignore[arg-type]
    return request_access(actor=finder, kind=kind, ticket=like.ticket, reason="I met them at the fair")


def test_a_colleague_joins_when_the_owners_manager_agrees(owner: Membership, boss: Membership, finder: Membership) -> None:
    found = customer(owner)
    asked = ask(finder, "join", company_name="Harbor Tools")
    assert (asked.approver, asked.state) == (boss, "open")
    assert Notification.objects.filter(recipient=boss, subject=asked.pk).exists()
    perform(asked, "approve", actor=boss)
    again = Membership.objects.get(pk=finder.pk)
    assert list(Customer.objects.visible_to(again)) == [found] and again.has_perm("customers.change", found)
    assert Contact.objects.visible_to(again).count() == 1
    assert (found.owner, Notification.objects.filter(recipient=finder).count()) == (owner, 1)


def test_a_lead_changes_hands_when_the_owners_manager_agrees(owner: Membership, boss: Membership, finder: Membership) -> None:
    lead = leads.lead(company_name="Harbor Tools", owner=owner)
    asked = ask(finder, "transfer", company_name="Harbor Tools")
    perform(asked, "approve", actor=boss, answer="Good luck")
    lead.refresh_from_db()
    assert (lead.owner, asked.state, asked.answer) == (finder, "approved", "Good luck")


def test_a_refusal_changes_nothing(owner: Membership, boss: Membership, finder: Membership) -> None:
    found = customer(owner)
    asked = ask(finder, "transfer", company_name="Harbor Tools")
    perform(asked, "refuse", actor=boss, answer="We are about to sign")
    found.refresh_from_db()
    assert (found.owner, asked.state) == (owner, "refused")
    assert not Customer.objects.visible_to(finder).exists()


def test_nobody_but_the_decider_decides_and_nobody_on_their_own_request(owner: Membership, boss: Membership, finder: Membership) -> None:
    customer(owner)
    asked = ask(finder, "transfer", company_name="Harbor Tools")
    for stranger in (finder, owner, make.member("mgr")):
        with pytest.raises(Forbidden):
            perform(asked, "approve", actor=stranger)
    own = ask(boss, "transfer", company_name="Harbor Tools")
    admin = make.member("adm")
    with pytest.raises(Refusal) as refusal:
        perform(own, "approve", actor=boss)
    assert refusal.value.code == "self_approval"
    perform(own, "approve", actor=admin)


def test_one_asks_once_and_only_with_ones_own_ticket(owner: Membership, finder: Membership) -> None:
    customer(owner)
    [like] = possible_duplicates(finder, company_name="Harbor Tools")
    request_access(actor=finder, kind="join", ticket=like.ticket, reason="Fair")
    codes = []
    for actor, ticket in ((finder, like.ticket), (make.member("rep"), like.ticket), (finder, like.ticket + "x")):
        with pytest.raises(Refusal) as refusal:
            request_access(actor=actor, kind="join", ticket=ticket, reason="Fair")
        codes.append(refusal.value.code)
    assert codes == ["already_requested", "ticket_expired", "ticket_expired"]
    assert AccessRequest.objects.count() == 1


def test_asking_and_deciding_by_rest_and_on_pages(tenant: Tenant) -> None:
    with acting_for(tenant):
        south = make.team("South")
        boss, owner, finder = make.member("mgr", team=south), make.member("rep", team=south), make.member("rep")
        lead = leads.lead(company_name="Harbor Tools", owner=owner, phone="13800008000")
        channel = leads.channel()
    browser = Browser(finder)
    form: dict[str, Any] = {
        "contact_name": "Li",
        "email": "li@x.example",
        "company_name": "Harbor tools",
        "channel": str(channel.pk),
        "currency": "CNY",
    }
    form |= dict.fromkeys(("industry_match", "seniority", "budget", "authority", "need_level", "timeline"), "unknown")
    refused = browser.post("/leads/new/", **form)
    assert (refused.status_code, b"South" in refused.content, b"13800008000" in refused.content) == (422, True, False)
    ask_url = refused.context["likenesses"][0]["ask_url"]
    assert browser.get(ask_url).status_code == 200
    ticket = refused.context["likenesses"][0]["ask_url"].partition("ticket=")[2]
    asked = browser.post("/requests/new/", kind="transfer", reason="Fair", ticket=ticket.replace("%3A", ":"))
    assert asked.status_code == 302
    shown = browser.get("/requests/")
    assert shown.status_code == 200 and b"Harbor" not in shown.content
    with acting_for(tenant):
        pk = AccessRequest.objects.get().pk
    told = Browser(finder).client.get(f"/t/{tenant.code}/api/v1/access-requests/{pk}/").json()
    assert (told["lead"], told["state"]) == (None, "open")
    assert b"Harbor" in Browser(boss).get(f"/requests/{pk}/").content
    assert Browser(boss).post(f"/requests/{pk}/do/approve/").status_code == 302
    assert browser.post("/leads/new/", **form, despite_duplicates="on").status_code == 302
    with acting_for(tenant):
        lead.refresh_from_db()
        assert lead.owner == finder
    known = {"contact_name": "Li", "email": "li@x.example", "company_name": "Harbor Tools"}
    made = caller_of(tenant).post("leads/", {"channel": str(channel.pk), **known, "despite_duplicates": False})
    assert (made.status_code, made.json()["code"]) == (409, "duplicate_lead")


# Merging


def pair(**more: Any) -> tuple[Lead, Lead]:
    early = timezone.now() - timedelta(days=9)
    gone = leads.lead(at=early, phone="13800008000", region="Foshan", need="Two lines", channel=leads.channel("fair"), **more)
    stays = leads.lead(region="Guangzhou")
    return gone, stays


def test_who_merges_chooses_field_by_field(inside: Tenant) -> None:
    gone, stays = pair()
    perform(gone, "merge", actor=SYSTEM, survivor=stays, take=[{"field": "region"}, {"field": "wecom"}])
    stays.refresh_from_db()
    assert (stays.region, stays.need, stays.phone, stays.channel.code) == ("Foshan", "Two lines", "+8613800008000", "fair")


def test_activities_go_along_and_come_back(inside: Tenant, rep: Membership) -> None:
    gone, stays = pair(owner=rep)
    log_activity(gone, kind=Activity.Kind.CALL, actor=rep)
    gone.refresh_from_db()
    before = {name: getattr(stays, name) for name in ("region", "need", "phone", "captured_at", "channel", "last_activity_at")}
    perform(gone, "merge", actor=SYSTEM, survivor=stays)
    assert (activities_about(stays).count(), activities_about(gone).count()) == (1, 0)
    perform(gone, "unmerge", actor=SYSTEM)
    stays.refresh_from_db()
    assert {name: getattr(stays, name) for name in before} == before
    assert (gone.state, gone.owner, gone.merged_into, gone.closed_at) == ("working", rep, None, None)
    assert (activities_about(stays).count(), activities_about(gone).count()) == (0, 1)
    assert LeadMerge.objects.get().undone_at is not None


def test_what_was_written_since_stays(inside: Tenant) -> None:
    gone, stays = pair()
    perform(gone, "merge", actor=SYSTEM, survivor=stays)
    stays.refresh_from_db()
    update_lead(stays, actor=SYSTEM, need="Three lines")
    perform(gone, "unmerge", actor=SYSTEM)
    stays.refresh_from_db()
    assert (stays.need, stays.phone) == ("Three lines", "")


def test_nothing_is_taken_apart_once_something_was_built_on_it(inside: Tenant, rep: Membership) -> None:
    gone, stays = pair()
    perform(gone, "merge", actor=SYSTEM, survivor=stays)
    stays.refresh_from_db()
    perform(stays, "claim", actor=rep)
    with pytest.raises(Refusal) as refusal:
        perform(gone, "unmerge", actor=SYSTEM)
    gone.refresh_from_db()
    assert (refusal.value.code, gone.state) == ("built_on", "merged")


def test_leads_are_compared_and_merged_on_a_page(tenant: Tenant) -> None:
    with acting_for(tenant):
        gone, stays = pair()
        browser = Browser(make.member("mkt"))
    page = f"/leads/{gone.pk}/compare/{stays.pk}/"
    assert b"Foshan" in browser.get(page).content
    assert browser.post(page, region="theirs", need="ours").status_code == 302
    with acting_for(tenant):
        stays.refresh_from_db()
        assert (stays.region, Lead.objects.get(pk=gone.pk).state) == ("Foshan", "merged")
    undone = caller_of(tenant).post(f"leads/{gone.pk}/actions/unmerge/", {})
    assert (undone.status_code, undone.json()["state"]) == (200, "new")
