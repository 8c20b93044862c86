"""The clerk's workbench: the queue, the customer beside it, and money beside its likely invoices."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ltc.activities.models import Activity
from ltc.users.actors import SYSTEM
from receivables.integrity import assert_ledger_holds
from receivables.models import BankFormat, Payment, ReceivableItem
from receivables.services.disputes import open_dispute
from receivables.services.free_invoices import issue_past_invoice
from receivables.services.promises import make_promise
from receivables.services.receipts import record_payment
from receivables.worklist import queue, unplaced
from tests import make
from tests.collections import make as cash
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")
D = Decimal


@pytest.fixture
def clerk(inside):
    return make.member("fin")


@pytest.fixture
def item(rep):
    """3,000.00, forty days late."""
    return cash.owed(rep, due=timezone.localdate() - timedelta(days=40), price="1000.00", on=timezone.now() - timedelta(days=70))


def came(amount, **fields):
    """A line of a bank statement of which nobody knows anything yet."""
    return record_payment(actor=SYSTEM, amount=D(amount), currency="CNY", received_on=timezone.localdate(), **fields)


def test_money_stands_beside_the_invoice_that_its_memo_names_and_one_press_places_it(clerk, item):
    payment = came("3000.00", payer_name="A stranger", remittance_text=f"for {item.invoice.number}")
    (found,) = unplaced(clerk)
    assert ([each.customer for each in found.customers], found.method, found.shares) == ([item.customer], "specified", ((item, D("3000")),))
    page = Browser(clerk).get("/workbench/")
    assert item.invoice.number in page.content.decode() and found.is_certain
    Browser(clerk).post("/workbench/", do="place", payment=str(payment.pk))
    payment.refresh_from_db()
    item.refresh_from_db()
    assert (payment.state, payment.unallocated, item.open_amount) == ("posted", 0, 0)
    assert unplaced(clerk) == []
    assert_ledger_holds()


def test_money_that_two_could_have_sent_is_placed_only_for_the_one_that_the_clerk_names(clerk, item, rep):
    other = cash.owed(rep, due=timezone.localdate() - timedelta(days=3), price="1000.00", on=timezone.now() - timedelta(days=50))
    payment = came("3000.00", payer_name="A stranger")
    (found,) = unplaced(clerk)
    assert {each.customer for each in found.customers} == {item.customer, other.customer} and not found.is_certain
    Browser(clerk).post("/workbench/", do="place", payment=str(payment.pk))
    payment.refresh_from_db()
    assert payment.state == "imported"
    Browser(clerk).post("/workbench/", do="place", payment=str(payment.pk), customer=str(other.customer.pk))
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.open_amount, other.open_amount) == (D("3000"), 0)


def test_several_payments_are_placed_at_once_and_a_stranger_waits_in_suspense(clerk, item):
    known = [came("1000.00", payer_name=item.customer.name), came("500.00", payer_name=item.customer.name)]
    stranger = came("77.77", payer_name="Nobody")
    browser = Browser(clerk)
    browser.post("/workbench/", do="place", payment=[str(each.pk) for each in known])
    item.refresh_from_db()
    assert item.open_amount == D("1500")
    browser.post("/workbench/", do="suspense", payment=str(stranger.pk))
    stranger.refresh_from_db()
    assert stranger.state == Payment.State.UNIDENTIFIED
    assert_ledger_holds()


def test_who_may_not_post_places_nothing(item):
    payment = came("3000.00", payer_name=item.customer.name)
    owner = Browser(item.customer.owner)
    assert "Money to place" not in owner.get("/workbench/").content.decode()
    owner.post("/workbench/", do="place", payment=str(payment.pk))
    payment.refresh_from_db()
    assert (payment.state, payment.number) == ("imported", None)


def test_promises_and_disputes_weigh_in_base_currency(clerk, item):
    now = timezone.now() - timedelta(days=70)
    due = timezone.localdate() - timedelta(days=40)
    cash.paid(item.customer, "3000.00", at=timezone.now())
    abroad = issue_past_invoice(
        customer=item.customer, items=[{"amount": "500.00", "due_date": due}], on=timezone.localdate(now), at=now,
        currency="USD", fx_rate=D("7.1"),
    )  # fmt: skip
    item = abroad.items.get()
    assert item.open_base > item.open_amount
    make_promise(actor=SYSTEM, items=[{"item": item}], promised_on=timezone.localdate() + timedelta(days=2))
    (place,) = queue(clerk, timezone.localdate())
    assert place.rank.is_promised, "all of it is promised, though the number of dollars is less than that of yuan"
    open_dispute(actor=SYSTEM, item=item, reason="price", amount=D(100))
    (place,) = queue(clerk, timezone.localdate())
    assert place.rank.is_disputed


def test_a_call_is_noted_with_the_day_of_the_next_one_and_a_list_of_calls_is_made(clerk, item):
    browser = Browser(clerk)
    again = timezone.localdate() + timedelta(days=6)
    browser.post("/workbench/", do="call", customer=str(item.customer.pk), result="Will pay", again=again.isoformat())
    call = Activity.objects.get(subject=item.customer.pk, kind=Activity.Kind.CALL)
    assert call.result == "Will pay"
    browser.post("/workbench/", do="list", customer=[str(item.customer.pk)])
    tasks = Activity.objects.filter(subject=item.customer.pk, kind=Activity.Kind.TASK, done_at__isnull=True)
    assert {timezone.localdate(task.due_at) >= timezone.localdate() + timedelta(days=1) for task in tasks} == {True} and len(tasks) == 2
    assert browser.get("/workbench/?customer=nonsense").status_code == 200


def test_a_promise_from_the_workbench_leads_back_to_it(clerk, item):
    address = f"/promises/new/?customer={item.customer.pk}&from=workbench"
    made = Browser(clerk).post(address, items=str(item.pk), promised_on=timezone.localdate() + timedelta(days=3), channel="phone")
    assert made.headers["Location"].endswith(f"/workbench/?customer={item.customer.pk}")


def test_a_bank_is_described_column_by_column(clerk):
    browser = Browser(clerk)
    assert browser.get("/bank-statements/new/").headers["Location"].endswith("/bank-formats/new/")
    told = {
        "name": "House bank", "kind": "csv", "bank_account": "DE-1", "currency": "CNY", "encoding": "utf-8", "delimiter": ";",
        "date_format": "%d.%m.%Y", "decimal_mark": ",", "skip_rows": "0",
    }  # fmt: skip
    refused = browser.post("/bank-formats/new/", **told, column_date="Date")
    assert refused.status_code == 422 and "which column holds the amount" in refused.content.decode()
    browser.post("/bank-formats/new/", **told, column_date="Date", column_amount="3", column_text="Memo")
    form = BankFormat.objects.get()
    assert form.columns == {"date": "Date", "amount": 3, "text": "Memo"}
    edit = browser.get(f"/bank-formats/{form.pk}/edit/", htmx=True).content.decode()
    assert 'value="Memo"' in edit and 'value="3"' in edit


def test_the_reasons_for_the_rank_are_told(clerk, item):
    page = Browser(clerk).get("/workbench/").content.decode()
    assert "40 days late" in page and "Mostly 31–60 days" in page
    ReceivableItem.objects.update(due_date=timezone.localdate() - timedelta(days=1))
    assert "1 day late" in Browser(clerk).get("/workbench/").content.decode()
