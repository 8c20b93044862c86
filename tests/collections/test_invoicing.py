from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from ltc.money.models import ExchangeRate, TaxCode
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import SYSTEM
from ltc.users.models import ApiKey
from ltc.workflow.engine import TransitionRefused, offered, perform
from receivables.billing import Ordered, OverInvoice, bill_part
from receivables.integrity import assert_ledger_holds
from receivables.models import DunningCase, Invoice, JournalEntry, ReceivableItem
from receivables.services.invoicing import draft_invoice, propose_invoice
from tests import make
from tests.collections import make as cash
from tests.collections.make import NOON
from tests.delivery import make as goods

pytestmark = pytest.mark.usefixtures("inside")
D = Decimal


def test_what_a_trigger_makes_billable_is_proposed_once(rep):
    order = cash.order(rep)
    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.gross, invoice.kind, invoice.number) == ("draft", D("3000.00"), "advance", None)
    assert invoice.plan_line == order.plan_lines.get(seq=1)
    assert propose_invoice(order.plan_lines.get(seq=1), actor=SYSTEM, at=NOON) == invoice
    with pytest.raises(IntegrityError, match="one_invoice_per_plan_line"), transaction.atomic():
        Invoice.objects.create(
            customer=order.customer, order=order, plan_line=invoice.plan_line, currency="CNY", net=D(1), tax=D(0), gross=D(1)
        )


def test_an_issued_invoice_has_number_item_and_posting(rep):
    cash.order(rep)
    invoice = cash.issued(Invoice.objects.get())
    assert (invoice.number, invoice.state, invoice.invoice_date) == ("INV-2026-000001", "issued", date(2026, 6, 5))
    item = ReceivableItem.objects.get()
    assert (item.amount, item.open_amount, item.due_date, item.customer) == (3000, 3000, invoice.plan_line.due_date, invoice.customer)
    entry = JournalEntry.objects.get()
    assert entry.number == "JE-2026-000001"
    assert {line.account: line.amount_base for line in entry.lines.all()} == {"AR": 3000, "BILLINGS": -3000}
    assert DunningCase.objects.get().customer == invoice.customer
    invoice.order.refresh_from_db()
    assert invoice.order.billing_status == "partial"
    assert_ledger_holds()


def test_below_the_limit_nobody_has_to_approve(rep):
    cash.order(rep)
    assert perform(Invoice.objects.get(), "submit", actor=make.member("fin"), at=NOON).state == "approved"


def test_from_the_limit_on_another_finance_approver_has_to_approve(rep):
    cash.order(rep, price="33333.40")
    author, clerk, approver = cash.approver(), make.member("fin"), cash.approver()
    invoice = perform(Invoice.objects.get(), "submit", actor=author, at=NOON)
    assert (invoice.gross, invoice.state) == (D("100000.20"), "in_approval")
    with pytest.raises(Forbidden, match="submitted this yourself"):
        perform(invoice, "approve", actor=author)
    with pytest.raises(Forbidden, match="finance approver"):
        perform(invoice, "approve", actor=clerk)
    with pytest.raises(TransitionRefused, match="not possible while"):
        perform(invoice, "issue", actor=author)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.number) == ("in_approval", None)
    assert perform(invoice, "approve", actor=approver).state == "approved"


def test_no_more_is_invoiced_than_was_delivered(rep):
    order = cash.order(rep, term="3-6-1")
    part = order.plan_lines.exclude(trigger__in=["contract_signed", "order_confirmed"]).first()
    with pytest.raises(Refusal, match="not due yet"):
        draft_invoice(order=order, part=part, actor=make.member("fin"))
    early = propose_invoice(part, actor=SYSTEM, at=NOON)
    with pytest.raises(Refusal, match="would be invoiced and 0 is") as refused:
        perform(early, "submit", actor=SYSTEM, at=NOON)
    assert refused.value.code == "match_quantity"
    assert Invoice.objects.get(pk=early.pk).state == "draft"


def test_the_invoices_of_an_order_are_the_order_to_the_cent(rep):
    vat = TaxCode.objects.create(code="VAT13", name="VAT", rate=D("0.13"), kind="special")
    lines = [goods.orders.line(price, qty="3", tax_code=vat) for price in ("333.33", "77.77", "0.05")]
    order = goods.confirmed(rep, term="3-3-3-1", at=NOON, lines=lines, price_includes_tax=False)
    goods.accepted(order, at=NOON)
    for part in order.plan_lines.filter(invoices=None):
        propose_invoice(part, actor=SYSTEM, at=NOON)
    invoices = [cash.issued(invoice) for invoice in Invoice.objects.exclude(plan_line__trigger="warranty_end")]
    invoices.append(cash.issued(Invoice.objects.get(plan_line__trigger="warranty_end")))
    order.refresh_from_db()
    assert [sum(getattr(invoice, field) for invoice in invoices) for field in ("net", "tax", "gross")] == [
        order.net,
        order.tax,
        order.gross,
    ]
    assert [line.qty_invoiced for line in order.lines.all()] == [3, 3, 3]
    assert order.billing_status == "full"
    assert_ledger_holds()


def test_a_dollar_invoice_keeps_the_rate_of_its_day(rep):
    for day, rate in ((date(2026, 6, 1), "7.05"), (date(2026, 6, 5), "7.10"), (date(2026, 6, 6), "7.90")):
        ExchangeRate.objects.create(from_currency="USD", to_currency="CNY", rate_date=day, rate=D(rate))
    cash.order(rep, currency="USD")
    invoice = cash.issued(Invoice.objects.get())
    assert (invoice.fx_rate, invoice.gross, invoice.gross_base) == (D("7.10"), 3000, D("21300.00"))
    with pytest.raises(Refusal) as refused:
        ExchangeRate.objects.all().delete()
        cash.order(rep, currency="USD")
    assert refused.value.code == "fx_rate_missing"


def test_an_invoice_is_not_dated_in_the_future(rep):
    cash.order(rep)
    invoice = perform(Invoice.objects.get(), "submit", actor=SYSTEM, at=NOON)
    with pytest.raises(Refusal, match="in the future"):
        perform(invoice, "issue", actor=SYSTEM, at=NOON, on=date(2026, 6, 6))
    assert not JournalEntry.objects.exists()
    perform(invoice, "issue", actor=SYSTEM, at=NOON, on=date(2026, 6, 4))
    assert invoice.invoice_date == date(2026, 6, 4)


def test_a_voided_draft_lets_its_instalment_be_invoiced_again(rep):
    order = cash.order(rep)
    fin = make.member("fin")
    perform(Invoice.objects.get(), "void", actor=fin, reason="Wrong address")
    again = draft_invoice(order=order, part=order.plan_lines.get(seq=1), actor=fin)
    assert (again.state, again.gross) == ("draft", 3000)
    invoice = cash.issued(again)
    with pytest.raises(Forbidden, match="finance approver"):
        perform(invoice, "void", actor=fin, reason="Too late", at=NOON)
    with pytest.raises(Refusal, match="before it is sent"):
        perform(invoice, "void", actor=cash.approver(), reason="Too late", at=NOON)


def test_sales_sees_the_invoices_of_own_customers_and_moves_none(rep):
    cash.order(rep)
    invoice = Invoice.objects.get()
    assert list(Invoice.objects.visible_to(rep)) == [invoice]
    assert not Invoice.objects.visible_to(make.member("rep")).exists()
    assert not Invoice.objects.visible_to(make.member("mkt")).exists()
    assert not any(offer.permitted for offer in offered(invoice, rep))
    assert not any(offer.permitted for offer in offered(invoice, make.member("adm")))
    with pytest.raises(Forbidden):
        perform(invoice, "submit", actor=rep)


def test_an_order_has_no_more_to_bill_than_is_left():
    line = Ordered("L", D(1), D(100), D(13), D(113), D("0.13"), billed_net=D(50), billed_tax=D("6.50"))
    with pytest.raises(OverInvoice):
        bill_part(D("56.51"), [line], "CNY", share=D("0.5"))
    (rest,) = bill_part(D("56.50"), [line], "CNY", share=D("0.5"))
    assert (rest.net, rest.tax, rest.qty) == (50, D("6.50"), 1)


def test_an_invoice_falls_due_by_the_term_of_its_instalment(rep):
    order = cash.order(rep, term="3-6-1")
    goods.accepted(order, at=NOON)
    for invoice in Invoice.objects.exclude(plan_line__trigger="warranty_end"):
        item = cash.issued(invoice, at=NOON + timedelta(days=1)).items.get()
        assert item.due_date == invoice.plan_line.due_date


def test_nobody_approves_what_they_submitted_with_a_key_of_theirs(rep):
    cash.order(rep, price="33333.40")
    approver, other = cash.approver(), cash.approver()
    key = ApiKey.objects.create(name="mine", digest="d", role="fin", access=["receivables:write"], created_by=approver)
    invoice = perform(Invoice.objects.get(), "submit", actor=key, at=NOON)
    with pytest.raises(Forbidden, match="submitted this yourself"):
        perform(invoice, "approve", actor=approver, at=NOON)
    assert perform(invoice, "approve", actor=other, at=NOON).state == "approved"
