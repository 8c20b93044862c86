"""A day of the clerk who collects, in a browser with all servers running: the bank file, matching, allocating, chasing, a promise, a
dispute, and the month is closed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.browser.chrome import chromium, sync_api
from tests.journeys.company import PASSWORD, Company
from tests.journeys.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WAIT = 30_000
# Who owes what since how many days.
DEBTS = {
    "Lotus Precision Ltd": ((12_000, 30),), "Harbor Foods Ltd": ((8_500, 50), (4_000, 20)), "Delta Tools Ltd": ((3_000, 25), (4_000, 5)),
    "Kite Optics Ltd": ((9_000, 65),),
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        sync_api.expect.set_options(timeout=WAIT)
        yield started


def owe(company: Company) -> dict[str, list[Any]]:
    """Customers with overdue invoices that were sent to them; the invoices by customer."""
    found: dict[str, list[Any]] = {}
    for number, (name, debts) in enumerate(DEBTS.items()):
        customer = company.make("customers", name=name)
        company.make("contacts", customer=customer["id"], name="Accounts", email=f"books{number}@kites.example", phone="+442079460000")
        for amount, late in debts:
            due = date.today() - timedelta(days=late)
            line = {"description": "Spare parts", "qty": "1", "unit_price": str(amount), "tax_rate": "0"}
            items = [{"amount": f"{amount}.00", "due_date": due.isoformat()}]
            invoice = company.make("invoices", customer=customer["id"], lines=[line], items=items)
            company.act("invoices", invoice, "submit")
            company.act("invoices", invoice, "issue", on=(due - timedelta(days=30)).isoformat())
            found.setdefault(name, []).append(
                company.act("invoices", invoice, "mark_sent", channel="email", recipient="books@kites.example")
            )
    return found


def test_a_day_of_the_clerk(company: Company, browser: Any) -> None:
    invoices = owe(company)
    company.let_reminders_go_out_any_time()
    company.let_nobody_be_reminded_today()
    clerk = Person(browser, company.address, company.code, timeout=WAIT).sign_in(f"fin@{company.code}.example", PASSWORD)
    last_month = date.today().replace(day=1) - timedelta(days=1)

    take_in_the_bank_file(clerk, last_month, invoices["Lotus Precision Ltd"][0]["number"])
    place_the_money(clerk, company)
    call_and_get_a_promise(clerk)
    remind(clerk, company)
    note_a_dispute(clerk)
    look_ahead(clerk)
    close_the_month(clerk, company, last_month)

    assert not clerk.wrong, "\n".join(clerk.wrong)
    clerk.close()


def take_in_the_bank_file(clerk: Person, day: date, number: str) -> None:
    """The bank's form is told once; then the file is chosen, and each line is read once."""
    clerk.open("workbench/")
    clerk.page.get_by_role("link", name="Import a statement").click()
    clerk.page.wait_for_url("**/bank-formats/new/")
    clerk.fill_in(
        name="House bank", bank_account="DE-1", currency="CNY", date_format="30.11.2026", delimiter="Semicolon", decimal_mark="1.234,56",
        column_date="Date", column_amount="Amount", column_payer_name="Payer", column_text="Memo", column_ref="Ref",
    )  # fmt: skip
    clerk.page.wait_for_url("**/bank-statements/new/")
    rows = [
        "Date;Amount;Payer;Memo;Ref", f"{day:%d.%m.%Y};12.000,00;LP Treasury;Invoice {number};R1",
        f"{day:%d.%m.%Y};8.500,00;HF Pay Services;for goods;R2", f"{day:%d.%m.%Y};5.000,00;Delta Tools Ltd;thank you;R3",
        f"{day:%d.%m.%Y};77,77;Nobody knows;;R4", f"{day:%d.%m.%Y};-20,00;House bank;fee;R5",
    ]  # fmt: skip
    file = {"name": "statement.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    clerk.page.locator("input[type=file]").set_input_files([file])
    clerk.fill_in()
    clerk.sees("statement.csv", "h1")
    clerk.do("Place the money")


def place_the_money(clerk: Person, company: Company) -> None:
    """Likely invoices stand beside the money: one press places it. What fits nobody waits; what fits many is looked at."""
    money = clerk.page.locator("#money")
    row = money.locator("tbody tr").filter(has_text="LP Treasury")
    sync_api.expect(row).to_contain_text("Named in the memo")
    row.get_by_role("button", name="From Lotus Precision Ltd").click()
    clerk.sees("1 payment was placed.")
    row = money.locator("tbody tr").filter(has_text="HF Pay Services")
    sync_api.expect(row).to_contain_text("Exactly this amount")
    row.get_by_role("button", name="From Harbor Foods Ltd").click()
    sync_api.expect(money).not_to_contain_text("HF Pay Services")
    money.locator("tbody tr").filter(has_text="Nobody knows").get_by_role("button", name="Post as unknown").click()
    sync_api.expect(money.locator("tbody tr").filter(has_text="Nobody knows")).to_contain_text("Payer unknown")
    with clerk.page.expect_navigation():
        money.get_by_role("link", name="Delta Tools Ltd").click()
    clerk.do("Post")
    clerk.sees("Suggested allocation")
    clerk.do("Allocate")
    clerk.sees("By hand")
    assert company.site.rows(
        "SELECT c.name, i.open_amount::int FROM collections_receivableitem i JOIN customers_customer c ON c.id = i.customer_id"
        " WHERE i.tenant_id = %s AND i.open_amount > 0 ORDER BY c.name, i.due_date", (company.id,),
    ) == [("Delta Tools Ltd", 2000), ("Harbor Foods Ltd", 4000), ("Kite Optics Ltd", 9000)]  # fmt: skip


def choose(clerk: Person, name: str) -> None:
    clerk.open("workbench/")
    clerk.page.get_by_role("link", name=name).first.click()
    sync_api.expect(clerk.page.locator("#chosen")).to_contain_text(name)


def call_and_get_a_promise(clerk: Person) -> None:
    """The most at risk stands first; one key opens the call, the next one the promise."""
    clerk.open("workbench/")
    sync_api.expect(clerk.page.locator(".workbench tbody tr").first).to_contain_text("1. Kite Optics Ltd")
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("l")
    clerk.page.locator("#result").fill("They transfer it within the week.")
    with clerk.page.expect_navigation():
        clerk.page.get_by_role("button", name="Note the call").click()
    clerk.sees("They transfer it within the week.", "section[aria-labelledby=chosen]")
    clerk.page.wait_for_load_state("networkidle")
    clerk.page.keyboard.press("p")
    clerk.submit(promised_on=(date.today() + timedelta(days=4)).isoformat(), evidence="Ms Kite on the telephone")
    clerk.sees("Kite Optics Ltd", "#chosen")
    clerk.sees("Promises to pay", "section[aria-labelledby=chosen]")
    clerk.sees("Promised", ".workbench tr[aria-current]")


def remind(clerk: Person, company: Company) -> None:
    """One key reminds; the worker sends it, once."""
    choose(clerk, "Harbor Foods Ltd")
    clerk.page.wait_for_load_state("networkidle")
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("r")
    clerk.sees("1 reminder goes out.")
    clerk.open("reminders/")
    clerk.sees_in_time("Harbor Foods Ltd")
    company.ask_the_clock_again()
    company.eventually(lambda: len(letters(company, "books1@kites.example")) == 1, 120)


def letters(company: Company, address: str) -> list[str]:
    found = [letter.read_text(errors="replace") for letter in (company.site.path / "mail").glob("*")]
    return [letter for letter in found if f"To: {address}" in letter]


def note_a_dispute(clerk: Person) -> None:
    """What is disputed is not asked for."""
    choose(clerk, "Delta Tools Ltd")
    clerk.page.wait_for_load_state("networkidle")
    clerk.page.keyboard.press("d")
    clerk.submit(amount="500", reason="Quality", description="Two parts are bent.")
    clerk.sees("Disputes", "section[aria-labelledby=chosen]")
    clerk.sees("Quality", "section[aria-labelledby=chosen]")


def look_ahead(clerk: Person) -> None:
    """What was promised is in the forecast, and is not reminded of."""
    clerk.open("cash-forecast/")
    clerk.sees("9,000.00")
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    clerk.open(f"reminder-plan/?from={tomorrow}&to={tomorrow}")
    row = clerk.page.locator("tbody tr").filter(has_text="Kite Optics Ltd").first
    sync_api.expect(row).to_contain_text("Promised")


def close_the_month(clerk: Person, company: Company, last_month: date) -> None:
    """The books agree and all is posted: the month is closed. Money of that month that comes to light later is posted today."""
    clerk.open("periods/")
    clerk.page.locator("[data-create]").first.click()
    clerk.page.wait_for_url("**/periods/new/")
    clerk.fill_in(month=last_month.isoformat())
    clerk.do("Close", reviewed="yes")
    clerk.sees("Closed", ".rec-head")
    clerk.open("payments/new/")
    clerk.fill_in(customer="Harbor Foods", amount="100", received_on=last_month.isoformat())
    clerk.sees("Posted", ".rec-head")
    statement = "SELECT count(*) FROM collections_journalentry WHERE tenant_id = %s AND event = 'payment.post' AND entry_date > %s"
    assert company.site.number(statement, (company.id, last_month)) == 1
