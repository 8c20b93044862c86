from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.users.models import Membership
from ltc.workflow.engine import perform
from orders.models import Order
from tests import make
from tests.opportunities import make as deals
from tests.orders import make as orders
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def browser(rep: Membership) -> Browser:
    return Browser(rep)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_list_shows_how_far_each_order_is(browser: Browser, rep: Membership) -> None:
    order = orders.draft(rep)
    orders.draft(make.member("rep"))
    page = text(browser.get("/orders/"))
    assert order.number in page
    assert len(browser.get("/orders/").context["page"]["rows"]) == 1
    assert browser.get("/orders/?view=held").context["page"]["rows"] == []


def test_the_list_takes_the_same_number_of_queries_whatever_its_length(browser: Browser, rep: Membership) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/orders/").status_code == 200
        return len(seen)

    orders.draft(rep)
    queries()
    few = queries()
    for _order in range(6):
        orders.draft(rep)
    assert queries() == few <= 14


def test_a_draft_shows_the_plan_that_its_term_will_make(browser: Browser, rep: Membership) -> None:
    order = orders.draft(rep, term="3-6-1")
    page = text(browser.get(f"/orders/{order.pk}/"))
    assert "what the payment term will make" in page
    assert "339,000.00" in page
    assert "Contract signed" in page


def test_the_record_leads_back_to_the_deal_and_on_to_the_cash(browser: Browser, rep: Membership) -> None:
    lead = deals.qualified_lead(rep)
    perform(lead, "convert", actor=rep, amount=Decimal(5000))
    deal = lead.opportunities.get()
    for _step in range(4):
        perform(deal, "advance", actor=rep)
    perform(deal, "win", actor=rep)
    order = Order.objects.get()
    page = browser.get(f"/orders/{order.pk}/")
    chain = page.context["page"]["chain"]
    assert [link["label"] for link in chain] == ["Lead", "Opportunity", "Order", "Delivery", "Invoices", "Cash"]
    assert [link["status"] for link in chain] == ["done", "done", "current", "todo", "todo", "todo"]
    assert f"/opportunities/{deal.pk}/" in text(page)
    assert f"/orders/{order.pk}/" in text(browser.get(f"/opportunities/{deal.pk}/"))


def test_a_draft_gets_its_dates_in_the_grid_and_is_confirmed(browser: Browser, rep: Membership) -> None:
    order = orders.draft(rep, lines=[orders.line("500", promised_on=None)])
    button = next(a for a in browser.get(f"/orders/{order.pk}/").context["page"]["actions"] if a["name"] == "confirm")
    assert button["reasons"] == ("Give every line a promised date first.",)
    rows = {
        "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 1, "lines-0-description": "Robot", "lines-0-qty": "2", "lines-0-unit_price": "400",
        "lines-0-promised_on": "2027-02-01",
    }  # fmt: skip
    assert browser.get(f"/orders/{order.pk}/lines/", htmx=True).status_code == 200
    saved = browser.post(f"/orders/{order.pk}/lines/?version={order.version}", htmx=True, **rows)
    assert saved.status_code == 204, text(saved)
    order.refresh_from_db()
    done = browser.post(f"/orders/{order.pk}/do/confirm/?version={order.version}", htmx=True)
    assert done.status_code == 204, text(done)
    order.refresh_from_db()
    assert (order.state, order.gross) == ("confirmed", 800)
    late = browser.post(f"/orders/{order.pk}/lines/?version={order.version}", htmx=True, **rows)
    assert late.status_code in (409, 422)
    assert Order.objects.get().gross == 800


def test_the_page_warns_when_credit_does_not_cover_the_order(browser: Browser, rep: Membership) -> None:
    order = orders.draft(rep, customer=deals.customer(owner=rep, credit_limit=Decimal(100)))
    assert "credit does not cover this order" in text(browser.get(f"/orders/{order.pk}/"))
    refused = browser.post(f"/orders/{order.pk}/do/confirm/?version={order.version}", htmx=True)
    assert refused.status_code == 409


def test_an_order_is_drafted_in_a_form(browser: Browser, rep: Membership) -> None:
    customer, term = deals.customer(owner=rep), orders.terms()["3-6-1"]
    assert browser.get("/orders/new/").status_code == 200
    form = {
        "customer": customer.pk, "currency": "CNY", "payment_term": term.pk, "description": "Spare parts", "amount": "1200",
        "promised_on": "2027-02-01", "price_includes_tax": "on",
    }  # fmt: skip
    made = browser.post("/orders/new/", **form)
    assert made.status_code == 302, text(made)
    order = Order.objects.get()
    assert (order.gross, order.payment_term, order.lines.get().description) == (1200, term, "Spare parts")


def test_the_head_of_a_draft_is_edited(browser: Browser, rep: Membership) -> None:
    order = orders.draft(rep)
    form = {
        "order_date": "2026-11-20",
        "currency": "CNY",
        "price_includes_tax": "on",
        "billing_policy": "on_delivery",
        "customer_po_no": "PO-9",
    }
    assert browser.get(f"/orders/{order.pk}/edit/", htmx=True).status_code == 200
    saved = browser.post(f"/orders/{order.pk}/edit/?version={order.version}", htmx=True, **form)
    assert saved.status_code == 204, text(saved)
    order.refresh_from_db()
    assert (order.customer_po_no, order.billing_policy) == ("PO-9", "on_delivery")
