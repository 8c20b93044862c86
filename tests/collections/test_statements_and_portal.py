"""Statements of account, the customer's own door, and the clerk's workbench."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from ltc.activities.models import Activity
from ltc.calendars.services import set_up_calendar
from ltc.customers.models import Contact
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.aging import Age
from receivables.models import Dispute, DunningMessage, DunningNotice, InvoiceLink, PromiseToPay, ReceivableItem, Statement
from receivables.ranking import Debtor, rank
from receivables.services.account_statements import draw_up
from receivables.services.by_hand import remind_now
from receivables.services.portal import SALT, portal_link
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.make import at, owed
from tests.pages import Browser


@pytest.fixture
def item(inside, rep) -> ReceivableItem:
    set_up_calendar("CN", years=[2026])
    return owed(rep, due=date(2026, 9, 30))


def statement_of(item, first=date(2026, 8, 1), last=date(2026, 10, 31), actor=SYSTEM) -> Statement:
    return draw_up(actor=actor, customer=item.customer, currency="CNY", first=first, last=last, at=at(11, 2))


def test_a_statement_is_the_ledger(item):
    cash.paid(item.customer, "12000.00", at=at(10, 9))
    statement = statement_of(item)
    assert (statement.opening, statement.invoices, statement.receipts, statement.closing) == (0, 30_000, 12_000, 18_000)
    assert [(line["date"], Decimal(line["amount"])) for line in statement.lines] == [("2026-08-03", 30_000), ("2026-10-09", -12_000)]
    later = statement_of(item, date(2026, 10, 9), date(2026, 10, 31))
    assert (later.opening, later.closing) == (30_000, 18_000)


def test_a_statement_is_sent_and_answered(item):
    statement = statement_of(item)
    with pytest.raises(Forbidden):
        perform(statement, "send", actor=make.member("dm"))
    perform(statement, "send", actor=make.member("fin"))
    notice = DunningNotice.objects.get()
    assert (statement.state, notice.kind, notice.messages.get().recipient) == ("sent", "statement", "pay@example.com")
    perform(statement, "object", actor=make.member("fin"), by="Ms Chen", objection="We paid 5,000 more.", at=at(11, 4))
    assert (statement.state, statement.answered_on, statement.objection) == ("objected", date(2026, 11, 4), "We paid 5,000 more.")


def test_statements_by_rest_and_on_pages(tenant: Tenant):
    with acting_for(tenant):
        item = owed(make.member("rep"), due=date(2026, 9, 30))
        browser = Browser(make.member("fin"))
        assert browser.get(f"/account-statements/new/?customer={item.customer_id}", htmx=True).status_code == 200
        made = browser.post(
            "/account-statements/new/", customer=str(item.customer_id), currency="CNY", first="2026-08-01", last="2026-10-31"
        )
        assert made.status_code == 302, made.content[:600]
        assert "30,000.00" in browser.get(f"/account-statements/{Statement.objects.get().pk}/").content.decode()
    fin = caller_of(tenant, role="fin")
    body = {"customer": str(item.customer_id), "currency": "CNY", "first": "2026-08-01", "last": "2026-09-30"}
    answer = fin.post("account-statements/", body)
    assert (answer.status_code, answer.json()["closing"]) == (201, "30000.0000"), answer.content
    assert fin.post("account-statements/", {**body, "last": "2026-07-01"}).status_code == 409


@pytest.fixture
def door(item) -> str:
    """The address of the customer's portal on this machine."""
    return "/portal/" + portal_link(item.customer).split("/portal/")[1]


def test_the_customer_sees_its_items_and_nobody_elses(item, door, rep):
    other = owed(rep, due=date(2026, 9, 1))
    page = Client().get(door)
    assert page.status_code == 200
    text = page.content.decode()
    assert item.invoice.number in text and other.invoice.number not in text
    assert page["Cache-Control"].startswith("max-age=0")


def test_the_customer_promises_disputes_and_says_that_it_paid(item, door):
    client = Client()
    soon = (timezone.localdate() + timedelta(days=4)).isoformat()
    promised = client.post(
        door, {"what": "promise", "promise-items": str(item.pk), "promise-promised_on": soon, "promise-promised_amount": "20000"}
    )
    assert promised.status_code == 302, promised.content[:900]
    promise = PromiseToPay.objects.get()
    assert (promise.channel, promise.promised_amount, promise.promised_on.isoformat()) == ("portal", 20_000, soon)
    wrong = {
        "what": "dispute",
        "dispute-item": str(item.pk),
        "dispute-amount": "40000",
        "dispute-reason": "price",
        "dispute-description": "Too much",
    }
    assert client.post(door, wrong).status_code == 422 and not Dispute.objects.exists()
    assert client.post(door, {**wrong, "dispute-amount": "4000"}).status_code == 302
    assert Dispute.objects.get().amount == 4000
    paid = {"what": "payment", "payment-amount": "1500", "payment-paid_on": "2026-11-01", "payment-reference": "TT-9"}
    assert client.post(door, paid).status_code == 302
    assert "TT-9" in Activity.objects.get(kind="task").result
    page = client.get(door).content.decode()
    assert "20,000.00" in page and "4,000.00" in page


def test_the_customer_cannot_choose_another_customers_item(item, door, rep):
    other = owed(rep, due=date(2026, 9, 1))
    soon = (timezone.localdate() + timedelta(days=4)).isoformat()
    answer = Client().post(door, {"what": "promise", "promise-items": str(other.pk), "promise-promised_on": soon})
    assert answer.status_code == 422 and not PromiseToPay.objects.exists()


def test_the_customer_opens_an_invoice_from_its_account(item, door, rep):
    client = Client()
    ways = [client.post(door, {"what": "open", "invoice": str(item.invoice_id)})["Location"] for _time in range(2)]
    assert all(client.get(way).status_code == 200 for way in ways)
    assert item.invoice.number in client.get(ways[0]).content.decode()
    assert InvoiceLink.objects.count() == 1
    other = owed(rep, due=date(2026, 9, 1))
    assert client.post(door, {"what": "open", "invoice": str(other.invoice_id)}).status_code == 200
    assert InvoiceLink.objects.count() == 1


def test_the_customer_answers_its_statement(item, door):
    statement = statement_of(item)
    Client().post(door, {"what": "confirm", "statement": str(statement.pk), "by": "Ms Chen"})
    statement.refresh_from_db()
    assert statement.state == "generated"  # it was not sent yet
    perform(statement, "send", actor=SYSTEM)
    Client().post(door, {"what": "confirm", "statement": str(statement.pk), "by": "Ms Chen"})
    statement.refresh_from_db()
    assert (statement.state, statement.answered_by) == ("confirmed", "Ms Chen")


def test_what_no_database_takes_is_left_out_of_an_objection(item, door):
    statement = statement_of(item)
    perform(statement, "send", actor=SYSTEM)
    answer = Client().post(door, {"what": "object", "statement": str(statement.pk), "by": "Ms\0 Chen", "objection": "No\0t ours"})
    statement.refresh_from_db()
    assert (answer.status_code, statement.state, statement.answered_by) == (302, "objected", "Ms Chen")


def test_who_has_a_link_cannot_bury_finance_in_tasks(item, door, monkeypatch):
    monkeypatch.setattr("receivables.views.portal.PER_CUSTOMER", (2, 3600.0))
    paid = {"what": "payment", "payment-amount": "1500", "payment-paid_on": "2026-11-01", "payment-reference": "TT-9"}
    assert [Client().post(door, paid).status_code for _again in range(3)] == [302, 302, 429]
    assert Activity.objects.filter(kind="task").count() == 2 and Client().get(door).status_code == 200


def test_a_link_that_expired_or_was_changed_opens_nothing(item, door, monkeypatch):
    assert Client().get(door[:-4] + "x/").status_code == 410
    forged = signing.dumps({"tenant": item.tenant_id, "customer": str(item.customer_id)}, salt=SALT + ".other")
    assert Client().get(f"/portal/{forged}/").status_code == 410
    monkeypatch.setattr("receivables.services.portal.LINK_AGE", timedelta(seconds=-1))
    assert Client().get(door).status_code == 410


def test_the_value_at_risk_grows_with_age_and_broken_promises():
    owed_by_age = {Age.CURRENT: Decimal(100_000), Age.TO_30: Decimal(10_000), Age.OVER_90: Decimal(1_000)}
    plain = rank(Debtor(owed_by_age, oldest=95))
    assert (plain.at_risk, plain.overdue, plain.oldest) == (Decimal("1000.00"), 11_000, 95)
    assert rank(Debtor(owed_by_age, broken_promises=1)).at_risk == 1500
    promised = rank(Debtor(owed_by_age, promised=Decimal(11_000)))
    assert (promised.at_risk, promised.is_promised) == (500, True)


def test_the_workbench_ranks_tells_why_and_acts(item, rep):
    small = owed(rep, due=date(2026, 11, 10), price="100.00")
    browser = Browser(make.member("fin"))
    page = browser.get("/workbench/")
    assert page.status_code == 200
    assert [row["customer"].pk for row in page.context["rows"]] == [item.customer_id, small.customer_id]
    text = page.content.decode()
    assert item.invoice.number in text and "days late" in text and "/promises/new/?customer=" in text
    assert browser.post("/workbench/", do="call", customer=str(item.customer_id), result="Money is on its way").status_code == 302
    assert "Money is on its way" in browser.get(f"/workbench/?customer={item.customer_id}").content.decode()
    assert browser.post("/workbench/", do="remind", customer=str(item.customer_id)).status_code == 302
    notice = DunningNotice.objects.get()
    assert (notice.kind, notice.level, DunningMessage.objects.count(), notice.items.count()) == ("manual", 3, 1, 0)
    assert browser.get("/workbench/", htmx=True).status_code == 200


def test_a_reminder_by_hand_keeps_to_what_holds_the_planner_back(item):
    fin = make.member("fin")
    with pytest.raises(Forbidden):
        remind_now(item.customer, actor=make.member("rep"))
    Contact.objects.all().delete()
    with pytest.raises(Refusal):
        remind_now(item.customer, actor=fin)
    assert not DunningNotice.objects.exists()


def test_the_worklist_by_rest(tenant: Tenant):
    with acting_for(tenant):
        item = owed(make.member("rep"), due=timezone.localdate() - timedelta(days=40))
    (first,) = caller_of(tenant).get("worklist/").json()["data"]
    assert (first["customer"], first["overdue"], first["oldest_days"], first["at_risk"]) == (
        str(item.customer_id),
        "30000.0000",
        40,
        "1500.00",
    )
