"""Orders, promises, deliveries, service and surveys of the past, brought in from a file."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from delivery.models import Acceptance, Case, DeliveryCommitment, Shipment, Survey
from leads.models import Lead
from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from opportunities.models import Opportunity
from orders.models import Order, OrderLine
from tests.callers import caller_of
from tests.collections.history import gold
from tests.collections.history.make import at, bring, faults, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Tenant:
    return tenant()


def promise(ref: str) -> Any:
    return DeliveryCommitment.objects.get(order_line__description=ref)


def test_the_golden_deliveries_end_where_their_facts_lead(books: Tenant) -> None:
    assert not list(bring(books, gold.deliveries()).faults)
    with acting_for(books):
        states = dict(DeliveryCommitment.objects.values_list("order_line__description", "state"))
        assert states == {
            "D1": "delivered", "D2": "delivered", "D3": "delivered", "D4": "open", "D5": "delivered", "D6": "delivered", "D7": "delivered",
            "D8": "cancelled", "D9": "closed_short",
        }  # fmt: skip
        assert (promise("D2").completed_on, promise("D5").completed_on, promise("D9").completed_on) == (
            date(2026, 6, 12), date(2026, 6, 24), date(2026, 6, 17),
        )  # fmt: skip
        assert (promise("D6").promised_baseline, promise("D7").promised_baseline) == (date(2026, 7, 10), date(2026, 6, 30))
        orders = {order.external_ref: order for order in Order.objects.all()}
        told = {ref: (order.state, order.delivery_status, order.acceptance_status) for ref, order in orders.items()}
        assert told["A"] == ("in_progress", "full", "none") and told["C"] == ("confirmed", "none", "none")
        assert told["D"] == ("in_progress", "full", "full") and told["H"] == ("in_progress", "full", "none")
        lines = OrderLine.objects.filter(order=orders["A"]).order_by("line_no")
        assert [(line.description, line.gross) for line in lines] == [("D1", Decimal("333.33")), ("D2", Decimal("666.67"))]
        assert Shipment.objects.count() == 7 and set(Shipment.objects.values_list("state", flat=True)) == {"delivered"}


def test_punctuality_is_told_from_the_imported_past(books: Tenant) -> None:
    bring(books, gold.deliveries())
    june = "from=2026-06-01&to=2026-06-30&as_of=2026-07-05"
    answers = {
        code: caller_of(books).get(f"metrics/{code}/?{june}").json()["value"]
        for code in ("otd.order", "otd.line", "otif.line", "delivery.late_days")
    }
    assert answers == {"otd.order": "0.5000", "otd.line": "0.5714", "otif.line": "0.4286", "delivery.late_days": "2.0000"}


def test_a_milestone_that_was_sent_back_is_submitted_again(books: Tenant) -> None:
    lines = [
        {"object": "customer", "ref": "C", "name": "A", "at": at("04-01")},
        {"object": "order", "ref": "O", "at": at("04-02"), "customer": "C", "gross": "100.00"},
        {"object": "commitment", "ref": "M", "order": "O", "kind": "milestone", "quantity": "1", "promised_on": "2026-05-01"},
        {"object": "delivery", "commitment": "M", "on": "2026-04-20", "rejected_on": "2026-04-22"},
        {"object": "delivery", "commitment": "M", "on": "2026-05-03", "accepted_on": "2026-05-05"},
    ]
    assert bring(books, lines).clean
    with acting_for(books):
        assert (promise("M").state, promise("M").completed_on) == ("delivered", date(2026, 5, 3))
        told = [(entry.name, entry.from_state, entry.to_state) for entry in history(promise("M"))][::-1]
        assert told == [
            ("created", "", "planned"), ("submit", "planned", "submitted"), ("reject", "submitted", "in_progress"),
            ("submit", "in_progress", "submitted"), ("accept", "submitted", "accepted"),
        ]  # fmt: skip


def test_more_than_was_promised_cannot_have_been_delivered(books: Tenant) -> None:
    lines = [*gold.deliveries(), {"object": "delivery", "commitment": "D4", "on": "2026-06-21", "quantity": "9"}]
    lines.append({"object": "delivery", "commitment": "D1", "on": "2026-06-21"})
    assert faults(bring(books, lines)) == [(len(lines) - 1, "quantity"), (len(lines), "commitment")]


def test_an_order_without_promises_is_one_line_of_goods_and_follows_its_opportunity(books: Tenant) -> None:
    lines = [
        *gold.sales(),
        {"object": "order", "ref": "P1", "at": at("05-16"), "customer": "C-O1", "opportunity": "O1", "gross": "300000.00"},
        {"object": "order_state", "order": "P1", "at": at("06-20"), "to": "completed"},
        {
            "object": "order", "ref": "P7", "at": at("06-26"), "customer": "C-O7", "opportunity": "O7", "gross": "50000.00",
            "currency": "USD", "fx_rate": "7.20",
        },
    ]  # fmt: skip
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        order = Order.objects.get(external_ref="P1")
        line = order.lines.get()
        assert (order.state, order.delivery_status, line.qty, line.gross) == ("completed", "full", Decimal(1), Decimal(300_000))
        assert order.opportunity == Opportunity.objects.get(external_ref="O1")
        assert Order.objects.get(external_ref="P7").gross_base == 360_000
        assert order.billing_status == "none"


def test_where_leads_become_orders_the_order_is_the_win() -> None:
    books = tenant("shop", motion="b2c_direct")
    lead = {"object": "lead", "ref": "L", "at": at("04-01"), "channel": "web", "company_name": "A", "contact_name": "B", "email": "a@b.cn"}
    lines: list[dict[str, Any]] = [
        {"object": "channel", "ref": "web", "name": "Website", "kind": "web"},
        lead,
        {"object": "lead_state", "lead": "L", "at": at("04-03"), "to": "converted", "order": "O"},
        {"object": "customer", "ref": "C", "name": "A", "at": at("04-03")},
        {"object": "order", "ref": "O", "at": at("04-03"), "customer": "C", "gross": "99.00"},
    ]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        order, found = Order.objects.get(), Lead.objects.get()
        assert (order.lead, found.state, found.customer) == (found, "converted", Customer.objects.get())
        assert Customer.objects.get().state == "active"


def test_a_later_file_adds_deliveries_and_a_second_import_changes_nothing(books: Tenant) -> None:
    bring(books, gold.deliveries())
    later = [{"object": "delivery", "commitment": "D4", "on": "2026-07-06", "accepted_on": "2026-07-07"}]
    assert bring(books, later).added == 1
    assert bring(books, later).added == 0
    with acting_for(books):
        assert (promise("D4").state, promise("D4").order_line.qty_accepted) == ("delivered", 8)
        order = Order.objects.get(external_ref="C")
        assert (order.state, order.delivery_status, order.acceptance_status) == ("in_progress", "full", "full")
        assert Acceptance.objects.get(order=order).accepted_on == date(2026, 7, 7)


def test_cases_and_surveys_come_along(books: Tenant) -> None:
    assert not list(bring(books, gold.service()).faults)
    with acting_for(books):
        case = Case.objects.get()
        assert (case.state, case.priority, case.external_ref) == ("resolved", "P2", "K1")
        assert case.sla_response_due is not None and case.first_response_at is not None and case.first_response_at < case.sla_response_due
        assert Survey.objects.filter(kind="csat").count() == 20 and Survey.objects.filter(kind="csat", score__gte=4).count() == 6
    wrong = {
        "object": "survey",
        "ref": "X",
        "kind": "csat",
        "customer": "CS",
        "sent_at": at("06-10"),
        "score": 6,
        "responded_at": at("06-11"),
    }
    assert faults(bring(books, [wrong])) == [(1, "score")]
