"""Invoices, payments and what became of them in the past, brought in from a file."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from ltc.events.models import Work
from ltc.notifications.models import Notification
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from orders.models import Order
from receivables.integrity import assert_ledger_holds
from receivables.models import Allocation, Dispute, Invoice, Payment, PromiseToPay, ReceivableItem, WriteOff
from receivables.trace import trace
from tests import make as making
from tests.collections.history import gold
from tests.collections.history.make import at, bring, faults, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Tenant:
    return tenant()


def invoice(ref: str, day: str, *items: tuple[str, str], **more: Any) -> dict[str, Any]:
    rows = [{"seq": number, "due_date": f"2026-{due}", "amount": amount} for number, (due, amount) in enumerate(items, start=1)]
    return {"object": "invoice", "ref": ref, "customer": "C", "invoice_date": f"2026-{day}", "items": rows, **more}


def payment(ref: str, day: str, amount: str, *shares: tuple[str, int, str], **more: Any) -> dict[str, Any]:
    rows = [{"invoice": to, "seq": seq, "amount": part} for to, seq, part in shares]
    return {"object": "payment", "ref": ref, "customer": "C", "received_on": f"2026-{day}", "amount": amount, "allocations": rows, **more}


CUSTOMER = {"object": "customer", "ref": "C", "name": "Owes", "at": at("01-10")}


def item(ref: str, seq: int = 1) -> Any:
    return ReceivableItem.objects.select_related("invoice").get(invoice__external_ref=ref, seq=seq)


def test_the_golden_receivables_end_with_the_right_balances_and_the_ledger_holds(books: Tenant) -> None:
    assert not list(bring(books, gold.receivables()).faults)
    with acting_for(books):
        assert_ledger_holds()
        rows = ReceivableItem.objects.filter(open_amount__gt=0).select_related("invoice")
        still_open = {row.invoice.external_ref: row.open_amount for row in rows}
        assert still_open == {"R5": 160_000, "R6": 300_000, "R7": 300_000, "R8": 90_000, "R11": 80_000}
        assert item("R2").closed_on == date(2026, 5, 25) and item("R2").invoice.state == "settled"
        assert dict(PromiseToPay.objects.order_by("made_at").values_list("promised_on", "state")) == {
            date(2026, 5, 25): "kept", date(2026, 6, 5): "broken", date(2026, 7, 5): "broken",
        }  # fmt: skip
        numbers = list(Invoice.objects.order_by("invoice_date").values_list("number", flat=True))
        assert numbers == [f"INV-2026-{number:06d}" for number in range(1, 12)]
        assert not Work.objects.exists() and not Notification.objects.exists()
        assert not Entry.objects.exclude(data__source="import").exists()


def test_money_that_came_before_its_invoice_settles_it_on_the_invoice_date(books: Tenant) -> None:
    lines = [CUSTOMER, invoice("I", "05-10", ("06-10", "100.00")), payment("P", "05-01", "150.00", ("I", 1, "100.00"))]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        assert Allocation.objects.get().date == date(2026, 5, 10)
        assert Payment.objects.get().unallocated == 50
        assert_ledger_holds()


def test_what_is_not_allocated_stays_on_account_and_is_allocated_later(books: Tenant) -> None:
    lines = [
        CUSTOMER,
        invoice("I", "05-01", ("06-01", "60.00"), ("07-01", "40.00")),
        payment("P", "05-05", "100.00"),
        {"object": "allocation", "payment": "P", "on": "2026-05-20", "invoice": "I", "seq": 2, "amount": "40.00"},
        {"object": "refund", "payment": "P", "on": "2026-05-25", "amount": "10.00"},
    ]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        assert (item("I", 1).open_amount, item("I", 2).open_amount) == (60, 0)
        assert Payment.objects.get().unallocated == 50
        assert_ledger_holds()


def test_a_bounced_payment_opens_its_items_again(books: Tenant) -> None:
    lines = [
        CUSTOMER,
        invoice("I", "05-01", ("06-01", "60.00")),
        payment("P", "05-05", "60.00", ("I", 1, "60.00")),
        {"object": "payment_reversal", "payment": "P", "on": "2026-05-09"},
        payment("Q", "05-12", "59.50", ("I", 1, "59.50")),
        {"object": "write_off", "ref": "W", "invoice": "I", "seq": 1, "date": "2026-05-13", "amount": "0.50", "kind": "small_difference"},
    ]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        assert (item("I").open_amount, item("I").closed_on) == (0, date(2026, 5, 13))
        assert Payment.objects.get(external_ref="P").state == "reversed"
        assert WriteOff.objects.get().state == "posted"
        assert_ledger_holds()


def test_retention_is_owed_from_its_release_on(books: Tenant) -> None:
    lines = [
        CUSTOMER,
        {**invoice("I", "05-01", ("06-01", "90.00")), "net": "90.00", "tax": "10.00"},
        {"object": "retention_release", "invoice": "I", "seq": 2, "on": "2026-07-01", "due_date": "2026-07-15"},
        payment("P", "06-01", "100.00", ("I", 1, "90.00"), ("I", 2, "10.00")),
    ]
    lines[1]["items"].append({"seq": 2, "amount": "10.00", "retention": True})
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        assert (item("I", 2).due_date, item("I", 2).closed_on) == (date(2026, 7, 15), date(2026, 7, 1))
        assert Invoice.objects.get().tax == 10
        assert_ledger_holds()


def test_a_dispute_lies_between_two_instants(books: Tenant) -> None:
    dispute = {"object": "dispute", "ref": "D", "invoice": "I", "seq": 1, "amount": "60.00", "at": at("06-03"), "reason": "quality"}
    lines = [CUSTOMER, invoice("I", "05-01", ("06-01", "60.00")), {**dispute, "resolved_at": at("06-20")}]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        found = Dispute.objects.get()
        assert (found.state, found.opened_on, found.resolved_on) == ("resolved_rejected", date(2026, 6, 3), date(2026, 6, 20))


def test_money_in_a_foreign_currency_ends_at_zero_in_both(books: Tenant) -> None:
    lines = [
        CUSTOMER,
        invoice("I", "05-01", ("06-01", "100.00"), currency="USD", fx_rate="7.10"),
        payment("P", "05-20", "100.00", ("I", 1, "100.00"), currency="USD", fx_rate="7.05"),
    ]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        assert (item("I").open_base, Allocation.objects.get().fx_diff) == (0, Decimal(5))
        assert_ledger_holds()


def test_an_order_knows_what_was_billed_and_collected_of_it_and_cash_leads_back_to_its_channel(books: Tenant) -> None:
    order = {"object": "order", "ref": "P1", "at": at("05-16"), "customer": "C-O1", "opportunity": "O1", "gross": "300000.00"}
    lines: list[dict[str, Any]] = [
        *gold.sales(),
        order,
        {**invoice("I1", "05-20", ("06-20", "100000.00")), "customer": "C-O1", "order": "P1"},
        {**invoice("I2", "06-20", ("07-20", "200000.00")), "customer": "C-O1", "order": "P1"},
        {**payment("B", "06-21", "250000.00", ("I1", 1, "100000.00"), ("I2", 1, "150000.00")), "customer": "C-O1"},
    ]
    assert not list(bring(books, lines).faults)
    with acting_for(books):
        found = Order.objects.get(external_ref="P1")
        assert (found.billing_status, found.collection_status, found.state) == ("full", "partial", "confirmed")
        assert found.lines.aggregate(total=Sum("invoice_lines__gross"))["total"] == 300_000
        chain = trace(Payment.objects.get(), making.member("exec"))
        assert "web" in str(chain).lower()
        assert_ledger_holds()


def test_money_that_cannot_have_been_is_reported_with_its_line(books: Tenant) -> None:
    lines = [
        CUSTOMER,
        invoice("I", "05-01", ("06-01", "60.00")),
        payment("P", "05-05", "70.00", ("I", 1, "70.00")),
        {"object": "allocation", "payment": "P", "on": "2026-05-20", "invoice": "I", "seq": 3, "amount": "1.00"},
        {"object": "credit_note", "ref": "N", "invoice": "I", "date": "2026-05-20", "amount": "61.00"},
        {"object": "refund", "payment": "P", "on": "2026-05-04", "amount": "1.00"},
    ]
    report = bring(books, lines)
    assert [line for line, _field in faults(report)] == [3, 4, 5, 6]
    with acting_for(books):
        assert not Invoice.objects.exists() and not Payment.objects.exists()


def test_a_later_file_pays_the_invoices_of_an_earlier_one_and_twice_is_once(books: Tenant) -> None:
    assert not list(bring(books, [CUSTOMER, invoice("I", "05-01", ("06-01", "60.00"))]).faults)
    more = [payment("P", "05-05", "60.00", ("I", 1, "60.00"))]
    assert bring(books, more).added == 1
    assert bring(books, more).added == 0
    with acting_for(books):
        assert item("I").open_amount == 0 and Payment.objects.count() == 1
