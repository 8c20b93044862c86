"""The pages of a record kind, tried on customers: lists, records, forms, actions, in many and with their limits."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.customers.models import Customer
from ltc.customers.services import add_contact, create_customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.web.records import list_url, reading_as, url_for
from tests import make
from tests.pages import Browser

MOST_QUERIES = 12


def customer(name: str, **fields: Any) -> Customer:
    return create_customer(actor=SYSTEM, name=name, **fields)


@pytest.fixture
def fin(inside: Tenant) -> Membership:
    return make.member("fin")


def queries(browser: Browser, path: str, **query: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path, **query).status_code == 200
    return len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]])


def test_a_list_shows_what_the_member_may_see(rep: Membership) -> None:
    customer("Alder Pumps", owner=rep)
    customer("Birch Valves", owner=make.member("rep"))
    page = Browser(rep).get("/customers/", view="all").content.decode()
    assert "Alder Pumps" in page
    assert "Birch Valves" not in page


def test_a_list_costs_the_same_queries_whatever_its_length(fin: Membership) -> None:
    browser = Browser(fin)
    customer("Alder Pumps", owner=fin)
    few = queries(browser, "/customers/")
    for number in range(60):
        customer(f"Company {number:03}", owner=make.member("rep") if number % 20 == 0 else fin)
    assert queries(browser, "/customers/") == few
    assert few <= MOST_QUERIES


def test_a_fragment_has_only_the_table(fin: Membership) -> None:
    customer("Alder Pumps")
    page = Browser(fin).get("/customers/", htmx=True).content.decode()
    assert "Alder Pumps" in page
    assert "<html" not in page


def test_pages_follow_one_another_without_gap_or_repetition(fin: Membership) -> None:
    names = [f"Company {number:03}" for number in range(120)]
    for name in names:
        customer(name)
    browser, url, seen = Browser(fin), "/customers/", []
    while url:
        response = browser.get(url)
        seen += [row["title"] for row in response.context["page"]["rows"]]
        following = response.context["page"]["next_url"]
        url = f"/customers/{following}" if following else ""
    assert seen == names


@pytest.mark.parametrize("sort", ["credit_limit", "-credit_limit", "-created", "last_activity"])
def test_a_sorted_list_pages_through_empty_values_too(fin: Membership, sort: str) -> None:
    for number in range(70):
        customer(f"Company {number:03}", credit_limit=number * 100 if number % 3 else None)
    browser = Browser(fin)
    first = browser.get("/customers/", sort=sort).context["page"]
    second = browser.get(f"/customers/{first['next_url']}").context["page"]
    ids = [row["id"] for row in first["rows"] + second["rows"]]
    assert len(ids) == len(set(ids)) == 70


@pytest.mark.parametrize(
    "query", [{"cursor": "x"}, {"cursor": "W10"}, {"sort": "tenant__name"}, {"view": "nothing"}, {"q": "\x00" + "y" * 5000}]
)
def test_an_address_with_nonsense_in_it_still_shows_a_list(fin: Membership, query: dict[str, Any]) -> None:
    assert Browser(fin).get("/customers/", **query).status_code == 200


def test_a_filter_is_a_link_that_keeps_the_rest(fin: Membership) -> None:
    customer("Alder Pumps")
    page = Browser(fin).get("/customers/", q="alder", state="prospect").context["page"]
    assert [row["title"] for row in page["rows"]] == ["Alder Pumps"]
    chip = next(chip for chip in page["filters"] if chip["name"] == "state")
    assert chip["value_label"] == "Prospect"
    assert chip["clear_url"] == "?q=alder"
    active = next(option for option in chip["options"] if option["value"] == "active")
    assert active["url"] == "?q=alder&state=active"


def test_a_record_of_someone_else_does_not_exist(rep: Membership) -> None:
    hidden = customer("Birch Valves", owner=make.member("rep"))
    for path in ("", "edit/", "timeline/", "do/set_hold/"):
        assert Browser(rep).get(f"/customers/{hidden.pk}/{path}").status_code == 404


def test_a_record_page_shows_its_people_and_its_history(fin: Membership) -> None:
    found = customer("Alder Pumps", owner=fin)
    add_contact(found, actor=SYSTEM, name="Elena Marsh", email="elena@example.com")
    browser = Browser(fin)
    page = browser.get(f"/customers/{found.pk}/").content.decode()
    assert "Elena Marsh" in page
    assert "elena@example.com" in page
    assert queries(browser, f"/customers/{found.pk}/") <= MOST_QUERIES + 4  # what the stages add beside it


def test_a_note_is_added_to_the_history_and_comes_back_as_a_fragment(fin: Membership) -> None:
    found = customer("Alder Pumps")
    response = Browser(fin).post(f"/customers/{found.pk}/timeline/", htmx=True, kind="call", body="Asked for the price of 40 pumps.")
    assert response.status_code == 200
    assert "Asked for the price of 40 pumps." in response.content.decode()
    assert "<html" not in response.content.decode()
    assert history(found).first().name == "call"  # type: ignore[union-attr]


def test_an_empty_note_is_refused(fin: Membership) -> None:
    found = customer("Alder Pumps")
    before = history(found).count()
    response = Browser(fin).post(f"/customers/{found.pk}/timeline/", htmx=True, kind="note", body="  ")
    assert response.status_code == 409
    assert "few words" in json.loads(response["HX-Trigger"])["toast"]["text"]
    assert history(found).count() == before


def test_a_customer_is_created_through_the_form(rep: Membership) -> None:
    form: dict[str, Any] = {
        "name": "Alder Pumps",
        "kind": "company",
        "country": "CN",
        "currency_default": "CNY",
        "owner": rep.pk,
        "contact_name": "Li Na",
    }
    response = Browser(rep).post("/customers/new/", **form)
    made = Customer.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/t/north/customers/{made.pk}/"
    assert made.contacts.get().name == "Li Na"


def test_a_form_with_a_mistake_comes_back_with_422(rep: Membership) -> None:
    response = Browser(rep).post("/customers/new/", name="", kind="company")
    assert response.status_code == 422
    assert not Customer.objects.exists()


def test_a_duplicate_is_told_in_the_form(rep: Membership) -> None:
    customer("Alder Pumps", owner=rep)
    response = Browser(rep).post("/customers/new/", name="ALDER PUMPS", kind="company", owner=rep.pk)
    assert response.status_code == 422
    assert "exists already" in response.content.decode()
    assert Customer.objects.count() == 1


def test_an_edit_on_an_old_version_is_refused(fin: Membership) -> None:
    found = customer("Alder Pumps")
    url = f"/customers/{found.pk}/edit/?version={found.version}&field=region"
    browser = Browser(fin)
    assert browser.post(url, htmx=True, region="Suzhou").status_code == 204
    second = browser.post(url, htmx=True, region="Wuxi")
    assert second.status_code == 409
    found.refresh_from_db()
    assert found.region == "Suzhou"


def test_an_edit_of_one_field_leaves_the_others(fin: Membership) -> None:
    found = customer("Alder Pumps", industry="Pumps")
    assert Browser(fin).post(f"/customers/{found.pk}/edit/?field=region", htmx=True, region="Suzhou").status_code == 204
    found.refresh_from_db()
    assert (found.region, found.industry, found.name) == ("Suzhou", "Pumps", "Alder Pumps")
    assert Browser(fin).get(f"/customers/{found.pk}/edit/?field=tenant").status_code == 404


def test_an_action_that_needs_a_reason_asks_for_it_first(fin: Membership) -> None:
    found = customer("Alder Pumps")
    browser, url = Browser(fin), f"/customers/{found.pk}/do/set_hold/"
    dialog = browser.get(url, htmx=True)
    assert dialog.status_code == 200
    assert 'name="reason"' in dialog.content.decode()
    assert browser.post(url, htmx=True).status_code == 422
    done = browser.post(url, htmx=True, reason="Cheque bounced")
    assert done["HX-Refresh"] == "true"
    found.refresh_from_db()
    assert found.credit_hold_reason == "Cheque bounced"


def test_a_refused_action_says_why_and_changes_nothing(fin: Membership) -> None:
    found = customer("Alder Pumps")
    response = Browser(fin).post(f"/customers/{found.pk}/do/clear_hold/", htmx=True, reason="Paid")
    assert response.status_code == 409
    assert "not on hold" in json.loads(response["HX-Trigger"])["toast"]["text"]
    page = Browser(fin).post(f"/customers/{found.pk}/do/clear_hold/", reason="Paid")
    assert page.status_code == 409
    assert "not on hold" in page.content.decode()


def test_a_forbidden_action_is_403_and_a_button_nobody_sees(rep: Membership) -> None:
    found = customer("Alder Pumps", owner=rep)
    browser = Browser(rep)
    assert "Set on credit hold" not in browser.get(f"/customers/{found.pk}/").content.decode()
    assert browser.post(f"/customers/{found.pk}/do/set_hold/", htmx=True, reason="x").status_code == 403
    found.refresh_from_db()
    assert not found.credit_hold


@pytest.mark.parametrize("name", ["activate", "delete", "__init__", "save"])
def test_only_declared_transitions_for_people_can_be_asked_for(fin: Membership, name: str) -> None:
    found = customer("Alder Pumps")
    assert Browser(fin).post(f"/customers/{found.pk}/do/{name}/", htmx=True).status_code == 404


def test_a_page_that_the_role_does_not_include_is_403(inside: Tenant) -> None:
    assert Browser(make.member("dm")).get("/customers/new/").status_code == 403


def test_a_post_without_the_token_is_refused(fin: Membership) -> None:
    found = customer("Alder Pumps")
    browser = Browser(fin, enforce_csrf_checks=True)
    assert browser.post(f"/customers/{found.pk}/do/set_hold/", reason="x").status_code == 403
    found.refresh_from_db()
    assert not found.credit_hold


def test_one_action_over_many_reports_each_that_was_refused(fin: Membership) -> None:
    free, held = customer("Alder Pumps"), customer("Birch Valves", credit_limit=1)
    browser = Browser(fin)
    browser.post(f"/customers/{held.pk}/do/set_hold/", reason="Late")
    form: dict[str, Any] = {"action": "set_hold", "id": [str(free.pk), str(held.pk)]}
    asked = browser.post("/customers/bulk/", htmx=True, **form)
    assert asked.status_code == 200
    assert 'name="reason"' in asked.content.decode()
    report = browser.post("/customers/bulk/", htmx=True, **form, asked="1", reason="Audit")
    assert report.status_code == 200
    assert "Birch Valves" in report.content.decode()
    assert "on hold already" in report.content.decode()
    free.refresh_from_db()
    held.refresh_from_db()
    assert (free.credit_hold_reason, held.credit_hold_reason) == ("Audit", "Late")


def test_records_that_the_member_does_not_see_are_left_out_of_a_bulk_action(inside: Tenant) -> None:
    manager, stranger = make.member("mgr", team=make.team("North")), customer("Birch Valves", owner=make.member("rep"))
    response = Browser(manager).post("/customers/bulk/", htmx=True, action="blacklist", id=[str(stranger.pk)], asked="1", reason="x")
    assert response.status_code == 409
    stranger.refresh_from_db()
    assert stranger.state == "prospect"


def test_another_tenants_member_finds_no_workspace(db: None) -> None:
    north, south = make.tenant("north"), make.tenant("south")
    with acting_for(south):
        stranger = make.member("adm")
    with acting_for(north):
        found = customer("Alder Pumps")
    browser = Browser(stranger)
    assert browser.get(f"/t/north/customers/{found.pk}/").status_code == 404
    assert browser.get(f"/customers/{found.pk}/").status_code == 404


def test_an_edit_of_the_whole_record_keeps_its_owner(fin: Membership, rep: Membership) -> None:
    found = customer("Alder Pumps", owner=rep)
    form: dict[str, Any] = {"name": "Alder Pumps Ltd", "kind": "company", "region": "Wuxi", "version": found.version}
    assert Browser(fin).post(f"/customers/{found.pk}/edit/", **form).status_code == 302
    found.refresh_from_db()
    assert (found.name, found.region, found.owner) == ("Alder Pumps Ltd", "Wuxi", rep)


def test_a_manager_gives_a_customer_to_someone_else(inside: Tenant) -> None:
    team = make.team("North")
    manager, rep, other = make.member("mgr", team=team), make.member("rep", team=team), make.member("rep", team=team)
    found = customer("Alder Pumps", owner=rep)
    assert Browser(rep).get(f"/customers/{found.pk}/transfer/").status_code == 403
    browser = Browser(manager)
    assert "Transfer" in browser.get(f"/customers/{found.pk}/").content.decode()
    assert browser.post(f"/customers/{found.pk}/transfer/", htmx=True, owner=str(other.pk)).status_code == 204
    found.refresh_from_db()
    assert found.owner == other


def test_a_fragment_of_a_list_asks_for_less(fin: Membership) -> None:
    browser = Browser(fin)
    whole = queries(browser, "/customers/")
    with CaptureQueriesContext(connection) as captured:
        browser.get("/customers/", htmx=True)
    assert len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]) < whole


def test_a_link_is_given_only_to_who_may_open_it(fin: Membership) -> None:
    rep, found = make.member("rep"), customer("Alder Pumps", owner=fin)
    address = f"/customers/{found.pk}/"
    assert url_for(found).endswith(address)
    with reading_as(rep):
        assert url_for(found) == ""
    with reading_as(fin):
        assert url_for(found).endswith(address)
    assert list_url("customers:list", make.member("api")).endswith("/customers/")
    assert list_url("leads:list", fin) == list_url("nothing:list", fin) == ""


def test_the_way_to_cash_is_offered_where_there_is_one(fin: Membership) -> None:
    page = Browser(fin).get(f"/customers/{customer('Alder Pumps').pk}/").context["page"]
    assert page["trace_url"] is None
