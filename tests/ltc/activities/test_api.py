"""Activities by REST."""

import uuid
from typing import Any

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.customers.services import create_customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from tests.callers import Caller, caller_of
from tests.leads import make as leads


def pumps(tenant: Tenant) -> Any:
    with acting_for(tenant):
        return create_customer(actor=SYSTEM, name="Alder Pumps")


def test_a_call_is_logged_and_found_by_its_record(tenant: Tenant, caller: Caller) -> None:
    customer = pumps(tenant)
    logged = caller.post(
        "activities/", {"subject_type": "customers.customer", "subject": str(customer.pk), "kind": "call", "result": "Wants 40."}
    )
    assert logged.status_code == 201, logged.content
    found = caller.get(f"activities/?subject={customer.pk}&kind=call").json()["data"]
    assert [(each["id"], each["result"], each["subject_name"]) for each in found] == [(logged.json()["id"], "Wants 40.", "Alder Pumps")]


def test_a_task_is_open_until_done(tenant: Tenant, caller: Caller) -> None:
    customer = pumps(tenant)
    task = {"subject_type": "customers.customer", "subject": str(customer.pk), "kind": "task", "result": "Send the quote"}
    made = caller.post("activities/", task).json()
    assert [each["id"] for each in caller.get("activities/?is_open=true").json()["data"]] == [made["id"]]
    assert caller.post(f"activities/{made['id']}/done/", {}).json()["done_at"]
    assert caller.get("activities/?is_open=true").json()["data"] == []


def test_a_record_that_is_not_seen_is_unknown(tenant: Tenant, other_tenant: Tenant, caller: Caller) -> None:
    theirs = pumps(other_tenant)
    for kind, pk in (("customers.customer", theirs.pk), ("customers.customer", uuid.uuid4()), ("users.user", theirs.pk)):
        answer = caller.post("activities/", {"subject_type": kind, "subject": str(pk), "kind": "note", "result": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_record")
    with acting_for(tenant):
        assert not Activity.objects.exists()


def test_a_key_without_the_area_logs_nothing(tenant: Tenant) -> None:
    customer = pumps(tenant)
    reader = caller_of(tenant, "customers:read")
    body = {"subject_type": "customers.customer", "subject": str(customer.pk), "kind": "note", "result": "x"}
    assert reader.post("activities/", body).status_code == 403


def test_what_was_done_about_a_record_is_told_to_those_who_see_it(tenant: Tenant) -> None:
    with acting_for(tenant):
        lead, customer = leads.lead(), create_customer(actor=SYSTEM, name="Harbor Ltd")
        for subject in (lead, customer):
            log_activity(subject, kind=Activity.Kind.NOTE, actor=SYSTEM, result=f"about {subject.pk}")
    told = caller_of(tenant, "activities:read", "customers:read", role="fin").get("activities/").json()["data"]
    assert [row["subject"] for row in told] == [str(customer.pk)]
    assert len(caller_of(tenant).get("activities/").json()["data"]) == 2
