from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.models import Allocation, DunningNotice, Invoice, Payment, ReceivableItem
from receivables.services.dispatch import send_reminders
from receivables.services.reminders import plan_reminders
from tests import make
from tests.collections import make as cash
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def browser(inside):
    return Browser(make.member("fin"))


@pytest.fixture
def invoice(rep):
    now = timezone.now() - timedelta(days=20)
    cash.order(rep, at=now)
    return cash.issued(Invoice.objects.get(), at=now)


def text(response):
    assert response.status_code == 200, response.content[:400]
    return response.content.decode()


def test_an_invoice_is_issued_from_its_page(browser, rep):
    cash.order(rep, at=timezone.now())
    draft = Invoice.objects.get()
    assert "Draft of SO-" in text(browser.get("/invoices/?view=draft"))
    assert "Submit" in text(browser.get(f"/invoices/{draft.pk}/"))
    for name, inputs in (("submit", {}), ("issue", {}), ("mark_sent", {"channel": "email", "recipient": "pay@example.com"})):
        assert browser.post(f"/invoices/{draft.pk}/do/{name}/", **inputs).status_code in (200, 302)
    draft.refresh_from_db()
    assert (draft.state, draft.sent_to) == ("issued", "pay@example.com")
    page = text(browser.get(f"/invoices/{draft.pk}/"))
    assert draft.number in page and "3,000.00" in page
    assert draft.number in text(browser.get(f"/orders/{draft.order_id}/"))


def test_the_receivables_are_shown_by_age(browser, invoice):
    ReceivableItem.objects.update(due_date=timezone.localdate() - timedelta(days=40))
    page = browser.get("/receivables/")
    assert "INV-" in text(page)
    assert [(str(bucket["label"]), int(bucket["value"])) for bucket in page.context["aging_buckets"]] == [
        ("Not due", 0), ("1–30 days", 0), ("31–60 days", 3000), ("61–90 days", 0), ("Over 90 days", 0),
    ]  # fmt: skip
    assert page.context["overdue"] == page.context["outstanding"] == 3000
    assert len(browser.get("/receivables/?age=31-60").context["page"]["rows"]) == 1
    assert browser.get("/receivables/?age=current").context["page"]["rows"] == []
    item = ReceivableItem.objects.get()
    assert browser.get(f"/receivables/{item.pk}/").headers["Location"].endswith(f"/invoices/{invoice.pk}/")


def test_a_payment_is_recorded_and_pays_what_fits(browser, invoice):
    form = text(browser.get(f"/payments/new/?invoice={invoice.pk}", htmx=True))
    assert 'value="3000"' in form and invoice.number in form
    values = {
        "customer": invoice.customer_id,
        "amount": "3000.00",
        "currency": "CNY",
        "received_on": timezone.localdate(),
        "method": "bank_transfer",
    }
    browser.post("/payments/new/", post="on", **values)
    payment = Payment.objects.get()
    assert (payment.state, payment.unallocated) == ("posted", 0)
    page = text(browser.get(f"/payments/{payment.pk}/"))
    assert invoice.number in page and "Exact amount" in page
    invoice.refresh_from_db()
    assert invoice.state == "settled"
    allocation = Allocation.objects.get()
    assert "Reverse" in text(browser.get(f"/allocations/{allocation.pk}/"))
    browser.post(f"/allocations/{allocation.pk}/do/reverse/")
    invoice.refresh_from_db()
    assert invoice.state == "issued"


def test_a_part_payment_shows_the_suggestion_and_starts_the_dialog_with_it(browser, invoice):
    payment = cash.paid(invoice.customer, "1000.00", at=timezone.now())
    assert "Suggested allocation" in text(browser.get(f"/payments/{payment.pk}/"))
    dialog = text(browser.get(f"/payments/{payment.pk}/do/allocate/", htmx=True))
    assert 'value="1000.0000"' in dialog or 'value="1000.00"' in dialog
    item = ReceivableItem.objects.get()
    rows = {"rows-TOTAL_FORMS": 1, "rows-INITIAL_FORMS": 1, "rows-0-item": item.pk, "rows-0-amount": "600.00"}
    browser.post(f"/payments/{payment.pk}/do/allocate/", **rows)
    payment.refresh_from_db()
    assert payment.unallocated == 400


def test_a_wrong_payment_says_what_is_wrong(browser, invoice):
    values = {"amount": "5", "currency": "CNY", "received_on": timezone.localdate() + timedelta(days=2), "method": "cash"}
    refused = browser.post("/payments/new/", **values)
    assert refused.status_code == 422 and "still to come" in refused.content.decode()
    assert not Payment.objects.exists()


def test_a_sent_reminder_is_shown_with_its_text(browser, invoice, rep, django_capture_on_commit_callbacks):
    ReceivableItem.objects.update(due_date=timezone.localdate() - timedelta(days=15))
    monday = timezone.now().replace(year=2026, month=11, day=23, hour=2)
    ReceivableItem.objects.update(due_date=monday.date() - timedelta(days=15))
    plan_reminders(now=monday)
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=monday)
    notice = DunningNotice.objects.get()
    assert "Payment demand" in text(browser.get(f"/reminders/{notice.pk}/"))
    assert "Level" in text(browser.get("/reminders/"))
    assert "Level 5" in text(browser.get("/receivables/"))
    assert str(notice.pk) in text(browser.get(f"/invoices/{invoice.pk}/"))
    customer = text(browser.get(f"/customers/{invoice.customer_id}/"))
    assert f"/reminder-cases/{notice.case_id}/" in customer and "Payment demand" in customer
    case = text(browser.get(f"/reminder-cases/{notice.case_id}/"))
    assert str(notice.pk) in case and "Pause reminders" in case
    assert text(browser.get("/reminder-cases/"))


def test_the_way_from_lead_to_cash_is_a_page(browser, rep, invoice):
    payment = cash.paid(invoice.customer, "3000.00", at=timezone.now())
    for kind, record in (("order", invoice.order), ("invoice", invoice), ("payment", payment)):
        page = text(browser.get(f"/trace/{kind}/{record.pk}/"))
        assert invoice.number in page and payment.number in page and "3,000.00" in page
    assert f"/trace/invoice/{invoice.pk}/" in text(browser.get(f"/invoices/{invoice.pk}/"))
    assert Browser(make.member("rep")).get(f"/trace/invoice/{invoice.pk}/").status_code == 404
    assert browser.get(f"/trace/nothing/{invoice.pk}/").status_code == 404
    redacted = text(Browser(make.member("dm")).get(f"/trace/order/{invoice.order_id}/"))
    assert payment.number in redacted


@pytest.mark.parametrize(
    "address", ["/invoices/?view=all", "/receivables/", "/payments/", "/reminders/", "/allocations/", "/reminder-cases/"]
)
def test_the_lists_take_the_same_number_of_queries_whatever_their_length(browser, rep, address):
    def fill():
        order = cash.order(rep)
        cash.paid(order.customer, "1.00")
        cash.issued(Invoice.objects.get(order=order))
        perform(Payment.objects.get(customer=order.customer), "allocate", actor=SYSTEM)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    fill()
    queries()
    few = queries()
    for _order in range(4):
        fill()
    assert queries() == few <= 14


def test_finance_finds_its_work_on_the_first_page(browser, rep):
    cash.order(rep, at=timezone.now())
    page = text(browser.get("/"))
    assert "Issue the invoice of SO-" in page and "Overdue" in page
