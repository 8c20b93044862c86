"""F: a client that repeats a write, because it did not hear the answer, changes nothing twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from ltc.api.idempotency import forget_old
from ltc.api.models import IdempotencyKey
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Team
from tests import make
from tests.callers import Caller, caller_of

AT_ONCE = 50


def at_once(count: int, send: Callable[[int], Any]) -> list[Any]:
    """The answers to `count` requests sent at the same time, each on a connection of its own."""

    def one(number: int) -> Any:
        try:
            return send(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_fifty_repetitions_at_once_make_one_record_and_get_the_same_answer() -> None:
    tenant = make.tenant("north")
    secret = caller_of(tenant).secret
    answers = at_once(AT_ONCE, lambda number: Caller(secret).post("teams/", {"name": "East"}, Idempotency_Key="once"))
    assert Counter(answer.status_code for answer in answers) == {201: AT_ONCE}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    with acting_for(tenant):
        assert Team.objects.count() == 1
        assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_different_writes_at_once_all_happen() -> None:
    tenant = make.tenant("north")
    secret = caller_of(tenant).secret
    answers = at_once(AT_ONCE, lambda number: Caller(secret).post("teams/", {"name": f"Team {number}"}, Idempotency_Key=f"key-{number}"))
    assert Counter(answer.status_code for answer in answers) == {201: AT_ONCE}
    with acting_for(tenant):
        assert Team.objects.count() == AT_ONCE


def test_a_repetition_gets_the_same_answer(tenant: Tenant, caller: Caller) -> None:
    first = caller.post("teams/", {"name": "East", "parent": None}, Idempotency_Key="k1")
    again = caller.post("teams/", {"parent": None, "name": "East"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert (first.content, first["ETag"], first["Location"]) == (again.content, again["ETag"], again["Location"])
    with acting_for(tenant):
        assert Team.objects.count() == 1


def test_a_key_is_not_for_another_request(tenant: Tenant, caller: Caller) -> None:
    pk = caller.post("teams/", {"name": "East"}, Idempotency_Key="k1").json()["id"]
    other_body = caller.post("teams/", {"name": "West"}, Idempotency_Key="k1")
    other_address = caller.patch(f"teams/{pk}/", {"name": "East"}, Idempotency_Key="k1")
    other_caller = caller_of(tenant).post("teams/", {"name": "East"}, Idempotency_Key="k1")
    for response in (other_body, other_address, other_caller):
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_mismatch")
    with acting_for(tenant):
        assert [team.name for team in Team.objects.all()] == ["East"]


def test_the_same_key_of_another_tenant_has_its_own_effect(tenant: Tenant, other_tenant: Tenant, caller: Caller) -> None:
    ours = caller.post("teams/", {"name": "East"}, Idempotency_Key="k1")
    theirs = caller_of(other_tenant).post("teams/", {"name": "East"}, Idempotency_Key="k1")
    assert (theirs.status_code, "Idempotent-Replayed" in theirs) == (201, False)
    assert ours.json()["id"] != theirs.json()["id"]


def test_a_refused_request_may_be_repeated_with_its_key(tenant: Tenant, caller: Caller) -> None:
    assert caller.post("teams/", {"name": ""}, Idempotency_Key="k1").status_code == 400
    with acting_for(tenant):
        assert not IdempotencyKey.objects.exists()
    assert caller.post("teams/", {"name": "East"}, Idempotency_Key="k1").status_code == 201


def test_an_action_happens_once(caller: Caller) -> None:
    pk = caller.post("customers/", {"name": "Harbor Machines"}).json()["id"]
    for _attempt in range(3):
        held = caller.post(f"customers/{pk}/actions/set_hold/", {"reason": "Unpaid"}, Idempotency_Key="hold", If_Match='"v1"')
        assert (held.status_code, held["ETag"]) == (200, '"v2"')
    assert [entry["name"] for entry in caller.get(f"customers/{pk}/timeline/").json()["data"]] == ["set_hold", "created"]


@pytest.mark.parametrize("key", ["", "a" * 256, "with space", "schlüssel"])
def test_a_key_of_another_form_is_refused(caller: Caller, key: str) -> None:
    response = caller.post("teams/", {"name": "East"}, Idempotency_Key=key)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_invalid")


def test_answers_are_kept_for_two_days(tenant: Tenant, caller: Caller) -> None:
    caller.post("teams/", {"name": "East"}, Idempotency_Key="k1")
    with acting_for(tenant):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=49))
    assert caller.post("teams/", {"name": "West"}, Idempotency_Key="k1").status_code == 201
    with acting_for(tenant):
        assert forget_old() == 0
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=49))
        assert forget_old() == 1


def test_the_secret_of_a_new_key_is_not_kept_for_a_repetition(tenant: Tenant, caller: Caller) -> None:
    made = caller.post("keys/", {"name": "website", "access": ["leads:write"]}, Idempotency_Key="k1").json()
    with acting_for(tenant):
        assert made["key"] not in IdempotencyKey.objects.get().body
    again = caller.post("keys/", {"name": "website", "access": ["leads:write"]}, Idempotency_Key="k1")
    assert (again.json()["id"], again.json().get("key")) == (made["id"], None)
