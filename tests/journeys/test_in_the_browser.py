"""One lead walks from first touch to bank line in a browser, each role at its own window, with all servers running."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.chrome import chromium, sync_api
from tests.journeys.company import PASSWORD, Company
from tests.journeys.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WAIT = 90_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        sync_api.expect.set_options(timeout=WAIT)
        yield started


def test_a_lead_becomes_cash_by_buttons_alone(company: Company, browser: Any) -> None:
    windows = {role: Person(browser, company.address, company.code, timeout=WAIT) for role in ("rep", "dm", "fin")}
    rep, dm, fin = (windows[role].sign_in(f"{role}@{company.code}.example", PASSWORD) for role in windows)

    lead = capture(rep)
    work_on(rep)
    deal = convert(rep)
    win(rep, deal)
    confirm(rep)
    order = rep.number
    deliver(dm, order)
    invoice = bill(fin)
    remind(fin, company, invoice)
    collect(fin, company, invoice)
    look_back(rep, fin, lead, order)

    for role, window in windows.items():
        assert not window.wrong, f"{role}:\n" + "\n".join(window.wrong)
        window.close()


def capture(rep: Person) -> str:
    """A lead is captured in the form, and Celery scores it."""
    rep.open("leads/")
    rep.page.locator("[data-create]").first.click()
    rep.page.wait_for_url("**/leads/new/")
    form = rep.page.locator("form.panel")
    for name, value in (("contact_name", "Ms Lin"), ("company_name", "Lotus Precision Ltd"), ("email", "lin@lotus.example")):
        rep.answer(form, name, value)
    rep.answer(form, "est_amount", "12000")
    rep.answer(form, "channel", "Website")
    rep.answer(form, "owner", "Rep")
    with rep.page.expect_navigation():
        form.locator(".btn-primary").click()
    rep.sees("Lotus Precision Ltd", "h1")
    rep.sees_in_time("fit ", "[aria-label=Related]")
    return rep.number


def work_on(rep: Person) -> None:
    """A call is the first contact; what was heard makes the lead fit to be qualified."""
    box = rep.page.locator("form.composer")
    box.locator("textarea").fill("She decides, and the budget is there.")
    box.locator("label.kind").filter(has_text="Call").click()
    with rep.page.expect_response(lambda answer: answer.request.method == "POST"):
        box.locator(".btn-primary").click()
    rep.sees("She decides", "#timeline")
    rep.page.reload()
    rep.sees("Working", "[aria-current=step]")
    rep.page.get_by_role("link", name="Edit", exact=True).click()
    rep.submit(budget="Approved", authority="Decides", need_level="Clear")
    rep.do("Qualify")
    rep.sees("Qualified", "[aria-current=step]")


def convert(rep: Person) -> str:
    """The convert dialog makes customer, contact and deal; the chain leads there."""
    rep.do("Convert", name="Packing line", amount="12000", currency="CNY")
    rep.sees("Converted", ".steps")
    rep.follow("Opportunity")
    rep.sees("Packing line", "h1")
    return rep.number


def win(rep: Person, deal: str) -> None:
    """Stages by button, by drag and by key; then the deal is won."""
    record = rep.page.url
    rep.do("Advance")
    rep.sees("Solution", "[aria-current=step]")
    rep.open("opportunities/board/")
    rep.page.wait_for_load_state("networkidle")
    card = rep.page.locator(".kcard").filter(has_text="Packing line")
    with rep.page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 200):
        card.drag_to(rep.page.locator(".cards[data-key=bidding]"), target_position={"x": 60, "y": 30})
    sync_api.expect(rep.page.locator(".cards[data-key=bidding] .kcard")).to_have_count(1)
    rep.page.locator(".cards[data-key=bidding] .kcard-link").focus()
    with rep.page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 200):
        rep.page.keyboard.press("Shift+ArrowRight")
    sync_api.expect(rep.page.locator(".cards[data-key=negotiation] .kcard")).to_have_count(1)
    rep.page.goto(record)
    rep.do("Advance")
    rep.sees("Signing", "[aria-current=step]")
    rep.do("Mark as won")
    rep.sees("Won", ".rec-head")


def confirm(rep: Person) -> None:
    """The draft that the win made gets its promised dates and is confirmed."""
    rep.follow("Order")
    rep.sees("Draft", ".rec-head")
    rep.page.get_by_role("link", name="Edit lines").click()
    rep.submit(promised_on="2027-03-01")
    rep.do("Confirm")
    rep.sees("Confirmed", ".rec-head")
    rep.sees("Delivery promises", "[aria-label=Related]")


def deliver(dm: Person, order: str) -> None:
    """Delivery plans, sends, and has the customer sign and accept."""
    dm.open("orders/")
    dm.page.locator("#rows a.row-link").first.click()
    dm.page.wait_for_load_state()
    assert dm.number == order
    dm.do("Plan a shipment")
    dm.sees("Planned", ".rec-head")
    dm.do("Release")
    dm.do("Ship", carrier="SF Express")
    dm.do("Confirm delivery", signed_by="Mr Wu")
    dm.sees("Delivered", ".rec-head")
    dm.open(dm.first_record("acceptances/"))
    dm.do("Accept", signed_by="Mr Wu")
    dm.sees("Accepted", ".rec-head")


def bill(fin: Person) -> str:
    """The invoice that is due goes out; its id."""
    fin.open(fin.first_record("invoices/?view=all"))
    fin.do("Submit")
    fin.sees("Approved", ".rec-head")
    fin.do("Issue")
    fin.sees("Issued", ".rec-head")
    fin.do("Mark as sent", recipient="lin@lotus.example")
    return fin.page.url.rstrip("/").rpartition("/")[2]


def remind(fin: Person, company: Company, invoice: str) -> None:
    """What is overdue is reminded of, once, however often the planner runs."""
    company.let_reminders_go_out_any_time()
    company.let_days_pass({"id": invoice}, 45)
    fin.open("reminders/")
    fin.sees_in_time("Lotus Precision Ltd")
    fin.sees_in_time("Sent", "#rows")
    company.ask_the_clock_again()
    jobs = "SELECT count(DISTINCT kind) FROM events_work WHERE tenant_id = %s AND kind LIKE 'collections.%%reminders' AND state = 'done'"
    company.eventually(lambda: company.site.number(jobs, (company.id,)) >= 2, 90)
    letters = [letter.read_text(errors="replace") for letter in (company.site.path / "mail").iterdir()]
    assert len([letter for letter in letters if "To: lin@lotus.example" in letter]) == 1
    fin.page.reload()
    assert fin.page.locator("#rows tr").count() == 1


def collect(fin: Person, company: Company, invoice: str) -> None:
    """The money comes, finds its invoice, and settles it."""
    [[gross]] = company.site.rows("SELECT gross FROM collections_invoice WHERE id = %s", (invoice,))
    fin.open("payments/")
    fin.page.locator("[data-create]").first.click()
    fin.page.wait_for_url("**/payments/new/")
    form = fin.page.locator("form.panel")
    fin.answer(form, "customer", "Lotus")
    fin.answer(form, "amount", f"{gross:.2f}")
    with fin.page.expect_navigation():
        form.locator(".btn-primary").click()
    fin.sees("Posted", ".rec-head")
    payment = fin.page.url
    fin.open(f"invoices/{invoice}/")
    fin.sees("Settled", ".rec-head")
    fin.page.goto(payment)


def look_back(rep: Person, fin: Person, lead: str, order: str) -> None:
    """The trace of the payment leads back to the lead and its channel, and the order is closed."""
    payment = fin.number
    with fin.page.expect_navigation():
        fin.page.locator(".topbar a").filter(has_text="Lead to cash").click()
    money = fin.page.get_by_role("region", name="Where the money stems from")
    sync_api.expect(money).to_contain_text(payment)
    rep.page.reload()
    rep.sees("Closed", ".rec-head")
    assert rep.number == order
    with rep.page.expect_navigation():
        rep.page.locator(".topbar a").filter(has_text="Lead to cash").click()
    money = rep.page.get_by_role("region", name="Where the money stems from")
    sync_api.expect(money).to_contain_text(lead)
    sync_api.expect(money).to_contain_text(payment)
