"""Every REST route asks who calls, keeps to the caller's tenant and rights, and reads a list in a fixed number of queries.

The routes are taken from the router, so a new one is under contract on the day it is born.
"""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ltc.api import urls
from ltc.api.fields import TenantRelatedField
from ltc.api.routers import router
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.contracts.rows import make_row

OPEN = {"api-schema", "api-docs"}
"""Routes that need no caller: what the API is, is no secret."""
MOST_QUERIES = 8
RECORDS = {prefix: viewset for prefix, viewset, _name in router.registry}
NOWHERE = "0190b0b0-0000-7000-8000-000000000000"


def addresses() -> dict[str, str]:
    """Every route by name, with its groups filled in."""
    found = {}
    for pattern in urls.urlpatterns:
        text = str(pattern.pattern).removeprefix("^").removesuffix("$").replace("/?", "/").removesuffix("\\Z")
        text = re.sub(r"\(\?P<pk>[^)]*\)", NOWHERE, text)
        found[str(pattern.name)] = re.sub(r"\(\?P<\w+>[^)]*\)", "x", text)
    return found


@pytest.mark.parametrize("name", sorted(addresses().keys() - OPEN))
def test_every_route_asks_who_calls(db: None, name: str) -> None:
    response = Client().get(f"/api/v1/{addresses()[name]}")
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("prefix", RECORDS)
def test_a_record_is_there_for_its_tenant_and_for_no_other(tenant: Tenant, other_tenant: Tenant, prefix: str) -> None:
    viewset: Any = RECORDS[prefix]
    with acting_for(tenant):
        pk = make_row(viewset.model).pk
    own, stranger = caller_of(tenant), caller_of(other_tenant)
    assert own.get(f"{prefix}/{pk}/").status_code == (200 if viewset.offers("retrieve") else 404)
    assert str(pk) in {str(row["id"]) for row in own.get(f"{prefix}/?limit=200").json()["data"]}
    assert str(pk) not in {str(row["id"]) for row in stranger.get(f"{prefix}/?limit=200").json()["data"]}
    for suffix in ("", "timeline/", "changes/", "actions/", "trace/", "pdf/"):
        assert stranger.get(f"{prefix}/{pk}/{suffix}").status_code == 404, suffix
    for suffix in ("notes/", "actions/whatever/"):
        assert stranger.post(f"{prefix}/{pk}/{suffix}", {"body": "x"}, Idempotency_Key="a", If_Match="*").status_code == 404, suffix
    assert stranger.patch(f"{prefix}/{pk}/", {}, If_Match="*").status_code == (
        404 if viewset.offers("partial_update") or not viewset.offers("retrieve") else 405
    )


@pytest.mark.parametrize("prefix", RECORDS)
def test_a_caller_without_the_right_reads_and_makes_nothing(tenant: Tenant, prefix: str) -> None:
    with acting_for(tenant):
        pk = make_row(RECORDS[prefix].model).pk
    nobody = caller_of(tenant, "jobs:read")
    assert nobody.get(f"{prefix}/").status_code == 403
    assert nobody.get(f"{prefix}/{pk}/").status_code == (403 if RECORDS[prefix].offers("retrieve") else 404)
    made = nobody.post(f"{prefix}/", {}, Idempotency_Key="a")
    assert made.status_code in ({400, 403} if RECORDS[prefix].offers("create") else {405})


@pytest.mark.parametrize("prefix", [prefix for prefix, viewset in RECORDS.items() if viewset.add])
def test_another_tenants_record_is_no_reference(tenant: Tenant, other_tenant: Tenant, prefix: str) -> None:
    serializer: Any = RECORDS[prefix].serializer_class()
    caller = caller_of(tenant)
    for name, field in serializer.fields.items():
        if not isinstance(field, TenantRelatedField) or field.read_only:
            continue
        with acting_for(other_tenant):
            theirs = make_row(field.queryset.model).pk
        foreign, missing = (
            [
                error
                for error in caller.post(f"{prefix}/", {name: str(pk)}, Idempotency_Key=str(pk)).json()["errors"]
                if error["pointer"] == f"/{name}"
            ]
            for pk in (theirs, uuid4())
        )
        assert foreign == missing != [], name


@pytest.mark.parametrize("prefix", RECORDS)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(tenant: Tenant, caller: Caller, prefix: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert caller.get(f"{prefix}/?limit=50").status_code == 200
        return len(captured)

    with acting_for(tenant):
        make_row(RECORDS[prefix].model)
    queries()
    few = queries()
    with acting_for(tenant):
        for _number in range(5):
            make_row(RECORDS[prefix].model)
    assert queries() == few <= MOST_QUERIES
