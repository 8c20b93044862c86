"""GD-7, the worked example of the ledger chapter, to the cent: through the services."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from ltc.customers.services import create_customer
from ltc.money.models import ExchangeRate
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.integrity import assert_ledger_holds
from receivables.models import Allocation, CreditNote, JournalLine, Payment, ReceivableItem, WriteOff
from receivables.services.credits import draft_credit_note
from receivables.services.differences import write_off
from receivables.services.free_invoices import draft_free_invoice
from receivables.services.receipts import record_payment
from receivables.services.retention import release_retention

pytestmark = pytest.mark.usefixtures("inside")
D = Decimal


def noon(year, month, day):
    return datetime(year, month, day, 4, tzinfo=UTC)


def balance(account):
    return JournalLine.objects.filter(account=account).aggregate(total=Sum("amount_base"))["total"] or D(0)


def balances():
    return tuple(D(balance(account) * sign) for account, sign in (("AR", 1), ("ADVANCE", -1), ("RETENTION", 1)))


def assert_balances(receivable, on_account, retention):
    assert balances() == (D(receivable), D(on_account), D(retention))
    assert_ledger_holds()


@pytest.fixture
def customer(rep):
    return create_customer(actor=SYSTEM, name="Example Packaging", owner=rep)


def received(customer, amount, at, currency="CNY"):
    payment = record_payment(actor=SYSTEM, customer=customer, amount=D(amount), currency=currency, received_on=at.date(), at=at)
    perform(payment, "post", actor=SYSTEM, at=at)
    payment.refresh_from_db()
    return payment


def issued(customer, at, **fields):
    invoice = draft_free_invoice(actor=SYSTEM, customer=customer, at=at, **fields)
    perform(invoice, "submit", actor=SYSTEM, at=at)
    if invoice.state == "in_approval":
        perform(invoice, "approve", actor=SYSTEM, at=at)
    return perform(invoice, "issue", actor=SYSTEM, at=at)


def test_the_worked_example_of_the_ledger_to_the_cent(customer):
    for day, rate in ((date(2026, 7, 20), "7.10"), (date(2026, 8, 5), "7.05"), (date(2026, 8, 20), "7.12")):
        ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=day, rate=D(rate))

    advance = received(customer, "339000.00", noon(2026, 4, 10))
    assert_balances("0", "339000.00", "0")

    first = issued(
        customer, noon(2026, 5, 20), lines=[{"description": "Packaging line", "qty": 1, "unit_price": "1000000.00", "tax_rate": "0.13"}],
        items=[
            {"kind": "advance", "amount": D("339000.00"), "due_date": date(2026, 5, 20)},
            {"kind": "acceptance", "amount": D("678000.00"), "due_date": date(2026, 6, 19)},
            {"amount": D("113000.00"), "retention": True},
        ],
    )  # fmt: skip
    assert (first.net, first.tax, first.gross) == (D("1000000.00"), D("130000.00"), D("1130000.00"))
    assert_balances("1017000.00", "339000.00", "113000.00")

    perform(advance, "allocate", actor=SYSTEM, at=noon(2026, 5, 20))
    assert first.items.get(seq=1).open_amount == 0
    assert_balances("678000.00", "0.00", "113000.00")

    second_receipt = received(customer, "700000.00", noon(2026, 6, 15))
    perform(second_receipt, "allocate", actor=SYSTEM, at=noon(2026, 6, 15))
    assert second_receipt.unallocated == D("22000.00")
    assert_balances("0.00", "22000.00", "113000.00")

    spare_parts = issued(
        customer, noon(2026, 6, 20), items=[{"amount": D("50000.01"), "due_date": date(2026, 7, 20)}],
        lines=[
            {"description": "Gripper", "qty": 3, "unit_price": "9999.99", "tax_rate": "0.13"},
            {"description": "Drive", "qty": 1, "unit_price": "14247.82", "tax_rate": "0.13"},
        ],
    )  # fmt: skip
    assert_balances("50000.01", "22000.00", "113000.00")
    perform(second_receipt, "allocate", actor=SYSTEM, at=noon(2026, 6, 20))
    assert_balances("28000.01", "0.00", "113000.00")

    credit = draft_credit_note(actor=SYSTEM, invoice=spare_parts, reason="return", amount=D("1130.00"), at=noon(2026, 7, 2))
    for step in ("submit", "approve", "issue"):
        perform(credit, step, actor=SYSTEM, at=noon(2026, 7, 2))
    credit.refresh_from_db()
    assert (credit.net, credit.tax, credit.state, credit.number) == (D("1000.00"), D("130.00"), "applied", "CN-2026-000001")
    assert_balances("26870.01", "0.00", "113000.00")

    bounced = received(customer, "26870.00", noon(2026, 7, 18))
    difference = WriteOff.objects.get()
    assert (difference.kind, difference.amount, difference.follows.payment) == ("small_difference", D("0.01"), bounced)
    assert balance("SMALL_DIFF") == D("0.01")
    assert_balances("0.00", "0.00", "113000.00")

    issued(customer, noon(2026, 7, 20), currency="USD", lines=[{"description": "Export", "qty": 1, "unit_price": "10000.00"}])
    assert_balances("71000.00", "0.00", "113000.00")
    part = received(customer, "3333.33", noon(2026, 8, 5), "USD")
    perform(part, "allocate", actor=SYSTEM, at=noon(2026, 8, 5))
    assert Allocation.objects.get(payment=part).fx_diff == D("166.66")
    assert_balances("47333.36", "0.00", "113000.00")
    rest = received(customer, "6666.67", noon(2026, 8, 20), "USD")
    assert Allocation.objects.get(payment=rest).fx_diff == D("-133.33")
    assert_balances("0.00", "0.00", "113000.00")

    perform(bounced, "reverse", actor=SYSTEM, at=noon(2026, 8, 21), reason="Bounced")
    assert balance("SMALL_DIFF") == 0
    assert ReceivableItem.objects.get(invoice=spare_parts).due_date == date(2026, 7, 20)
    assert_balances("26870.01", "0.00", "113000.00")
    received(customer, "26870.01", noon(2026, 8, 28))
    assert_balances("0.00", "0.00", "113000.00")

    kept = first.items.get(seq=3)
    release_retention(item=kept, actor=SYSTEM, on=date(2027, 5, 20), at=noon(2027, 5, 20))
    assert_balances("113000.00", "0.00", "0.00")
    last = received(customer, "100000.00", noon(2027, 6, 2))
    perform(last, "allocate", actor=SYSTEM, at=noon(2027, 6, 2))
    assert_balances("13000.00", "0.00", "0.00")
    kept.refresh_from_db()
    write_off(actor=SYSTEM, item=kept, amount=D("13000.00"), kind="bad_debt", reason="Dispute", at=noon(2027, 7, 30))

    assert_balances("0.00", "0.00", "0.00")
    final = {account: balance(account) for account in JournalLine.Account.values if balance(account)}
    assert final == {
        "BANK": D("1236836.68"), "BILLINGS": D("-1114247.79"), "VAT_OUT": D("-135622.22"), "FX": D("33.33"), "BAD_DEBT": D("13000.00"),
    }  # fmt: skip
    assert sum(final.values()) == 0
    assert not ReceivableItem.objects.filter(open_amount__gt=0).exists()
    assert not Payment.objects.filter(unallocated__gt=0).exists()
    assert CreditNote.objects.get().unallocated == 0


def test_a_third_of_a_dollar_invoice_relieves_the_remainder_at_last(customer):
    ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=date(2026, 7, 20), rate=D("7.10"))
    issued(customer, noon(2026, 7, 20), currency="USD", lines=[{"description": "Export", "qty": 1, "unit_price": "10000.00"}])
    for amount in ("3333.33", "3333.33", "3333.34"):
        payment = received(customer, amount, noon(2026, 7, 21), "USD")
        if payment.unallocated:
            perform(payment, "allocate", actor=SYSTEM, at=noon(2026, 7, 21))
    assert list(Allocation.objects.order_by("pk").values_list("base_item", flat=True)) == [D("23666.64"), D("23666.64"), D("23666.72")]
    assert_ledger_holds()
