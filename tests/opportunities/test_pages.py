from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from opportunities.services import update_opportunity
from tests import make
from tests.opportunities import make as deals
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("inside")
BOARD = "/opportunities/board/"


@pytest.fixture
def browser(rep: Membership) -> Browser:
    return Browser(rep)


def text(response: Any) -> str:
    return str(response.content.decode())


def heads(response: Any) -> dict[str, tuple[int, Any, Any]]:
    return {column["key"]: (column["count"], column["sum"], column["weighted"]) for column in response.context["page"]["columns"]}


def test_the_board_shows_each_stage_with_its_sum_and_weighted_sum(browser: Browser, rep: Membership) -> None:
    deals.deal(rep, amount="100000", name="Line one")
    late = deals.deal(rep, amount="80000", stage="negotiation", close_date=timezone.localdate() - timedelta(days=1))
    update_opportunity(late, actor=rep, next_step="Call the plant manager")
    deals.deal(make.member("rep"), amount="7")
    page = browser.get(BOARD)
    assert page.status_code == 200
    assert heads(page)["discovery"] == (1, 100000, 10000)
    assert heads(page)["negotiation"] == (1, 80000, 60000)
    assert heads(page)["bidding"] == (0, 0, 0)
    assert "Line one" in text(page)
    assert "Call the plant manager" in text(page)
    (card,) = page.context["page"]["columns"][3]["cards"]
    assert card["close_late"]
    assert card["targets"] == ["discovery", "solution", "bidding", "signing", "won", "lost", "cancelled"]


def test_a_card_goes_one_column_on(browser: Browser, rep: Membership) -> None:
    deal = deals.deal(rep)
    moved = browser.post(BOARD, htmx=True, id=deal.pk, target="solution")
    assert moved.status_code == 200
    deal.refresh_from_db()
    assert (deal.stage, heads(moved)["solution"][0]) == ("solution", 1)


@pytest.mark.parametrize(("stage", "target", "asks"), [("discovery", "bidding", "Skip ahead"), ("bidding", "discovery", "Move back")])
def test_going_further_or_back_asks_why(browser: Browser, rep: Membership, stage: str, target: str, asks: str) -> None:
    deal = deals.deal(rep, stage=stage)
    asked = browser.post(BOARD, htmx=True, id=deal.pk, target=target)
    assert asked.status_code == 422
    assert asks in text(asked)
    assert f'<option value="{target}" selected>' in text(asked)
    deal.refresh_from_db()
    assert deal.stage == stage


def test_a_card_is_won_or_lost_from_its_menu(browser: Browser, rep: Membership) -> None:
    deal = deals.deal(rep, stage="signing")
    reason = deals.reason()
    asked = browser.post(BOARD, htmx=True, id=deal.pk, target="lost")
    assert (asked.status_code, str(reason) in text(asked)) == (422, True)
    assert browser.post(BOARD, htmx=True, id=deal.pk, target="won").status_code == 200
    deal.refresh_from_db()
    assert deal.state == "won"
    early = deals.deal(rep)
    refused = browser.post(BOARD, htmx=True, id=early.pk, target="won")
    assert (refused.status_code, Opportunity.objects.get(pk=early.pk).state) == (409, "open")


def test_another_reps_card_is_not_there(browser: Browser) -> None:
    deal = deals.deal(make.member("rep"))
    assert browser.post(BOARD, htmx=True, id=deal.pk, target="solution").status_code == 404
    assert browser.get(f"/opportunities/{deal.pk}/").status_code == 404


def test_a_board_of_many_deals_takes_twelve_queries(inside: Tenant, browser: Browser, rep: Membership) -> None:
    first = deals.deal(rep)
    browser.get(BOARD)
    fields = {field.attname: getattr(first, field.attname) for field in Opportunity._meta.concrete_fields if field.attname != "id"}
    Opportunity.objects.bulk_create(
        [Opportunity(**{**fields, "number": f"O-{number}", "name": f"Deal {number}"}) for number in range(2000)], batch_size=500
    )
    with CaptureQueriesContext(connection) as seen:
        page = browser.get(BOARD)
    assert heads(page)["discovery"][0] == 2001
    assert len(seen) <= 12, [query["sql"][:90] for query in seen]


def test_the_table_takes_the_same_number_of_queries_whatever_its_length(browser: Browser, rep: Membership) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/opportunities/").status_code == 200
        return len(seen)

    deals.deal(rep)
    queries()
    few = queries()
    for _deal in range(6):
        deals.deal(rep)
    assert queries() == few <= 12


def test_the_table_is_narrowed_by_view_and_search(browser: Browser, rep: Membership) -> None:
    deals.deal(rep, name="Alpha line")
    perform(deals.deal(rep, name="Beta line"), "lose", actor=rep, lost_reason=deals.reason())
    assert "Beta line" not in text(browser.get("/opportunities/"))
    assert "Beta line" in text(browser.get("/opportunities/?view=lost"))
    found = text(browser.get("/opportunities/?view=all&q=alpha"))
    assert ("Alpha line" in found, "Beta line" in found) == (True, False)


def test_the_record_shows_its_path_lines_and_what_can_be_done(browser: Browser, rep: Membership) -> None:
    lead = deals.qualified_lead(rep, company_name="Shunde Foods Ltd")
    perform(lead, "convert", actor=rep, amount=1000)
    deal = Opportunity.objects.get()
    update_opportunity(deal, actor=rep, lines=[{"description": "Robot", "qty": 2, "unit_price": 50}], next_step="Visit")
    page = browser.get(f"/opportunities/{deal.pk}/")
    assert page.status_code == 200
    assert [step["status"] for step in page.context["page"]["path"]] == ["current", "todo", "todo", "todo", "todo"]
    assert page.context["page"]["path"][0]["days"] == 0
    assert [link["label"] for link in page.context["page"]["chain"]][:3] == ["Lead", "Opportunity", "Order"]
    assert {"advance", "lose", "suspend"} <= {action["name"] for action in page.context["page"]["actions"]}
    for words in ("Shunde Foods Ltd", "Robot", "Visit", "Advance"):
        assert words in text(page)


def test_a_deal_is_opened_in_a_form(browser: Browser, rep: Membership) -> None:
    customer = deals.customer(owner=rep)
    assert browser.get(f"/opportunities/new/?customer={customer.pk}").status_code == 200
    form = {
        "customer": customer.pk,
        "name": "New line",
        "type": "new_business",
        "currency": "CNY",
        "amount": "5000",
        "close_date": "2027-03-01",
    }
    made = browser.post("/opportunities/new/", **form)
    deal = Opportunity.objects.get()
    assert (made.status_code, deal.name, deal.owner, deal.amount) == (302, "New line", rep, 5000)
    assert browser.post("/opportunities/new/", **{**form, "name": ""}).status_code == 422


def test_a_deal_is_edited_in_a_dialog_and_a_stale_one_is_refused(browser: Browser, rep: Membership) -> None:
    deal = deals.deal(rep)
    address = f"/opportunities/{deal.pk}/edit/?version={deal.version}"
    asked = browser.get(address, htmx=True)
    assert (asked.status_code, "Probability in percent" in text(asked)) == (200, True)
    form = {
        "name": "Renamed", "type": "renewal", "amount": "300000", "currency": "CNY", "close_date": "2027-03-01", "probability": "35",
        "forecast_category": "pipeline", "next_step": "", "next_step_on": "",
    }  # fmt: skip
    assert browser.post(address, htmx=True, **form).status_code == 204
    deal.refresh_from_db()
    assert (deal.name, deal.probability * 100, deal.amount_base) == ("Renamed", 35, 300000)
    assert browser.post(address, htmx=True, **form).status_code == 409


def test_lines_are_edited_as_a_grid(browser: Browser, rep: Membership) -> None:
    deal = deals.deal(rep)
    address = f"/opportunities/{deal.pk}/lines/?version={deal.version}"
    assert browser.get(address, htmx=True).status_code == 200
    rows = {
        "lines-TOTAL_FORMS": 2, "lines-INITIAL_FORMS": 0,
        "lines-0-description": "Robot", "lines-0-qty": "2", "lines-0-unit_price": "100", "lines-0-discount": "10",
        "lines-1-description": "Setup", "lines-1-qty": "1", "lines-1-unit_price": "20",
    }  # fmt: skip
    saved = browser.post(address, htmx=True, **rows)
    assert saved.status_code == 204, text(saved)
    deal.refresh_from_db()
    assert (deal.amount, deal.lines.count()) == (200, 2)
    rows["lines-0-qty"] = "-1"
    deal.refresh_from_db()
    assert browser.post(f"/opportunities/{deal.pk}/lines/?version={deal.version}", htmx=True, **rows).status_code == 422


def test_a_lost_deal_says_why(browser: Browser, rep: Membership) -> None:
    deal = deals.deal(rep, stage="bidding")
    perform(deal, "lose", actor=rep, lost_reason=deals.reason(), lost_to="Acme")
    page = browser.get(f"/opportunities/{deal.pk}/")
    assert "Price, to Acme" in text(page)
    assert [step["status"] for step in page.context["page"]["path"]] == ["done", "done", "lost", "todo", "todo"]
