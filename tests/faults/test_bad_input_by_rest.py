"""Bad input of all kinds meets the REST API: the answer is a 4xx problem document, never a 500, and nothing is changed."""

import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ltc.catalog.models import Product
from ltc.money.models import TaxCode
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller

DEEP = "[" * 100_000
BODIES: dict[str, tuple[bytes, int]] = {
    "NUL in a text": (b'{"name": "a\\u0000b"}', 400),
    "a lone surrogate": (b'{"name": "a\\ud800b"}', 400),
    "a lone surrogate as a key": (b'{"\\ud800": 1}', 400),
    "100,000 brackets": (DEEP.encode(), 400),
    "5,000 brackets in a field": (b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
    "21 objects deep": (b'{"a":' * 21 + b"1" + b"}" * 21, 400),
    "not closed": (b'{"name": "a"', 400),
    "invalid UTF-8": (b'{"name": "\xff\xfe"}', 400),
    "a byte order mark": (b'\xef\xbb\xbf{"name": "a"}', 400),
    "NaN": (b'{"list_price": NaN}', 400),
    "Infinity": (b'{"list_price": -Infinity}', 400),
    "a key twice": (b'{"name": "a", "name": "b"}', 400),
    "an integer of 200 digits": (b'{"lead_time_days": ' + b"9" * 200 + b"}", 400),
    "an integer of 5,000 digits": (b'{"lead_time_days": ' + b"9" * 5000 + b"}", 400),
    "an integer beyond the column": (b'{"lead_time_days": 99999999999}', 400),
    "a negative count": (b'{"lead_time_days": -1}', 400),
    "a float with a huge exponent": (b'{"list_price": 1e999}', 400),
    "a number as text for an integer": (b'{"lead_time_days": "12"}', 400),
    "true for an integer": (b'{"lead_time_days": true}', 400),
    "true for an amount": (b'{"list_price": true}', 400),
    "full-width digits": ('{"list_price": "１２"}'.encode(), 400),
    "an amount with an exponent": (b'{"list_price": "1e3"}', 400),
    "an amount with too many digits": (b'{"list_price": "1234567890123456789012"}', 400),
    "a negative price": (b'{"list_price": "-1"}', 400),
    "a number for a text": (b'{"name": 5}', 400),
    "a list for a text": (b'{"name": ["a"]}', 400),
    "null for a text": (b'{"name": null}', 400),
    "text for a boolean": (b'{"active": "true"}', 400),
    "1 for a boolean": (b'{"active": 1}', 400),
    "an unknown field": (b'{"is_admin": true}', 400),
    "the tenant": (b'{"tenant": 1}', 400),
    "a read-only field": (b'{"version": 9}', 400),
    "an id": (b'{"id": "0190b0b0-0000-7000-8000-000000000000"}', 400),
    "a choice that is none": (b'{"kind": "weapon"}', 400),
    "a number for a choice": (b'{"kind": 1}', 400),
    "a currency that is none": (b'{"currency": "ZZZ"}', 400),
    "a reference that is no id": (b'{"tax_code": "1"}', 400),
    "a number for a reference": (b'{"tax_code": 1}', 400),
    "an object for a reference": (b'{"tax_code": {"id": 1}}', 400),
    "a list for the body": (b"[]", 400),
    "a text for the body": (b'"a"', 400),
    "null for the body": (b"null", 400),
    "an overlong text": (b'{"name": "' + b"a" * 201 + b'"}', 400),
    "two megabytes": (b'{"name": "' + b"a" * 2_000_000 + b'"}', 413),
}
QUERIES: dict[str, int] = {
    "unknown=1": 400,
    "limit=0": 400,
    "limit=-1": 400,
    "limit=201": 400,
    "limit=1000000000": 400,
    "limit=AAA": 400,
    "limit=٣": 400,
    "limit=10&limit=20": 400,
    "offset=1": 400,
    "cursor=AAA": 400,
    "cursor=%00": 400,
    "cursor=W10": 400,
    "cursor=bnVsbA": 400,
    "cursor=WyItaWQiLCBudWxsLCAiMSJd": 400,
    "ordering=tenant__name": 400,
    "ordering=--name": 400,
    "ordering=": 400,
    "fields=password": 400,
    "fields=": 400,
    "include=secrets": 400,
    "search=" + "a" * 101: 400,
    "search=%00": 400,
    "search=%ED%A0%80": 200,
    "kind=weapon": 400,
    "active=perhaps": 400,
    "created_at__gte=yesterday": 400,
    "created_at__gte=0000-00-00T00:00:00Z": 400,
    "created_at__gte=99999-01-01T00:00:00Z": 400,
    "kind__gte=a": 400,
    "format=xml": 400,
    "%00=1": 400,
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Four hundred kinds of refusals need not be read in the log."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def product(tenant: Tenant) -> dict[str, Any]:
    with acting_for(tenant):
        tax_code = TaxCode.objects.create(code="VAT13", name="VAT 13 %", rate=Decimal("0.13"))
    return {"sku": "P-1", "name": "Pump", "uom": "piece", "tax_code": str(tax_code.pk), "list_price": "12.50", "currency": "CNY"}


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status, response.content[:500]
    if status >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize("what", BODIES)
def test_a_bad_body_is_refused(tenant: Tenant, caller: Caller, product: dict[str, Any], what: str) -> None:
    raw, status = BODIES[what]
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    body = json.dumps({**product, **values}).encode() if isinstance(values, dict) and status == 400 and b"\\u" not in raw else raw
    if raw.startswith(b"\xef") or b'"name": "a", "name"' in raw or b"NaN" in raw or b"Infinity" in raw or b"1e999" in raw:
        body = raw
    assert_problem(caller.client.post("/api/v1/products/", data=body, content_type="application/json"), status)
    with acting_for(tenant):
        assert not Product.objects.exists()


@pytest.mark.parametrize("what", BODIES)
def test_a_bad_change_is_refused(tenant: Tenant, caller: Caller, product: dict[str, Any], what: str) -> None:
    raw, status = BODIES[what]
    pk = caller.post("products/", product).json()["id"]
    assert_problem(caller.client.patch(f"/api/v1/products/{pk}/", data=raw, content_type="application/json"), status)
    with acting_for(tenant):
        assert Product.objects.get().version == 1


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_address_is_refused(caller: Caller, query: str) -> None:
    assert_problem(caller.client.get(f"/api/v1/products/?{query}"), QUERIES[query])


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("text/plain", 415),
        ("application/xml", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=zzz", 415),
        ("application/json; charset=utf-16", 415),
        ("", 415),
        ("json", 415),
        ("application/json; charset=utf-8", 400),
    ],
)
def test_a_body_of_another_form_is_refused(caller: Caller, media_type: str, status: int) -> None:
    assert_problem(caller.client.generic("POST", "/api/v1/products/", data=b"{}", content_type=media_type), status)


@pytest.mark.parametrize("method", ["put", "delete", "trace", "post", "options", "chain"])
def test_a_method_that_a_record_does_not_have_is_refused(caller: Caller, product: dict[str, Any], method: str) -> None:
    pk = caller.post("products/", product).json()["id"]
    response = caller.client.generic(method.upper(), f"/api/v1/products/{pk}/", data=b"{}", content_type="application/json")
    assert_problem(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nothing/", 404),
        ("/api/v1/", 404),
        ("/api/v2/leads/", 404),
        ("/api", 404),
        ("/api/v1/products/1/", 404),
        ("/api/v1/products/٣/", 404),
        ("/api/v1/products/0190b0b0-0000-7000-8000-00000000000G/", 404),
        ("/api/v1/products/0190b0b0-0000-7000-8000-000000000000/", 404),
        ("/api/v1/products/%00/", 404),
        ("/api/v1/products/../../operator/", 404),
        ("/api/v1/products/" + "a" * 5000, 414),
    ],
)
def test_an_address_that_leads_nowhere_is_a_problem_too(caller: Caller, path: str, status: int) -> None:
    assert_problem(caller.client.get(path), status)


@pytest.mark.parametrize("header", ["Bearer schlüssel", "Bearer \u4e2d", "Bearer a b c", "Bearer " + "a" * 8000, "Token x", "Bearer \x00"])
def test_a_strange_credential_is_a_challenge(caller: Caller, header: str) -> None:
    response = caller.client.get("/api/v1/products/", headers={"Authorization": header})
    assert_problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("tag", ["v1", '"', "*,", "W/", "é", '""', "\x00"])
def test_a_strange_tag_is_no_match(caller: Caller, product: dict[str, Any], tag: str) -> None:
    pk = caller.post("products/", product).json()["id"]
    assert_problem(caller.patch(f"products/{pk}/", {"name": "Big pump"}, If_Match=tag), 412)


def test_what_only_steers_the_display_of_a_name_is_taken_out(caller: Caller, product: dict[str, Any]) -> None:
    made = caller.post("products/", {**product, "name": "Pu\u202emp\u200b \u2066x", "sku": "👩\u200d🔧"}).json()
    assert (made["name"], made["sku"]) == ("Pump x", "👩\u200d🔧")


def test_an_exact_amount_stays_exact(caller: Caller, product: dict[str, Any]) -> None:
    raw = json.dumps({**product, "list_price": 0}).replace('"list_price": 0', '"list_price": 0.100000')
    made = caller.client.post("/api/v1/products/", data=raw, content_type="application/json").json()
    assert made["list_price"] == "0.100000"
