"""The frame around the pages: home, palette, tasks, preferences, workspaces, the end of a session."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_script_prefix

from ltc.activities.models import Activity
from ltc.activities.selectors import open_tasks
from ltc.activities.services import log_activity
from ltc.customers.services import create_customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership, Seat
from ltc.web import home
from ltc.web.home import Suggestion, greeting
from tests import make
from tests.pages import Browser


@pytest.fixture(autouse=True)
def no_prefix() -> Iterator[None]:
    clear_script_prefix()
    yield
    clear_script_prefix()


def titles(response: Any) -> list[str]:
    return [item["title"] for group in response.context["groups"] for item in group["items"]]


def test_the_root_of_a_workspace_is_its_home(rep: Membership) -> None:
    page = Browser(rep).get("/")
    assert page.status_code == 200
    assert rep.name in page.content.decode()


def test_home_lists_my_tasks_and_what_i_worked_on(rep: Membership) -> None:
    pumps = create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    log_activity(pumps, kind=Activity.Kind.TASK, actor=rep, result="Send the quote")
    log_activity(create_customer(actor=SYSTEM, name="Birch Valves"), kind=Activity.Kind.NOTE, actor=make.member("mgr"), result="Mine")
    page = Browser(rep).get("/").context["page"]
    assert [task["title"] for task in page["tasks"]] == ["Send the quote"]
    assert [item["title"] for item in page["recent"]] == ["Alder Pumps"]


def test_home_shows_the_five_things_that_matter_most(rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    def source(member: Any, now: Any) -> list[Suggestion]:
        return [Suggestion(title=f"Step {weight}", reason="", url="/", weight=weight) for weight in (10, 90, 30, 70, 50, 20)]

    monkeypatch.setattr(home, "_sources", [source])
    page = Browser(rep).get("/").context["page"]
    assert [each.title for each in page["next"]] == ["Step 90", "Step 70", "Step 50", "Step 30", "Step 20"]


@pytest.mark.parametrize(("hour", "words"), [(0, "Good morning"), (11, "Good morning"), (12, "Good afternoon"), (18, "Good evening")])
def test_the_greeting_follows_the_clock(hour: int, words: str) -> None:
    assert greeting("Maya", hour) == f"{words}, Maya"


@pytest.mark.parametrize("words", ["pump", "ALDER", "\u7ca4\u8861", "yhys"])
def test_the_palette_finds_by_part_of_a_name_and_by_pinyin(rep: Membership, words: str) -> None:
    create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    create_customer(actor=SYSTEM, name="\u7ca4\u8861\u6f14\u793a", owner=rep)
    expected = "Alder Pumps" if words.isascii() and words != "yhys" else "\u7ca4\u8861\u6f14\u793a"
    assert titles(Browser(rep).get("/search/", q=words, htmx=True)) == [expected]


def test_the_palette_finds_nothing_that_the_member_may_not_see(rep: Membership) -> None:
    create_customer(actor=SYSTEM, name="Alder Pumps", owner=make.member("rep"))
    assert titles(Browser(rep).get("/search/", q="alder", htmx=True)) == []


def test_the_palette_costs_the_same_queries_whatever_it_finds(rep: Membership) -> None:
    browser = Browser(rep)

    def count(words: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get("/search/", q=words, htmx=True)
        return len(captured)

    count("warm")
    none = count("alder")
    for number in range(30):
        create_customer(actor=SYSTEM, name=f"Alder {number}", owner=rep)
    assert count("alder") == none


def test_a_task_is_ticked_off_and_can_be_taken_back(rep: Membership) -> None:
    pumps = create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)
    task = log_activity(pumps, kind=Activity.Kind.TASK, actor=rep, result="Send the quote")
    browser = Browser(rep)
    response = browser.post(f"/tasks/{task.pk}/done/", htmx=True)
    assert not open_tasks(rep).exists()
    assert "No open tasks" in response.content.decode()
    undo = json.loads(response["HX-Trigger"])["toast"]["undo"]
    browser.post(undo["url"], htmx=True, **undo["values"])
    assert open_tasks(rep).get() == task
    assert Browser(make.member("rep")).post(f"/tasks/{task.pk}/done/").status_code == 404


def test_preferences_stay_with_the_person(rep: Membership) -> None:
    browser = Browser(rep)
    assert browser.post("/preferences/", htmx=True, theme="dark").status_code == 204
    browser.post("/preferences/", density="compact", lang="zh-hans", theme="purple")
    rep.user.refresh_from_db()
    assert (rep.user.theme, rep.user.density, rep.user.language) == ("dark", "compact", "zh-hans")
    page = browser.get("/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-density="compact"' in page
    assert 'lang="zh-Hans"' in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_preferences_lead_to_no_other_site(rep: Membership, target: str) -> None:
    assert Browser(rep).post("/preferences/", theme="dark", next=target)["Location"] == "/"


def test_the_only_workspace_opens_by_itself(rep: Membership) -> None:
    browser = Browser(rep)
    assert browser.client.get("/")["Location"] == "/t/north/"


def test_someone_in_two_workspaces_chooses(db: None) -> None:
    north, south = make.tenant("north"), make.tenant("south")
    with acting_for(north):
        member = make.member("rep")
    with acting_for(south):
        Membership.objects.create(user=member.user, name="Maya", email=member.email, role="mgr")
    Seat.objects.create(user=member.user, workspace=south)
    browser = Browser(member)
    page = browser.client.get("/")
    assert [each["url"] for each in page.context["workspaces"]] == ["/t/north/", "/t/south/"]
    assert 'href="/t/south/"' in browser.get("/").content.decode()


def test_who_is_not_signed_in_is_sent_to_the_login(tenant: Tenant) -> None:
    assert Client().get("/")["Location"] == "/accounts/login/?next=/"
    assert Client().get("/t/north/customers/")["Location"].startswith("/accounts/login/?next=/t/north/customers/")


def test_a_session_that_ends_inside_a_fragment_leads_the_whole_page_to_the_login(tenant: Tenant) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/t/north/customers/?view=mine"}
    response = Client().get("/t/north/customers/?cursor=x", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/login/?next=/t/north/customers/%3Fview%3Dmine"


def test_pages_of_a_workspace_are_nowhere_else(rep: Membership) -> None:
    for path in ("/customers/", "/search/", "/tasks/", "/notifications/"):
        assert Browser(rep).client.get(path).status_code == 404


def test_the_navigation_holds_what_the_role_includes(inside: Tenant) -> None:
    def keys(role: str) -> set[str]:
        shell = Browser(make.member(role)).get("/").context["shell"]
        return {item["key"] for group in shell["nav"] for item in group["items"]}

    assert {"home", "tasks", "customers", "products"} <= keys("rep")
