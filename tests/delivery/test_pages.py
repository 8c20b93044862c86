import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.models import Acceptance, DeliveryCommitment, Shipment
from tests import make
from tests.delivery import make as goods
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def browser(inside):
    return Browser(make.member("dm"))


def text(response):
    assert response.status_code == 200, response.content[:400]
    return response.content.decode()


def test_a_shipment_is_planned_from_its_order_and_walks_over_the_pages(browser, rep):
    order = goods.confirmed(rep, term="acceptance-60")
    page = text(browser.get(f"/orders/{order.pk}/"))
    assert f"/shipments/plan/{order.pk}/" in page and "Delivery promises" in page
    assert "Plan a shipment of" in text(browser.get(f"/shipments/plan/{order.pk}/", htmx=True))
    promise = DeliveryCommitment.objects.get()
    rows = {"lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 1, "lines-0-commitment": promise.pk}
    refused = browser.post(f"/shipments/plan/{order.pk}/", **rows, **{"lines-0-qty": "11", "planned_on": "2026-09-01"})
    assert refused.status_code == 422 and "10 is left" in refused.content.decode()
    browser.post(f"/shipments/plan/{order.pk}/", **rows, **{"lines-0-qty": "10", "planned_on": "2026-09-01", "carrier": "SF"})
    shipment = Shipment.objects.get()
    assert shipment.number in text(browser.get(f"/shipments/{shipment.pk}/"))
    for name, inputs in (("release", {}), ("ship", {"carrier": "SF Express"}), ("confirm_pod", {"signed_by": "Ms Chen"})):
        assert browser.post(f"/shipments/{shipment.pk}/do/{name}/", **inputs).status_code in (200, 302)
    acceptance = Acceptance.objects.get()
    assert acceptance.number in text(browser.get(f"/shipments/{shipment.pk}/"))
    assert "Accept" in text(browser.get(f"/acceptances/{acceptance.pk}/"))
    browser.post(f"/acceptances/{acceptance.pk}/do/reject/", reason="Scratches")
    assert "Submit for acceptance" in text(browser.get(f"/shipments/{shipment.pk}/"))
    assert browser.post(f"/shipments/{shipment.pk}/submit/").status_code == 302
    assert Acceptance.objects.count() == 2
    assert text(browser.get("/acceptances/")) and text(browser.get("/commitments/")) and text(browser.get(f"/commitments/{promise.pk}/"))


def test_the_board_has_the_shipments_by_state_and_the_accepted_ones_apart(browser, rep):
    planned = goods.planned(goods.confirmed(rep))
    done = goods.confirmed(rep, term="acceptance-60")
    goods.accepted(done)
    page = browser.get("/shipments/board/")
    columns = {column["key"]: [card["id"] for card in column["cards"]] for column in page.context["page"]["columns"]}
    assert list(columns) == ["planned", "released", "shipped", "delivered", "accepted"]
    assert columns["planned"] == [str(planned.pk)]
    assert columns["accepted"] == [str(done.shipments.get().pk)]
    assert columns["delivered"] == []


def test_a_card_is_moved_and_asks_for_what_is_missing(browser, rep):
    order = goods.confirmed(rep)
    shipment = goods.planned(order)
    assert browser.post("/shipments/board/", htmx=True, id=str(shipment.pk), target="released").status_code == 200
    asked = browser.post("/shipments/board/", htmx=True, id=str(shipment.pk), target="shipped")
    assert asked.status_code == 422 and "carrier" in asked.content.decode()
    shipment.refresh_from_db()
    assert shipment.state == "released"


@pytest.mark.parametrize("address", ["/shipments/", "/shipments/board/", "/acceptances/", "/commitments/"])
def test_the_lists_take_the_same_number_of_queries_whatever_their_length(browser, rep, address):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    goods.delivered(goods.confirmed(rep, term="acceptance-60"))
    queries()
    few = queries()
    for _order in range(4):
        goods.delivered(goods.confirmed(rep, term="acceptance-60"))
    assert queries() == few <= 14


def test_a_salesperson_of_another_customer_finds_nothing(rep):
    shipment = goods.planned(goods.confirmed(rep))
    other = Browser(make.member("rep"))
    assert other.get(f"/shipments/{shipment.pk}/").status_code == 404
    assert Browser(make.member("mkt")).get("/shipments/").status_code == 403
    assert Browser(rep).get(f"/shipments/plan/{shipment.order_id}/").status_code == 403
