from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from receivables.models import CreditNote, Invoice, JournalEntry, PaymentEarmark, Period, ReceivableItem, Refund, WriteOff
from receivables.services.free_invoices import issue_past_invoice
from receivables.tasks import check
from tests import make
from tests.collections import make as cash
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def browser(inside):
    return Browser(make.member("fin"))


@pytest.fixture
def approver(inside):
    return Browser(cash.approver())


@pytest.fixture
def invoice(rep):
    now = timezone.now() - timedelta(days=20)
    cash.order(rep, at=now)
    return cash.issued(Invoice.objects.get(), at=now)


def text(response):
    assert response.status_code == 200, response.content[:400]
    return response.content.decode()


def test_a_part_of_an_invoice_is_credited_from_its_page_by_two_people(browser, approver, invoice):
    assert f"/credit-notes/new/?invoice={invoice.pk}" in text(browser.get(f"/invoices/{invoice.pk}/"))
    assert "3000" in text(browser.get(f"/credit-notes/new/?invoice={invoice.pk}", htmx=True))
    refused = browser.post("/credit-notes/new/", invoice=invoice.pk, amount="3000.01", reason="price", note="")
    assert refused.status_code == 422 and "more than the invoice" in refused.content.decode()
    assert browser.post("/credit-notes/new/", invoice=invoice.pk, amount="100.00", reason="price", note="").status_code in (200, 302)
    credit = CreditNote.objects.get()
    browser.post(f"/credit-notes/{credit.pk}/do/submit/")
    approver.post(f"/credit-notes/{credit.pk}/do/approve/")
    browser.post(f"/credit-notes/{credit.pk}/do/issue/", on=timezone.localdate().isoformat())
    credit.refresh_from_db()
    assert (credit.state, ReceivableItem.objects.get().open_amount) == ("applied", 2900)
    assert "CN-" in text(browser.get(f"/credit-notes/{credit.pk}/"))
    assert "CN-" in text(browser.get(f"/invoices/{invoice.pk}/"))
    assert "CN-" in text(browser.get("/credit-notes/"))


def test_a_write_off_waits_for_a_second_person(browser, approver, invoice):
    item = ReceivableItem.objects.get()
    assert f"/write-offs/new/?item={item.pk}" in text(browser.get(f"/invoices/{invoice.pk}/"))
    today = timezone.localdate().isoformat()
    browser.post("/write-offs/new/", item=item.pk, amount="3000.00", kind="bad_debt", date=today, reason="Insolvent")
    asked = WriteOff.objects.get()
    assert asked.state == "requested"
    assert browser.post(f"/write-offs/{asked.pk}/do/approve/").status_code == 403
    assert "Approve" in text(approver.get("/"))
    approver.post(f"/write-offs/{asked.pk}/do/approve/")
    asked.refresh_from_db()
    invoice.refresh_from_db()
    assert (asked.state, invoice.state) == ("posted", "settled")
    assert "Insolvent" in text(browser.get(f"/write-offs/{asked.pk}/"))


def test_money_on_account_is_earmarked_and_paid_back_from_the_payments_page(browser, approver, invoice):
    payment = cash.paid(invoice.customer, "50.00", at=timezone.now())
    page = text(browser.get(f"/payments/{payment.pk}/"))
    assert f"/payments/{payment.pk}/earmark/" in page and f"/refunds/new/?payment={payment.pk}" in page
    part = invoice.order.plan_lines.get(seq=2)
    assert "plan_line" in text(browser.get(f"/payments/{payment.pk}/earmark/", htmx=True))
    browser.post(f"/payments/{payment.pk}/earmark/", plan_line=part.pk, amount="20.00")
    assert PaymentEarmark.objects.get().amount == 20
    today = timezone.localdate().isoformat()
    browser.post("/refunds/new/", payment=payment.pk, amount="30.00", date=today, reason="Paid twice")
    refund = Refund.objects.get()
    approver.post(f"/refunds/{refund.pk}/do/approve/")
    payment.refresh_from_db()
    assert payment.unallocated == 20
    assert "30.00" in text(browser.get(f"/refunds/{refund.pk}/"))


def test_retention_is_released_from_the_invoices_page(browser, invoice):
    at = timezone.now()
    kept = issue_past_invoice(
        customer=invoice.customer, items=[{"amount": Decimal("10.00"), "retention": True}], on=timezone.localdate(at), at=at
    )
    item = kept.items.get()
    assert f"/receivables/{item.pk}/release/" in text(browser.get(f"/invoices/{kept.pk}/"))
    browser.post(f"/receivables/{item.pk}/release/", on=timezone.localdate().isoformat())
    item.refresh_from_db()
    assert (item.released, item.due_date) == (True, timezone.localdate())


def test_the_journal_shows_each_posting_and_is_exported(browser, invoice):
    check({})
    assert "The books agreed" in text(browser.get("/journal/"))
    entry = JournalEntry.objects.get()
    assert "BILLINGS" not in text(browser.get(f"/journal/{entry.pk}/"))
    assert "Billings, net" in text(browser.get(f"/journal/{entry.pk}/"))
    exported = browser.get("/journal/export/?from=2020-01-01&to=2030-01-01")
    assert exported["Content-Type"].startswith("text/csv") and entry.number in exported.content.decode()


def test_a_difference_is_told_and_not_repaired(browser, invoice):
    ReceivableItem.objects.update(open_amount=Decimal("2999.00"))
    check({})
    assert "I2 receivables" in text(browser.get("/journal/"))
    assert ReceivableItem.objects.get().open_amount == 2999


def test_a_month_is_closed_and_reopened_from_its_page(browser, approver, invoice):
    month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    browser.post("/periods/new/", month=month.isoformat())
    period = Period.objects.get()
    browser.post(f"/periods/{period.pk}/do/close/")
    period.refresh_from_db()
    assert period.state == "closed"
    assert f"{month:%Y-%m}" in text(browser.get("/periods/"))
    assert browser.post(f"/periods/{period.pk}/do/reopen/", reason="Forgotten").status_code == 403
    approver.post(f"/periods/{period.pk}/do/reopen/", reason="Forgotten")
    period.refresh_from_db()
    assert period.state == "open"


def test_a_customers_statement_is_a_page(browser, invoice):
    page = text(browser.get(f"/customers/{invoice.customer_id}/statement/?from=2020-01-01&to=2030-01-01"))
    assert invoice.number in page and "3,000.00" in page
    assert "/statement/" in text(browser.get(f"/customers/{invoice.customer_id}/"))
