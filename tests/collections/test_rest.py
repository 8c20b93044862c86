"""From a confirmed order to cash by REST alone."""

from typing import Any

import pytest

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from orders.models import Order
from receivables.integrity import assert_ledger_holds
from receivables.models import Invoice
from tests import make
from tests.callers import Caller, caller_of
from tests.collections import make as cash


@pytest.fixture
def order_id(tenant: Tenant) -> str:
    with acting_for(tenant):
        return str(cash.order(make.member("rep"), term="prepaid").pk)


def done(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()


class Keyed:
    """A caller that sends a new Idempotency-Key with every write."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.number, self.get = caller, 0, caller.get

    def post(self, path: str, body: Any, **headers: str) -> Any:
        self.number += 1
        return self.caller.post(path, body, Idempotency_Key=f"key-{self.number}", **headers)

    def act(self, path: str, name: str, **inputs: Any) -> Any:
        return done(self.post(f"{path}/actions/{name}/", inputs, If_Match=self.get(f"{path}/")["ETag"]))


def test_an_order_walks_to_cash_by_rest(tenant: Tenant, order_id: str) -> None:
    api = Keyed(caller_of(tenant))
    (invoice,) = done(api.get(f"invoices/?order={order_id}"))["data"]
    path = f"invoices/{invoice['id']}"
    assert api.act(path, "submit")["state"] == "approved"
    issued = api.act(path, "issue")
    assert (issued["state"], issued["number"][:4], issued["items"][0]["open_amount"]) == ("issued", "INV-", "10000.0000")
    api.act(path, "mark_sent", channel="email", recipient="pay@example.com")
    money = {"customer": issued["customer"], "amount": "10000.00", "currency": "CNY", "received_on": issued["invoice_date"]}
    payment = done(api.post("payments/", money), 201)
    assert payment["state"] == "identified"
    posted = api.act(f"payments/{payment['id']}", "post")
    assert (posted["unallocated"], posted["allocations"][0]["method"]) == ("0.0000", "exact")
    assert done(api.get(f"{path}/"))["state"] == "settled"
    shipment = done(api.post("shipments/", {"order": order_id, "planned_on": issued["invoice_date"]}), 201)
    ship = f"shipments/{shipment['id']}"
    api.act(ship, "release")
    api.act(ship, "ship", carrier="SF Express")
    assert api.act(ship, "confirm_pod", signed_by="Ms Chen")["state"] == "delivered"
    (acceptance,) = done(api.get(f"acceptances/?shipment={shipment['id']}"))["data"]
    api.act(f"acceptances/{acceptance['id']}", "accept", signed_by="Mr Wu")
    chain = done(api.get(f"payments/{payment['id']}/trace/"))
    assert [node["kind"] for node in chain["nodes"]] == [
        "order", "shipment", "acceptance", "invoice", "receivableitem", "allocation", "payment",
    ]  # fmt: skip
    assert done(api.get(f"{ship}/trace/"))["cash"][0]["amount"] == "10000.0000"
    with acting_for(tenant):
        assert Order.objects.get().state == "closed"
        assert_ledger_holds()


def test_a_repeated_payment_is_booked_once_and_one_without_a_key_not_at_all(tenant: Tenant, order_id: str) -> None:
    caller = caller_of(tenant)
    with acting_for(tenant):
        customer = str(Invoice.objects.get().customer_id)
    money = {"customer": customer, "amount": "5.00", "currency": "CNY", "received_on": "2026-06-05"}
    refused = caller.post("payments/", money)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_required")
    first = done(caller.post("payments/", money, Idempotency_Key="once"), 201)
    again = done(caller.post("payments/", money, Idempotency_Key="once"), 201)
    assert first["id"] == again["id"]
    assert len(done(caller.get("payments/"))["data"]) == 1


def test_a_refusal_says_why_and_has_its_code(tenant: Tenant, order_id: str) -> None:
    api = Keyed(caller_of(tenant))
    shipment = done(api.post("shipments/", {"order": order_id, "planned_on": "2026-06-05"}), 201)
    refused = api.post(f"shipments/{shipment['id']}/actions/release/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert "paid before shipment" in refused.json()["detail"]
    offers = {offer["name"]: offer for offer in done(api.get(f"shipments/{shipment['id']}/actions/"))["data"]}
    assert (offers["release"]["allowed"], offers["cancel"]["allowed"]) == (False, True)
    again = api.post("shipments/", {"order": order_id, "planned_on": "2026-06-05"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_ship")


def test_an_integration_records_money_and_never_posts_it(tenant: Tenant, order_id: str) -> None:
    program = Keyed(caller_of(tenant, "receivables:write", "customers:read", role="api"))
    payment = done(program.post("payments/", {"amount": "5.00", "currency": "CNY", "received_on": "2026-06-05"}), 201)
    assert program.post(f"payments/{payment['id']}/actions/post/", {}, If_Match="*").status_code == 403


def test_money_moves_only_for_who_says_which_version_they_saw(tenant: Tenant, order_id: str) -> None:
    api = Keyed(caller_of(tenant))
    (invoice,) = done(api.get(f"invoices/?order={order_id}"))["data"]
    address = f"invoices/{invoice['id']}/actions/submit/"
    blind = api.post(address, {})
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required")
    stale = api.post(address, {}, If_Match='"v99"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert done(api.get(f"invoices/{invoice['id']}/"))["state"] == "draft"


def test_open_items_are_listed_by_age(tenant: Tenant, order_id: str) -> None:
    with acting_for(tenant):
        cash.issued(Invoice.objects.get())
    caller = caller_of(tenant)
    assert len(done(caller.get("receivable-items/?age=over-90&ordering=due_date"))["data"]) == 1
    assert done(caller.get("receivable-items/?age=current"))["data"] == []
    assert caller.get("receivable-items/?age=old").status_code == 400
    assert caller.get("receivable-items/?ordering=customer").status_code == 400
