from datetime import UTC, datetime
from typing import Any

import pytest

from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from orders.models import Order
from tests import make
from tests.callers import Caller, caller_of
from tests.opportunities import make as deals
from tests.orders import make as orders

NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


@pytest.fixture
def owner(tenant: Tenant) -> Membership:
    with acting_for(tenant):
        return make.member("rep")


@pytest.fixture
def customer(tenant: Tenant, owner: Membership) -> Customer:
    with acting_for(tenant):
        return deals.customer("Shunde Foods Ltd", owner=owner)


@pytest.fixture
def caller(tenant: Tenant) -> Caller:
    return caller_of(tenant)


def term(caller: Caller) -> Any:
    lines = [
        {"pct": "0.3", "trigger": "order_confirmed"},
        {"pct": "0.7", "trigger": "delivered", "offset_days": 30, "day_type": "business"},
    ]
    return caller.post("payment-terms/", {"code": "3-7", "name": "30/70", "is_default": True, "lines": lines})


def test_an_order_is_drafted_completed_and_confirmed(caller: Caller, customer: Customer) -> None:
    made_term = term(caller)
    assert made_term.status_code == 201, made_term.content
    lines = [{"description": "Robot", "qty": "2", "unit_price": "500000"}]
    made = caller.post("orders/", {"customer": str(customer.pk), "lines": lines})
    assert made.status_code == 201, made.content
    order = made.json()
    assert (order["state"], order["gross"], order["payment_term"], order["plan"]) == ("draft", "1000000.0000", made_term.json()["id"], [])
    address = f"orders/{order['id']}/"
    refused = caller.post(f"{address}actions/confirm/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert "promised date" in refused.json()["detail"]
    caller.patch(address, {"lines": [{**lines[0], "promised_on": "2027-02-01"}], "customer_po_no": "PO-7"})
    confirmed = caller.post(f"{address}actions/confirm/", {}).json()
    assert (confirmed["state"], confirmed["credit_check"], confirmed["customer_po_no"]) == ("confirmed", "passed", "PO-7")
    assert [(part["kind"], part["amount"]) for part in confirmed["plan"]] == [("advance", "300000.0000"), ("delivery", "700000.0000")]
    assert confirmed["plan"][0]["triggered_on"] and not confirmed["plan"][1]["triggered_on"]
    late = caller.patch(address, {"notes": "Late"})
    assert (late.status_code, late.json()["code"]) == (409, "invalid_transition")


def test_an_order_takes_a_plan_of_its_own(caller: Caller, customer: Customer) -> None:
    body = {
        "customer": str(customer.pk),
        "lines": [{"description": "Robot", "qty": "1", "unit_price": "1000", "promised_on": "2027-02-01"}],
        "plan": [
            {"trigger": "order_confirmed", "amount": "400"},
            {"trigger": "fixed_date", "amount": "500", "expected_date": "2027-03-01"},
        ],
    }
    order = caller.post("orders/", body).json()
    assert [(part["seq"], part["pct"]) for part in order["plan"]] == [(1, "0.400000"), (2, "0.500000")]
    refused = caller.post(f"orders/{order['id']}/actions/confirm/", {})
    assert "sums to the order's total" in refused.json()["detail"]
    body["plan"][1]["amount"] = "600"  # type: ignore[index]
    caller.patch(f"orders/{order['id']}/", {"plan": body["plan"]})
    assert caller.post(f"orders/{order['id']}/actions/confirm/", {}).status_code == 200


def test_the_shares_of_a_term_make_the_whole_price(caller: Caller) -> None:
    assert term(caller).status_code == 201
    short = {"code": "x", "name": "Short", "lines": [{"pct": "0.9", "trigger": "delivered"}]}
    assert caller.post("payment-terms/", short).status_code == 400
    first = [{"pct": "0.1", "trigger": "warranty_end", "is_retention": True}, {"pct": "0.9", "trigger": "delivered"}]
    assert caller.post("payment-terms/", {"code": "y", "name": "Early", "lines": first}).json()["code"] == "retention_is_last"
    assert len(caller.get("payment-terms/").json()["data"]) == 1


@pytest.mark.parametrize("field", ["state", "gross", "number", "billing_status", "fx_rate", "credit_check"])
def test_what_a_rule_sets_cannot_be_set(caller: Caller, customer: Customer, field: str) -> None:
    assert caller.post("orders/", {"customer": str(customer.pk), field: "full"}).status_code == 400


def test_the_list_is_narrowed(tenant: Tenant, caller: Caller, owner: Membership) -> None:
    with acting_for(tenant):
        draft, confirmed = orders.draft(owner), perform(orders.draft(owner), "confirm", actor=SYSTEM, at=NOON)

    def ids(query: str) -> list[Any]:
        return [row["id"] for row in caller.get(f"orders/?{query}").json()["data"]]

    assert ids("state=confirmed") == [str(confirmed.pk)]
    assert ids("state__in=draft,closed") == [str(draft.pk)]
    assert ids(f"search={confirmed.number}") == [str(confirmed.pk)]
    assert set(ids("ordering=-order_date")) == {str(draft.pk), str(confirmed.pk)}
    assert ids("billing_status=full") == []


def test_another_tenants_order_and_terms_are_not_there(tenant: Tenant, other_tenant: Tenant, caller: Caller, owner: Membership) -> None:
    with acting_for(tenant):
        order = orders.draft(owner)
    stranger = caller_of(other_tenant)
    with acting_for(other_tenant):
        theirs = deals.customer()
    assert stranger.get(f"orders/{order.pk}/").status_code == 404
    assert stranger.post(f"orders/{order.pk}/actions/confirm/", {}).status_code == 404
    body = {"customer": str(theirs.pk), "payment_term": str(order.payment_term_id)}
    assert stranger.post("orders/", body).status_code == 400
    with acting_for(tenant):
        assert Order.objects.get().state == "draft"


def test_an_order_hangs_on_no_deal_of_someone_else(tenant: Tenant, caller: Caller, owner: Membership, customer: Customer) -> None:
    with acting_for(tenant):
        deal = deals.deal(owner)
    refused = caller.post("orders/", {"customer": str(customer.pk), "opportunity": str(deal.pk)})
    assert refused.json()["code"] == "opportunity_not_won"
