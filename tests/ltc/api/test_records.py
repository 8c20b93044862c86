from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.customers.models import Customer
from ltc.money.models import TaxCode
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Team
from tests import make
from tests.callers import Caller, caller_of


@pytest.fixture
def tax_code(tenant: Tenant) -> TaxCode:
    with acting_for(tenant):
        return TaxCode.objects.create(code="VAT13", name="VAT 13 %", rate=Decimal("0.13"))


@pytest.fixture
def product(tax_code: TaxCode) -> dict[str, Any]:
    return {"sku": "P-1", "name": "Pump", "uom": "piece", "tax_code": str(tax_code.pk), "list_price": "12.50", "currency": "CNY"}


def problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json", response.content
    body = response.json()
    assert body["status"] == response.status_code
    assert body["instance"] == "urn:uuid:" + response["X-Request-Id"]
    return response.status_code, body["code"]


def teams(tenant: Tenant, count: int) -> None:
    with acting_for(tenant):
        for number in range(count):
            make.team(f"Team {number:03}")


def test_a_record_is_made_and_read_and_changed(tenant: Tenant, caller: Caller, product: dict[str, Any]) -> None:
    made = caller.post("products/", product)
    assert (made.status_code, made["ETag"]) == (201, '"v1"')
    body = made.json()
    assert (body["sku"], body["list_price"]) == ("P-1", "12.500000")
    assert made["Location"] == f"/api/v1/products/{body['id']}"
    assert caller.get(f"products/{body['id']}/").json() == body
    changed = caller.patch(f"products/{body['id']}/", {"name": "Big pump"}, If_Match='"v1"')
    assert (changed.json()["name"], changed["ETag"]) == ("Big pump", '"v2"')


def test_an_address_works_with_and_without_the_last_slash(caller: Caller, product: dict[str, Any]) -> None:
    assert caller.post("products", product).status_code == 201
    assert len(caller.get("products").json()["data"]) == 1


def test_a_change_of_what_someone_else_changed_is_refused(caller: Caller, product: dict[str, Any]) -> None:
    pk = caller.post("products/", product).json()["id"]
    caller.patch(f"products/{pk}/", {"name": "First"})
    assert problem(caller.patch(f"products/{pk}/", {"name": "Second"}, If_Match='"v1"')) == (412, "stale_version")
    assert problem(caller.patch(f"products/{pk}/", {"name": "Second"}, If_Match='W/"v2"')) == (412, "stale_version")
    assert caller.get(f"products/{pk}/").json()["name"] == "First"
    assert caller.patch(f"products/{pk}/", {"name": "Second"}, If_Match='"v9", "v2"').status_code == 200


def test_a_record_that_did_not_change_is_not_sent_again(caller: Caller, product: dict[str, Any]) -> None:
    pk = caller.post("products/", product).json()["id"]
    again = caller.get(f"products/{pk}/", If_None_Match='"v1"')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", '"v1"')
    left = int(again["X-RateLimit-Remaining"])
    assert int(caller.get(f"products/{pk}/", If_None_Match='"v1"')["X-RateLimit-Remaining"]) >= left
    assert caller.get(f"products/{pk}/", If_None_Match='"v2"').status_code == 200


def test_pages_follow_each_other_without_gap_or_repetition(tenant: Tenant, caller: Caller) -> None:
    teams(tenant, 7)
    for ordering in ("name", "-name", "created_at", "-created_at", ""):
        query, seen = f"limit=3&ordering={ordering}" if ordering else "limit=3", []
        page = caller.get(f"teams/?{query}").json()
        seen += page["data"]
        while page["has_more"]:
            page = caller.get(f"teams/?{query}&cursor={page['next_cursor']}").json()
            seen += page["data"]
        assert page["next_cursor"] is None
        values = [team[ordering.removeprefix("-") or "id"] for team in seen]
        assert (len(values), values) == (7, sorted(values, reverse=not ordering or ordering.startswith("-")))


def test_rows_without_a_sort_value_come_last_on_the_pages_too(tenant: Tenant, caller: Caller) -> None:
    with acting_for(tenant):
        for number in range(6):
            moment = f"2026-01-0{number + 1}T00:00:00Z" if number % 2 else None
            Customer.objects.create(name=f"Customer {number}", last_activity_at=moment)
    for ordering in ("last_activity_at", "-last_activity_at"):
        page, seen = caller.get(f"customers/?limit=2&ordering={ordering}").json(), []
        seen += page["data"]
        while page["has_more"]:
            page = caller.get(f"customers/?limit=2&ordering={ordering}&cursor={page['next_cursor']}").json()
            seen += page["data"]
        moments = [row["last_activity_at"] for row in seen]
        assert len({row["id"] for row in seen}) == 6
        assert moments[3:] == [None, None, None]
        assert moments[:3] == sorted(moments[:3], reverse=ordering.startswith("-"))


def test_a_list_counts_only_when_it_is_asked_to(tenant: Tenant, caller: Caller) -> None:
    teams(tenant, 3)
    assert "count" not in caller.get("teams/").json()
    assert caller.get("teams/?include=count&limit=1").json()["count"] == 3


def test_a_list_takes_the_same_number_of_queries_whatever_its_length(tenant: Tenant, caller: Caller) -> None:
    teams(tenant, 2)
    caller.get("teams/")
    with CaptureQueriesContext(connection) as few:
        caller.get("teams/")
    teams(tenant, 0)
    with acting_for(tenant):
        Team.objects.bulk_create([Team(name=f"More {number}", path=f"/{number}/") for number in range(60)])
    with CaptureQueriesContext(connection) as many:
        assert len(caller.get("teams/?limit=60").json()["data"]) == 60
    assert len(many) == len(few) <= 8


def test_only_the_wanted_fields_are_sent(tenant: Tenant, caller: Caller) -> None:
    teams(tenant, 1)
    (row,) = caller.get("teams/?fields=name").json()["data"]
    assert set(row) == {"id", "name"}
    assert set(caller.get(f"teams/{row['id']}/?fields=name,parent").json()) == {"id", "name", "parent"}


def test_search_finds_part_of_a_name(tenant: Tenant, caller: Caller) -> None:
    teams(tenant, 12)
    assert [team["name"] for team in caller.get("teams/?search=m 011").json()["data"]] == ["Team 011"]


def test_filters_narrow_the_list(caller: Caller, product: dict[str, Any]) -> None:
    caller.post("products/", product)
    caller.post("products/", {**product, "sku": "S-1", "kind": "service"})
    assert [row["sku"] for row in caller.get("products/?kind=service").json()["data"]] == ["S-1"]


def test_another_tenants_record_does_not_exist(tenant: Tenant, other_tenant: Tenant, caller: Caller) -> None:
    with acting_for(other_tenant):
        theirs = make.team("Theirs")
    for path in (f"teams/{theirs.pk}/", f"teams/{theirs.pk}/timeline/", f"teams/{theirs.pk}/changes/"):
        assert problem(caller.get(path)) == (404, "not_found")
    assert problem(caller.patch(f"teams/{theirs.pk}/", {"name": "Mine"})) == (404, "not_found")
    assert problem(caller.post(f"teams/{theirs.pk}/notes/", {"body": "Hello"})) == (404, "not_found")


def test_another_tenants_reference_is_refused_like_one_that_is_missing(tenant: Tenant, other_tenant: Tenant, caller: Caller) -> None:
    with acting_for(other_tenant):
        theirs = make.team("Theirs")
    foreign = caller.post("teams/", {"name": "Ours", "parent": str(theirs.pk)})
    missing = caller.post("teams/", {"name": "Ours", "parent": str(uuid4())})
    assert problem(foreign) == problem(missing) == (400, "invalid")
    assert foreign.json()["errors"] == missing.json()["errors"]
    assert foreign.json()["errors"][0]["pointer"] == "/parent"
    with acting_for(tenant):
        assert not Team.objects.exists()


def test_a_reference_to_a_record_that_the_caller_does_not_see_is_refused(tenant: Tenant) -> None:
    with acting_for(tenant):
        hidden = Customer.objects.create(name="Hidden", owner=make.member("rep"))
    reader = caller_of(tenant, "activities:write", "leads:write")
    assert problem(reader.get(f"customers/{hidden.pk}/")) == (403, "permission_denied")
    writer = caller_of(tenant, "customers:write", role="rep")  # a rep sees its own customers; a key owns none
    assert problem(writer.post("contacts/", {"customer": str(hidden.pk), "name": "Ann"})) == (400, "invalid")
    assert problem(writer.get(f"customers/{hidden.pk}/")) == (404, "not_found")


def test_what_exists_already_is_a_conflict(caller: Caller, product: dict[str, Any]) -> None:
    caller.post("teams/", {"name": "East"})
    again = caller.post("teams/", {"name": "East"})
    assert problem(again) == (409, "already_exists")
    assert again.json()["errors"][0]["code"] == "team_name_is_unique"


def test_what_a_rule_says_is_a_conflict_with_the_rules_code(caller: Caller) -> None:
    parent = caller.post("teams/", {"name": "East"}).json()
    refused = caller.patch(f"teams/{parent['id']}/", {"parent": parent["id"]})
    assert problem(refused) == (409, "team_loop")
    assert refused.json()["errors"][0]["pointer"] == "/parent"


def test_the_actions_of_a_record_are_listed_with_what_they_ask(caller: Caller) -> None:
    pk = caller.post("customers/", {"name": "Harbor Machines"}).json()["id"]
    offered = {action["name"]: action for action in caller.get(f"customers/{pk}/actions/").json()["data"]}
    assert offered["set_hold"]["allowed"]
    assert [asked["name"] for asked in offered["set_hold"]["inputs"]] == ["reason"]
    assert not offered["clear_hold"]["allowed"]
    assert offered["clear_hold"]["reasons"] == ["This customer is not on hold."]
    assert "activate" not in offered


def test_an_action_is_taken_with_its_inputs(caller: Caller) -> None:
    made = caller.post("customers/", {"name": "Harbor Machines"})
    pk = made.json()["id"]
    held = caller.post(f"customers/{pk}/actions/set_hold/", {"reason": "Unpaid", "note": "Ask finance"}, If_Match='"v1"')
    assert (held.status_code, held.json()["credit_hold"], held["ETag"]) == (200, True, '"v2"')
    entry = caller.get(f"customers/{pk}/timeline/").json()["data"][0]
    assert (entry["name"], entry["data"], entry["body"]) == ("set_hold", {"reason": "Unpaid"}, "Ask finance")


def test_an_action_that_the_state_does_not_allow_is_a_conflict(caller: Caller) -> None:
    pk = caller.post("customers/", {"name": "Harbor Machines"}).json()["id"]
    assert problem(caller.post(f"customers/{pk}/actions/clear_hold/", {"reason": "Paid"})) == (409, "invalid_transition")
    assert problem(caller.post(f"customers/{pk}/actions/set_hold/", {})) == (400, "invalid")
    assert problem(caller.post(f"customers/{pk}/actions/set_hold/", {"reason": "x", "state": "active"})) == (400, "invalid")
    assert problem(caller.post(f"customers/{pk}/actions/set_hold/", {"reason": "x"}, If_Match='"v7"')) == (412, "stale_version")
    for name in ("delete", "save", "activate", "__init__"):
        response = caller.post(f"customers/{pk}/actions/{name}/", {})
        assert response.status_code == 404
    assert caller.get(f"customers/{pk}/").json()["credit_hold"] is False


def test_an_action_that_the_caller_may_not_take_is_forbidden(tenant: Tenant, caller: Caller) -> None:
    pk = caller.post("customers/", {"name": "Harbor Machines"}).json()["id"]
    reader = caller_of(tenant, "customers:read")
    assert problem(reader.post(f"customers/{pk}/actions/set_hold/", {"reason": "Unpaid"})) == (403, "permission_denied")
    assert not any(action["allowed"] for action in reader.get(f"customers/{pk}/actions/").json()["data"])


def test_notes_join_the_timeline(caller: Caller) -> None:
    pk = caller.post("customers/", {"name": "Harbor Machines"}).json()["id"]
    assert caller.post(f"customers/{pk}/notes/", {"body": "Called back."}).status_code == 201
    assert [entry["body"] for entry in caller.get(f"customers/{pk}/timeline/?limit=1").json()["data"]] == ["Called back."]
    page = caller.get(f"customers/{pk}/timeline/?limit=1").json()
    assert [entry["name"] for entry in caller.get(f"customers/{pk}/timeline/?cursor={page['next_cursor']}").json()["data"]] == ["created"]


def test_changes_say_what_was_changed_from_what_to_what(caller: Caller, product: dict[str, Any]) -> None:
    pk = caller.post("products/", product).json()["id"]
    caller.patch(f"products/{pk}/", {"name": "Big pump", "active": False})
    change = caller.get(f"products/{pk}/changes/?limit=1").json()["data"][0]
    assert change["actor"].startswith("api:")
    assert change["fields"] == [{"field": "name", "from": "Pump", "to": "Big pump"}, {"field": "active", "from": True, "to": False}]


def test_who_may_not_change_a_record_does_not_see_its_changes(tenant: Tenant, caller: Caller, product: dict[str, Any]) -> None:
    pk = caller.post("products/", product).json()["id"]
    assert problem(caller_of(tenant, "catalog:read").get(f"products/{pk}/changes/")) == (403, "permission_denied")


def test_a_customer_comes_with_its_people_and_is_kept_once(caller: Caller) -> None:
    body = {"name": "广州海港机械有限公司", "contacts": [{"name": "王芳", "phone": "13812345678"}]}
    made = caller.post("customers/", body)
    assert made.status_code == 201
    (person,) = caller.get(f"contacts/?customer={made.json()['id']}").json()["data"]
    assert (person["name"], person["phone"]) == ("王芳", "+8613812345678")
    assert problem(caller.post("customers/", {"name": "广州海港机械有限公司"})) == (409, "duplicate_customer")
    assert caller.get("customers/?search=海港").json()["data"][0]["id"] == made.json()["id"]
    assert problem(caller.patch(f"contacts/{person['id']}/", {"customer": made.json()["id"]})) == (400, "invalid")


def test_a_customer_is_given_to_another_owner(tenant: Tenant, caller: Caller) -> None:
    with acting_for(tenant):
        rep = make.member("rep")
    pk = caller.post("customers/", {"name": "Harbor Machines"}).json()["id"]
    assert caller.post(f"customers/{pk}/transfer/", {"owner": str(rep.pk)}).json()["owner"] == str(rep.pk)
