"""GD-7 by REST alone, one year earlier, so that nothing lies in the future; a second person of finance approves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from ltc.customers.services import create_customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.integrity import assert_ledger_holds
from receivables.models import CreditNote, Invoice, JournalLine, Payment, Period, Refund, WriteOff
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.test_rest import Keyed, done

D = Decimal


class Books:
    """Finance at work through the API, and what the ledger says then."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.api = tenant, Keyed(caller_of(tenant, role="fin"))
        with acting_for(tenant):
            rep = make.member("rep")
            self.approver = cash.approver()
            self.customer = str(create_customer(actor=SYSTEM, name="Example Packaging", owner=rep).pk)

    def make(self, path: str, **body: Any) -> dict[str, Any]:
        return dict(done(self.api.post(f"{path}/", body), 201))

    def received(self, amount: str, on: str, currency: str = "CNY") -> dict[str, Any]:
        payment = self.make("payments", customer=self.customer, amount=amount, currency=currency, received_on=on)
        return dict(self.api.act(f"payments/{payment['id']}", "post"))

    def allocate(self, payment: dict[str, Any], on: str) -> dict[str, Any]:
        return dict(self.api.act(f"payments/{payment['id']}", "allocate", on=on))

    def approve(self, model: Any, pk: str) -> None:
        with acting_for(self.tenant):
            perform(model.objects.get(pk=pk), "approve", actor=self.approver)

    def issued(self, on: str, **body: Any) -> dict[str, Any]:
        invoice = self.make("invoices", customer=self.customer, **body)
        path = f"invoices/{invoice['id']}"
        if self.api.act(path, "submit")["state"] == "in_approval":
            self.approve(Invoice, invoice["id"])
        return dict(self.api.act(path, "issue", on=on))

    def is_at(self, receivable: str, on_account: str, retention: str) -> None:
        with acting_for(self.tenant):
            found = {row["account"]: row["total"] for row in JournalLine.objects.values("account").annotate(total=Sum("amount_base"))}
            assert_ledger_holds()
        signs = (("AR", 1), ("ADVANCE", -1), ("RETENTION", 1))
        assert [found.get(name, D(0)) * sign for name, sign in signs] == [D(receivable), D(on_account), D(retention)]


@pytest.fixture
def books(tenant: Tenant) -> Books:
    return Books(tenant)


def test_the_worked_example_of_the_ledger_by_rest(books: Books) -> None:
    for day, rate in (("2025-07-20", "7.10"), ("2025-08-05", "7.05"), ("2025-08-20", "7.12")):
        books.make("exchange-rates", from_currency="USD", to_currency="CNY", rate_date=day, rate=rate)
    advance = books.received("339000.00", "2025-04-10")
    books.is_at("0", "339000", "0")
    first = books.issued(
        "2025-05-20", lines=[{"description": "Packaging line", "qty": "1", "unit_price": "1000000.00", "tax_rate": "0.13"}],
        items=[
            {"kind": "advance", "amount": "339000.00", "due_date": "2025-05-20"},
            {"kind": "acceptance", "amount": "678000.00", "due_date": "2025-06-19"},
            {"amount": "113000.00", "retention": True},
        ],
    )  # fmt: skip
    assert (first["net"], first["tax"], first["gross"]) == ("1000000.0000", "130000.0000", "1130000.0000")
    books.is_at("1017000", "339000", "113000")
    books.allocate(advance, "2025-05-20")
    books.is_at("678000", "0", "113000")
    second = books.received("700000.00", "2025-06-15")
    second = books.allocate(second, "2025-06-15")
    assert second["unallocated"] == "22000.0000"
    books.is_at("0", "22000", "113000")
    spare_parts = books.issued(
        "2025-06-20", items=[{"amount": "50000.01", "due_date": "2025-07-20"}],
        lines=[
            {"description": "Gripper", "qty": "3", "unit_price": "9999.99", "tax_rate": "0.13"},
            {"description": "Drive", "qty": "1", "unit_price": "14247.82", "tax_rate": "0.13"},
        ],
    )  # fmt: skip
    books.is_at("50000.01", "22000", "113000")
    books.allocate(second, "2025-06-20")
    books.is_at("28000.01", "0", "113000")

    credit = books.make("credit-notes", invoice=spare_parts["id"], reason="return", amount="1130.00")
    assert books.api.act(f"credit-notes/{credit['id']}", "submit")["state"] == "in_approval"
    alone = books.api.post(f"credit-notes/{credit['id']}/actions/approve/", {}, If_Match="*")
    assert alone.status_code == 403
    books.approve(CreditNote, credit["id"])
    applied = books.api.act(f"credit-notes/{credit['id']}", "issue", on="2025-07-02")
    assert (applied["net"], applied["tax"], applied["state"]) == ("1000.0000", "130.0000", "applied")
    books.is_at("26870.01", "0", "113000")

    bounced = books.received("26870.00", "2025-07-18")
    (difference,) = done(books.api.get("write-offs/"))["data"]
    assert (difference["kind"], difference["amount"], difference["date"]) == ("small_difference", "0.0100", "2025-07-18")
    books.is_at("0", "0", "113000")
    books.issued("2025-07-20", currency="USD", lines=[{"description": "Export", "qty": "1", "unit_price": "10000.00"}])
    books.is_at("71000", "0", "113000")
    books.allocate(books.received("3333.33", "2025-08-05", "USD"), "2025-08-05")
    books.is_at("47333.36", "0", "113000")
    books.received("6666.67", "2025-08-20", "USD")
    books.is_at("0", "0", "113000")

    with acting_for(books.tenant):
        perform(Payment.objects.get(pk=bounced["id"]), "reverse", actor=books.approver, reason="Bounced")
    books.is_at("26870.01", "0", "113000")
    books.received("26870.01", "2025-08-28")
    books.is_at("0", "0", "113000")

    (kept,) = [item for item in first["items"] if not item["released"]]
    path = f"receivable-items/{kept['id']}"
    tag = books.api.get(f"{path}/")["ETag"]
    released = done(books.api.post(f"{path}/release/", {"on": "2026-05-20"}, If_Match=tag))
    assert (released["released"], released["due_date"]) == (True, "2026-05-20")
    books.is_at("113000", "0", "0")
    books.allocate(books.received("100000.00", "2026-06-02"), "2026-06-02")
    asked = books.make("write-offs", item=kept["id"], amount="13000.00", kind="bad_debt", date="2026-07-30", reason="Dispute")
    assert asked["state"] == "requested"
    books.is_at("13000", "0", "0")
    books.approve(WriteOff, asked["id"])
    books.is_at("0", "0", "0")

    with acting_for(books.tenant):
        rows = JournalLine.objects.values("account").annotate(total=Sum("amount_base")).exclude(total=0)
        final = {row["account"]: row["total"] for row in rows}
    assert final == {
        "BANK": D("1236836.68"), "BILLINGS": D("-1114247.79"), "VAT_OUT": D("-135622.22"), "FX": D("33.33"), "BAD_DEBT": D("13000.00"),
    }  # fmt: skip
    entries = done(books.api.get("journal-entries/?event=credit_note.issue"))["data"]
    assert [(line["account"], line["amount_base"]) for line in entries[0]["lines"]] == [
        ("BILLINGS", "1000.0000"), ("VAT_OUT", "130.0000"), ("ADVANCE", "-1130.0000"),
    ]  # fmt: skip
    exported = books.api.get("journal-export/?from=2025-01-01&to=2026-12-31")
    head, *lines = exported.content.decode().splitlines()
    assert head.startswith("number,entry_date,period,event") and len(lines) > 40
    statement = done(books.api.get(f"statements/{books.customer}/?from=2025-06-01&to=2025-06-30"))
    assert (statement["opening"], statement["closing"]) == ("678000.0000", "28000.0100")
    assert date.fromisoformat(statement["movements"][0]["on"]) == date(2025, 6, 15)


def test_a_write_off_above_the_tolerance_is_no_small_difference(books: Books) -> None:
    invoice = books.issued("2025-07-20", lines=[{"description": "Part", "qty": "1", "unit_price": "100.00"}])
    item = invoice["items"][0]["id"]
    refused = books.api.post("write-offs/", {"item": item, "amount": "1.01", "kind": "small_difference"})
    assert (refused.status_code, refused.json()["code"]) == (409, "tolerance_exceeded")
    assert books.make("write-offs", item=item, amount="1.00", kind="small_difference")["state"] == "posted"
    books.is_at("99", "0", "0")


def test_only_so_much_is_paid_back_as_stands_on_account_and_by_two_people(books: Books) -> None:
    payment = books.received("500.00", "2025-07-20")
    too_much = books.api.post("refunds/", {"payment": payment["id"], "amount": "500.01"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "insufficient_unallocated")
    refund = books.make("refunds", payment=payment["id"], amount="200.00", date="2025-07-21", reason="Paid twice")
    assert refund["state"] == "requested"
    books.is_at("0", "500", "0")
    with acting_for(books.tenant):
        perform(Refund.objects.get(pk=refund["id"]), "approve", actor=books.approver)
    books.is_at("0", "300", "0")
    blocked = books.api.post(f"payments/{payment['id']}/actions/reverse/", {"reason": "Wrong"}, If_Match="*")
    assert blocked.status_code in (403, 409)


def test_nothing_is_posted_into_a_closed_month(books: Books) -> None:
    period = books.make("periods", month="2025-05-17")
    assert (period["month"], period["state"]) == ("2025-05-01", "open")
    books.api.act(f"periods/{period['id']}", "close")
    invoice = books.make("invoices", customer=books.customer, lines=[{"description": "Part", "qty": "1", "unit_price": "100.00"}])
    books.api.act(f"invoices/{invoice['id']}", "submit")
    address = f"invoices/{invoice['id']}/actions/issue/"
    refused = books.api.post(address, {"on": "2025-05-20"}, If_Match="*")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_closed")
    late = books.received("100.00", "2025-05-20")
    with acting_for(books.tenant):
        posted = Payment.objects.get(pk=late["id"])
        assert posted.posted_on is not None and posted.posted_on > date(2025, 5, 31)
    reopened = books.api.post(f"periods/{period['id']}/actions/reopen/", {"reason": "Forgotten invoice"}, If_Match="*")
    assert reopened.status_code == 403
    with acting_for(books.tenant):
        perform(Period.objects.get(), "reopen", actor=books.approver, reason="Forgotten")
    assert done(books.api.post(address, {"on": "2025-05-20"}, If_Match="*"))["invoice_date"] == "2025-05-20"
