import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Channel, Lead
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key
from tests import make
from tests.leads import make as leads


class Caller:
    """A program with an API key."""

    def __init__(self, secret: str) -> None:
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}")

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"/api/v1/{path}", data=body, content_type="application/json", headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(f"/api/v1/{path}", data=body, content_type="application/json", headers=headers)

    def upload(self, path: str, **parts: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", data=parts)


@pytest.fixture
def caller_of(tenant: Tenant) -> Callable[..., Caller]:
    def caller(*access: str, **options: Any) -> Caller:
        with acting_for(tenant):
            _key, secret = issue_key(created_by=SYSTEM, name="test", access=access or ["*"], **options)
        return Caller(secret)

    return caller


@pytest.fixture
def caller(caller_of: Callable[..., Caller]) -> Caller:
    return caller_of()


@pytest.fixture
def channel(tenant: Tenant) -> Channel:
    with acting_for(tenant):
        return leads.channel()


@pytest.fixture
def body(channel: Channel) -> dict[str, Any]:
    return {"contact_name": "Ada", "company_name": "Example", "phone": "13800008000", "channel": str(channel.pk)}


def test_a_lead_is_captured_read_and_corrected(caller: Caller, body: dict[str, Any]) -> None:
    made = caller.post(
        "leads/", {**body, "touch": {"url": "https://example.com/?utm_source=x"}, "captured_at": "2026-05-01T09:00:00+08:00"}
    )
    assert made.status_code == 201, made.content
    lead = made.json()
    assert (lead["state"], lead["phone"], lead["captured_at"], lead["masked"]) == ("new", "+8613800008000", "2026-05-01T01:00:00Z", False)
    assert lead["duplicates"] == []
    [first] = caller.get(f"leads/{lead['id']}/touches/").json()["data"]
    assert (first["url"], first["kind"]) == ("https://example.com/?utm_source=x", "capture")
    changed = caller.patch(f"leads/{lead['id']}/", {"region": "Foshan"}, If_Match='"v1"')
    assert (changed.status_code, changed.json()["region"], changed["ETag"]) == (200, "Foshan", '"v2"')


def test_duplicates_come_with_the_answer(caller: Caller, body: dict[str, Any]) -> None:
    first = caller.post("leads/", body).json()
    second = caller.post("leads/", body).json()
    assert [(like["kind"], like["id"], like["rule"]) for like in second["duplicates"]] == [("lead", first["id"], "same_name")]
    assert caller.get(f"leads/{first['id']}/duplicates/").json()["data"][0]["id"] == second["id"]


@pytest.mark.parametrize(
    ("wrong", "pointer"), [({"phone": "12"}, "/phone"), ({"state": "won"}, "/state"), ({"phone": ""}, "/phone"), ({"shoe": 1}, "/shoe")]
)
def test_what_makes_no_sense_is_pointed_at(
    tenant: Tenant, caller: Caller, body: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    answer = caller.post("leads/", {**body, **wrong})
    assert answer.status_code in (400, 409) and answer.json()["errors"][0]["pointer"] == pointer, answer.content
    with acting_for(tenant):
        assert not Lead.objects.exists()


def test_a_lead_is_worked_by_rest(tenant: Tenant, caller: Caller, body: dict[str, Any]) -> None:
    with acting_for(tenant):
        owner, reason = make.member("rep"), leads.close_reason()
    known = {"budget": "approved", "authority": "influencer", "need_level": "clear"}
    pk = caller.post("leads/", {**body, **known}).json()["id"]

    def act(name: str, **inputs: Any) -> Any:
        return caller.post(f"leads/{pk}/actions/{name}/", inputs)

    assert act("assign", owner=str(owner.pk)).json()["state"] == "assigned"
    assert act("log_first_contact", channel="call", note="Spoke to Ada").json()["state"] == "working"
    assert act("qualify").json()["qualified_at"] is not None
    refused = act("log_first_contact", channel="call")
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    closed = act("disqualify", reason=str(reason.pk)).json()
    assert (closed["state"], closed["close_reason"]) == ("disqualified", str(reason.pk))
    offered = caller.get(f"leads/{pk}/actions/").json()["data"]
    assert [(offer["name"], offer["allowed"]) for offer in offered] == [("reopen", True)]
    names = [entry["name"] for entry in caller.get(f"leads/{pk}/timeline/").json()["data"]]
    assert names == ["disqualify", "qualify", "log_first_contact", "assign", "capture"]


def test_two_hundred_leads_come_at_once_each_by_itself(tenant: Tenant, caller: Caller, body: dict[str, Any]) -> None:
    known = {"source_system": "shop", "external_ref": "1"}
    items = [{**body, **known}, {**body, "phone": ""}, {**body, "colour": "red"}, {**body, **known, "region": "Foshan"}]
    results = caller.post("leads/batch/", {"items": items}).json()["data"]
    assert [result["status"] for result in results] == [201, 409, 400, 200]
    assert results[0]["id"] == results[3]["id"] and results[2]["error"]["errors"][0]["pointer"] == "/colour"
    with acting_for(tenant):
        assert Lead.objects.get().region == "Foshan"
    assert caller.post("leads/batch/", {"items": [body] * 201}).status_code == 400


def test_the_list_is_narrowed_ordered_and_searched(tenant: Tenant, caller: Caller, channel: Channel) -> None:
    with acting_for(tenant):
        hot = leads.lead(company_name="Yueheng", industry_match="target", seniority="decision_maker")
        cold = leads.lead(company_name="Borealis", channel=leads.channel("fair"))
        run_pending()

    def found(query: str) -> list[str]:
        return [lead["id"] for lead in caller.get(f"leads/?{query}").json()["data"]]

    assert found("") == [str(cold.pk), str(hot.pk)]
    assert found("ordering=-score") == [str(hot.pk), str(cold.pk)]
    assert found("search=yueh") == [str(hot.pk)] == found("score__gte=20")
    assert found(f"channel={channel.pk}") == [str(hot.pk)]
    assert found("state__in=working,qualified") == [] == found("owner__isnull=false")
    assert caller.get("leads/?ordering=phone").status_code == 400
    assert caller.get("leads/?phone=1").status_code == 400


def test_the_list_costs_as_much_for_many_as_for_few(tenant: Tenant, caller: Caller, body: dict[str, Any]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            caller.get("leads/?limit=200")
        return len(found)

    with acting_for(tenant):
        owner = make.member("rep")
        leads.lead(owner=owner)
    caller.get("leads/")
    few = queries()
    with acting_for(tenant):
        for _ in range(12):
            leads.lead(owner=owner)
    assert queries() == few <= 8


def test_who_reads_only_the_pool_gets_masks(tenant: Tenant, caller_of: Callable[..., Caller]) -> None:
    with acting_for(tenant):
        lead = leads.lead(phone="13800008000", source_detail={"cells": {"phone": "138 0000 8000"}})
    said = caller_of("leads:read", role="exec").get(f"leads/{lead.pk}/").json()
    assert (said["phone"], said["masked"], said["source_detail"]) == ("+86138****8000", True, {})


def test_events_are_appended_and_count_once(tenant: Tenant, caller: Caller, body: dict[str, Any]) -> None:
    pk = caller.post("leads/", body).json()["id"]
    event = {"lead": pk, "type": "quote_request", "source": "web", "dedupe_key": "k1"}
    assert [caller.post("lead-events/", event).status_code for _ in range(2)] == [201, 200]
    assert caller.post("lead-events/", {**event, "type": "sneeze", "dedupe_key": "k2"}).status_code == 400
    assert len(caller.get(f"lead-events/?lead={pk}").json()["data"]) == 1
    assert caller.patch("lead-events/1/", {}).status_code in (404, 405)


def test_channels_are_kept_by_rest(caller: Caller, caller_of: Callable[..., Caller]) -> None:
    made = caller.post("channels/", {"name": "Canton Fair", "kind": "exhibition"})
    assert (made.status_code, made.json()["code"]) == (201, "canton-fair")
    assert caller.patch(f"channels/{made.json()['id']}/", {"active": False}).json()["active"] is False
    assert caller.post("channels/", {"name": "Canton Fair"}).status_code in (400, 409)
    campaign = caller.post("campaigns/", {"channel": made.json()["id"], "name": "Autumn", "budget": "1000.00"})
    assert campaign.status_code == 201, campaign.content
    assert caller_of("channels:write", role="rep").post("channels/", {"name": "Mine"}).status_code == 403


CSV = b"LeadID,ContactID,LeadStatus,LeadSource\nL1,C1,New,Fair\nL2,C9,New,Fair\n"
PEOPLE = b"ContactID,FullName,Email\nC1,Ada,ada@example.com\n"


def test_two_files_are_imported_by_rest(tenant: Tenant, caller: Caller) -> None:
    made = caller.upload(
        "lead-imports/", file=SimpleUploadedFile("Leads.csv", CSV), contacts=SimpleUploadedFile("Contacts.csv", PEOPLE), source_system="old"
    )
    assert made.status_code == 201, made.content
    batch = made.json()
    assert (batch["state"], batch["total"], batch["results"]["with_errors"]) == ("checked", 2, 1)
    path = f"lead-imports/{batch['id']}"
    mapped = caller.patch(f"{path}/", {"states": {"New": "disqualified"}, "channels": {"Fair": "canton"}})
    assert mapped.json()["values"] == {"state": {"New": "disqualified"}, "channel": {"Fair": "canton"}}, mapped.content
    assert caller.post(f"{path}/run/", {}).status_code == 202
    with acting_for(tenant):
        run_pending()
        assert Lead.objects.get().channel.name == "Fair"
    done = caller.get(f"{path}/").json()
    assert (done["state"], done["results"]["created"], done["results"]["failed"]) == ("done", 1, 1)
    [failed] = caller.get(f"{path}/rows/?outcome=failed").json()["data"]
    assert failed["line"] == 3 and "There is no name" in failed["errors"][0]
    assert b"C9" in caller.get(f"{path}/failed/").content
    assert caller.post(f"{path}/run/", {}).status_code == 409


def test_rows_are_imported_by_rest(tenant: Tenant, caller: Caller) -> None:
    rows = [{"contact_name": "Ada", "email": "ada@example.com", "need_level": "clear"}, {"contact_name": "Bo"}]
    batch = caller.post("lead-imports/", {"rows": rows}).json()
    assert (batch["columns"]["need_level"], batch["results"]["with_errors"]) == ("need_level", 1)
    caller.post(f"lead-imports/{batch['id']}/run/", {})
    with acting_for(tenant):
        run_pending()
        assert Lead.objects.get().need_level == "clear"


@pytest.mark.parametrize("wrong", [{}, {"rows": []}, {"rows": [1]}, {"rows": [{"a": "b"}], "states": {"x": "won"}}])
def test_an_import_that_makes_no_sense_is_refused(caller: Caller, wrong: dict[str, Any]) -> None:
    assert caller.post("lead-imports/", json.dumps(wrong)).status_code == 400


def test_what_is_no_table_is_refused(caller: Caller) -> None:
    answer = caller.upload("lead-imports/", file=SimpleUploadedFile("x.csv", b"Name\n"))
    assert (answer.status_code, answer.json()["code"]) == (409, "unreadable_file")
