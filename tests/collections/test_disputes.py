from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ltc.calendars.services import set_up_calendar
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.models import Dispute, PromiseToPay, ReceivableItem
from receivables.services.disputes import open_dispute, undisputed
from tests import make
from tests.collections.make import at, owed
from tests.pages import Browser


@pytest.fixture
def item(inside, rep) -> ReceivableItem:
    set_up_calendar("CN", years=[2026])
    return owed(rep, due=date(2026, 9, 30))


def disputed(item, amount="10000", reason="price", actor=SYSTEM, **fields) -> Dispute:
    return open_dispute(actor=actor, item=item, amount=Decimal(amount), reason=reason, at=at(10, 9), **fields)


def test_a_dispute_goes_to_who_can_judge_it_within_five_business_days(item):
    delivery, finance = make.member("dm"), make.member("fin")
    assert disputed(item).owner == item.customer.owner
    quality = disputed(item, reason="quality")
    assert (quality.owner, disputed(item, reason="invoice_error").owner) == (delivery, finance)
    assert quality.due_on == date(2026, 10, 15)  # Saturday the 10th is worked
    assert undisputed(item, date(2026, 10, 9)) == 0


def test_no_more_is_disputed_than_is_open(item):
    disputed(item, "25000")
    with pytest.raises(Refusal) as refusal:
        disputed(item, "5000.01")
    assert refusal.value.code == "over_open"
    assert Dispute.objects.count() == 1


def test_the_days_of_waiting_for_the_customer_do_not_count(item):
    dispute = disputed(item)
    perform(dispute, "wait", actor=SYSTEM, at=at(10, 12))
    perform(dispute, "investigate", actor=SYSTEM, at=at(10, 14))
    assert (dispute.state, dispute.due_on, dispute.waiting_since) == ("investigating", date(2026, 10, 19), None)


def test_finance_answers_and_the_owner_does_not(item, rep):
    dispute = disputed(item)
    with pytest.raises(Forbidden):
        perform(dispute, "resolve_rejected", actor=rep, resolution="The price was agreed.")
    perform(dispute, "resolve_rejected", actor=make.member("fin"), at=at(10, 12), resolution="The price was agreed.")
    assert (dispute.state, dispute.resolved_on, dispute.resolution) == ("resolved_rejected", date(2026, 10, 12), "The price was agreed.")
    assert undisputed(item, date(2026, 10, 12)) == item.open_amount


def test_promise_and_dispute_are_entered_from_the_invoices_page(item):
    browser = Browser(make.member("fin"))
    invoice = f"/invoices/{item.invoice_id}/"
    page = browser.get(invoice).content.decode()
    assert f"/promises/new/?invoice={item.invoice_id}" in page and f"/disputes/new/?invoice={item.invoice_id}" in page
    address = f"/promises/new/?invoice={item.invoice_id}"
    assert item.invoice.number in browser.get(address, htmx=True).content.decode()
    soon = (timezone.localdate() + timedelta(days=3)).isoformat()
    made = browser.post(address, items=str(item.pk), promised_on=soon, channel="phone", evidence="Ms Chen on the phone")
    assert made.status_code == 302, made.content[:600]
    promise = PromiseToPay.objects.get()
    assert "Ms Chen on the phone" in browser.get(f"/promises/{promise.pk}/").content.decode()
    argued = browser.post(f"/disputes/new/?invoice={item.invoice_id}", item=str(item.pk), amount="5000", reason="price", description="Dear")
    assert argued.status_code == 302, argued.content[:600]
    assert "Dear" in browser.get(f"/disputes/{Dispute.objects.get().pk}/").content.decode()
    assert "Price" in browser.get("/disputes/").content.decode()
    assert len(browser.get("/promises/").context["page"]["rows"]) == 1
    assert "Promises to pay" in browser.get(invoice).content.decode()
