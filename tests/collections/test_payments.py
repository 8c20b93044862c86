from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from ltc.money.models import ExchangeRate
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import TransitionRefused, perform
from orders.credit import owed_by
from receivables.integrity import assert_ledger_holds, violations
from receivables.models import Allocation, Invoice, JournalEntry, JournalLine, Payment, ReceivableItem
from receivables.services.receipts import record_payment
from tests import make
from tests.collections import make as cash
from tests.collections.make import NOON
from tests.delivery import make as goods

pytestmark = pytest.mark.usefixtures("inside")
D = Decimal


def balances():
    totals = {}
    for line in JournalLine.objects.all():
        totals[line.account] = totals.get(line.account, D(0)) + line.amount_base
    return {account: total for account, total in totals.items() if total}


@pytest.fixture
def invoice(rep):
    cash.order(rep)
    return cash.issued(Invoice.objects.get())


def test_money_of_exactly_an_items_amount_pays_it_and_settles_the_invoice(invoice):
    payment = cash.paid(invoice.customer, "3000.00")
    allocation = Allocation.objects.get()
    assert (allocation.amount, allocation.method, allocation.date, allocation.active) == (3000, "exact", date(2026, 6, 5), True)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.closed_on, invoice.open_amount) == ("settled", date(2026, 6, 5), 0)
    payment.refresh_from_db()
    assert (payment.number, payment.state, payment.unallocated) == ("RC-2026-000001", "posted", 0)
    invoice.order.refresh_from_db()
    assert (invoice.order.collection_status, invoice.order.plan_lines.get(seq=1).collected_on) == ("partial", date(2026, 6, 5))
    assert balances() == {"BANK": 3000, "BILLINGS": -3000}
    assert_ledger_holds()


def test_an_order_that_is_delivered_billed_and_paid_closes_itself(rep):
    order = cash.order(rep, term="prepaid")
    cash.issued(Invoice.objects.get())
    cash.paid(order.customer, "10000.00")
    goods.accepted(order, at=NOON)
    order.refresh_from_db()
    assert (order.delivery_status, order.billing_status, order.collection_status, order.state) == ("full", "full", "full", "closed")


def test_a_part_payment_is_only_proposed_and_leaves_the_rest_open(invoice):
    payment = cash.paid(invoice.customer, "1000.00")
    assert not Allocation.objects.exists()
    assert balances()["ADVANCE"] == -1000
    perform(payment, "allocate", actor=make.member("fin"), at=NOON)
    item = ReceivableItem.objects.get()
    assert (item.open_amount, item.closed_on, item.invoice.state, item.invoice.is_partially_paid) == (2000, None, "issued", True)
    assert_ledger_holds()


def test_an_invoice_named_in_the_remittance_is_paid_first_and_the_rest_stays_on_account(invoice):
    payment = cash.paid(invoice.customer, "3500.00", remittance_text="Payment INV-2026-000001")
    payment.refresh_from_db()
    assert (payment.unallocated, Allocation.objects.get().method) == (500, "specified")
    owed = owed_by(invoice.customer)
    assert (owed.receivables, owed.unallocated_advances) == (0, 500)


def test_a_clerk_chooses_items_and_amounts(invoice):
    payment, item = cash.paid(invoice.customer, "2500.00"), ReceivableItem.objects.get()
    fin = make.member("fin")
    for amount, message in (("2500.01", "Only 2500"), ("0", "more than zero"), ("0.001", "more than zero")):
        with pytest.raises(Refusal, match=message):
            perform(payment, "allocate", actor=fin, rows=[{"item": item, "amount": D(amount)}])
    with pytest.raises(Refusal, match="named twice"):
        perform(payment, "allocate", actor=fin, rows=[{"item": item, "amount": D(1)}] * 2)
    assert not Allocation.objects.exists()
    perform(payment, "allocate", actor=fin, rows=[{"item": item, "amount": D("700.00")}], at=NOON)
    payment.refresh_from_db()
    item.refresh_from_db()
    assert (payment.unallocated, item.open_amount, Allocation.objects.get().method) == (1800, 2300, "manual")


def test_another_customers_item_is_never_paid(invoice, rep):
    other = cash.order(rep)
    with pytest.raises(Refusal, match="same customer"):
        perform(cash.paid(other.customer, "1.00"), "allocate", actor=SYSTEM, rows=[{"item": ReceivableItem.objects.get(), "amount": D(1)}])
    with pytest.raises(Refusal, match="stays on account"):
        perform(Payment.objects.get(), "allocate", actor=SYSTEM)


def test_a_reversed_allocation_opens_the_item_again_and_mirrors_the_entry(invoice):
    payment = cash.paid(invoice.customer, "3000.00")
    perform(Allocation.objects.get(), "reverse", actor=make.member("fin"), at=NOON)
    item = ReceivableItem.objects.get()
    payment.refresh_from_db()
    invoice.refresh_from_db()
    assert (item.open_amount, item.open_base, item.closed_on, invoice.state, payment.unallocated) == (3000, 3000, None, "issued", 3000)
    mirror = JournalEntry.objects.get(event="allocation.reverse")
    assert mirror.reverses == JournalEntry.objects.get(event="allocation.create")
    assert invoice.order.plan_lines.get(seq=1).collected_on is None
    assert balances() == {"AR": 3000, "BILLINGS": -3000, "BANK": 3000, "ADVANCE": -3000}
    with pytest.raises(TransitionRefused):
        perform(Allocation.objects.get(), "reverse", actor=SYSTEM)
    assert_ledger_holds()


def test_a_bounced_payment_is_reversed_by_someone_else_and_leaves_nothing_behind(invoice):
    clerk = make.member("fin")
    payment = record_payment(actor=clerk, amount=D("3000.00"), currency="CNY", received_on=NOON.date(), customer=invoice.customer, at=NOON)
    perform(payment, "post", actor=clerk, at=NOON)
    with pytest.raises(Forbidden, match="recorded this yourself"):
        perform(payment, "reverse", actor=clerk, reason="Bounced")
    assert Allocation.objects.get().active
    with pytest.raises(Forbidden, match="finance approver"):
        perform(payment, "reverse", actor=make.member("fin"), reason="Bounced", at=NOON)
    perform(payment, "reverse", actor=cash.approver(), reason="Bounced", at=NOON)
    assert (payment.state, payment.unallocated, Allocation.objects.get().state) == ("reversed", 0, "reversed")
    assert balances() == {"AR": 3000, "BILLINGS": -3000}
    assert_ledger_holds()


def test_money_of_an_unknown_payer_waits_until_somebody_knows(invoice):
    payment = record_payment(actor=SYSTEM, amount=D("3000.00"), currency="CNY", received_on=NOON.date(), payer_name="?", at=NOON)
    perform(payment, "post", actor=SYSTEM, at=NOON)
    assert (payment.state, balances()["SUSPENSE"]) == ("unidentified", -3000)
    assert_ledger_holds()
    perform(payment, "identify", actor=make.member("fin"), customer=invoice.customer, at=NOON)
    assert (payment.state, balances().get("SUSPENSE")) == ("posted", None)
    perform(payment, "allocate", actor=SYSTEM, at=NOON)
    assert ReceivableItem.objects.get().open_amount == 0
    perform(payment, "reverse", actor=SYSTEM, reason="Not ours", at=NOON)
    assert balances() == {"AR": 3000, "BILLINGS": -3000}
    assert_ledger_holds()


def test_the_same_bank_line_is_booked_once(invoice):
    line = {"bank_account": "6222", "bank_ref": "B-1"}
    cash.paid(invoice.customer, "1.00", **line)
    with pytest.raises(Refusal, match="booked already"):
        cash.paid(invoice.customer, "1.00", **line)
    assert Payment.objects.count() == 1


def test_a_dollar_invoice_paid_in_two_parts_leaves_only_the_exchange_result(rep):
    for day, rate in ((5, "7.10"), (6, "7.05"), (7, "7.12")):
        ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=date(2026, 6, day), rate=D(rate))
    cash.order(rep, currency="USD", price="1000.00", term="prepaid")
    invoice = cash.issued(Invoice.objects.get())
    for day, amount in ((6, "3333.33"), (7, "6666.67")):
        payment = cash.paid(invoice.customer, amount, currency="USD", at=NOON.replace(day=day))
        if not payment.allocations.exists():
            perform(payment, "allocate", actor=SYSTEM, at=NOON.replace(day=day))
    assert [str(a.fx_diff.quantize(D("0.01"))) for a in Allocation.objects.order_by("created_at")] == ["166.66", "-133.33"]
    assert balances() == {"BANK": D("70966.67"), "FX": D("33.33"), "BILLINGS": -71000}
    assert_ledger_holds()


def test_only_finance_records_and_nobody_books_in_the_future(invoice, rep):
    with pytest.raises(Forbidden):
        record_payment(actor=rep, amount=D(1), currency="CNY", received_on=NOON.date())
    with pytest.raises(Refusal, match="still to come"):
        record_payment(actor=SYSTEM, amount=D(1), currency="CNY", received_on=date(2026, 6, 6), at=NOON)
    with pytest.raises(Refusal, match="more decimals"):
        record_payment(actor=SYSTEM, amount=D("0.001"), currency="CNY", received_on=NOON.date(), at=NOON)
    assert not Payment.objects.exists()


def test_the_ledger_is_never_changed(invoice):
    for write in (
        lambda: JournalEntry.objects.update(posted_by="x"),
        lambda: JournalLine.objects.all().delete(),
        lambda: JournalLine.objects.update(amount_base=0),
    ):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            write()


def test_the_database_refuses_an_entry_that_does_not_sum_to_zero(invoice):
    entry = JournalEntry.objects.get()
    bad = {"entry": entry, "seq": 9, "account": "BANK", "currency": "CNY", "fx_rate": 1, "amount_doc": 1, "amount_base": 1}
    with pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
        JournalLine.objects.create(**bad)
        connection.check_constraints()
    assert_ledger_holds()


def test_the_check_tells_what_does_not_agree(invoice):
    ReceivableItem.objects.update(open_amount=D("2999.00"))
    assert {sentence.split(":")[0] for sentence in violations()} == {"I2 receivables", "I9 item", "I5"}
