"""Every page, in both languages, light and dark, on a desk and on a telephone: it comes, holds no barrier, and asks no stranger."""

import re
from typing import Any

import pytest

from tests.browser.chrome import Screen
from tests.contracts.routes import routes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# who looks, the page; a page that ends in * is the first record of that list
PAGES = {
    "home": ("mgr", ""),
    "tasks": ("rep", "tasks/"),
    "notifications": ("rep", "notifications/"),
    "leads": ("mgr", "leads/"),
    "lead": ("mgr", "leads/*"),
    "new-lead": ("mgr", "leads/new/"),
    "edit-lead": ("rep", "leads/?view=mine*edit/"),
    "import": ("mkt", "leads/import/"),
    "channels": ("adm", "channels/"),
    "channel": ("adm", "channels/*"),
    "customers": ("mgr", "customers/"),
    "customer": ("mgr", "customers/*"),
    "new-customer": ("mgr", "customers/new/"),
    "products": ("adm", "products/"),
    "product": ("adm", "products/*"),
    "new-product": ("adm", "products/new/"),
    "opportunities": ("mgr", "opportunities/"),
    "pipeline": ("mgr", "opportunities/board/"),
    "opportunity": ("mgr", "opportunities/*"),
    "edit-opportunity": ("mgr", "opportunities/*edit/"),
    "new-opportunity": ("mgr", "opportunities/new/"),
    "orders": ("dm", "orders/"),
    "order": ("mgr", "orders/?view=all*"),
    "new-order": ("mgr", "orders/new/"),
    "shipments": ("dm", "shipments/"),
    "shipments-board": ("dm", "shipments/board/"),
    "shipment": ("dm", "shipments/?view=all*"),
    "commitments": ("dm", "commitments/"),
    "commitment": ("dm", "commitments/?view=all*"),
    "acceptances": ("dm", "acceptances/"),
    "acceptance": ("dm", "acceptances/?view=all*"),
    "invoices": ("fin", "invoices/"),
    "invoice": ("fin", "invoices/?view=all*"),
    "receivables": ("fin", "receivables/"),
    "receivable": ("fin", "receivables/?view=paid*"),
    "payments": ("fin", "payments/"),
    "payment": ("fin", "payments/*"),
    "new-payment": ("fin", "payments/new/"),
    "allocations": ("fin", "allocations/"),
    "online-payments": ("fin", "online-payments/"),
    "payment-account": ("fin", "payment-accounts/*"),
    "new-payment-account": ("fin", "payment-accounts/new/"),
    "customer-link": ("fin", "invoice-links/*"),
    "reminders": ("fin", "reminders/"),
    "reminder-cases": ("fin", "reminder-cases/"),
    "new-customer-contact": ("mgr", "customers/*contacts/new/"),
    "customer-statement": ("fin", "customers/?view=all*statement/"),
    "pools": ("adm", "pools/"),
    "pool": ("adm", "pools/*"),
    "pool-simulator": ("adm", "pools/*simulate/"),
    "edit-pool": ("adm", "pools/*edit/"),
    "new-pool": ("adm", "pools/new/"),
    "distribution": ("adm", "distribution/"),
    "distribution-rule": ("adm", "distribution/*"),
    "new-distribution-rule": ("adm", "distribution/new/"),
    "requests": ("mgr", "requests/"),
    "request": ("mgr", "requests/?view=all*"),
    "attributes": ("adm", "attributes/"),
    "attribute": ("adm", "attributes/*"),
    "new-attribute": ("adm", "attributes/new/"),
    "web-forms": ("mkt", "web-forms/"),
    "web-form": ("mkt", "web-forms/*"),
    "edit-web-form": ("mkt", "web-forms/*edit/"),
    "new-web-form": ("mkt", "web-forms/new/"),
    "form-submissions": ("mkt", "form-submissions/"),
    "form-submission": ("mkt", "form-submissions/*"),
    "scoring": ("adm", "scoring/"),
    "score-model": ("adm", "scoring/model/"),
    "score-threshold": ("adm", "scoring/threshold/"),
    "quotas": ("mgr", "quotas/"),
    "quota": ("mgr", "quotas/*"),
    "new-quota": ("adm", "quotas/new/"),
    "sales-costs": ("adm", "sales-costs/"),
    "sales-cost": ("adm", "sales-costs/*"),
    "new-sales-cost": ("adm", "sales-costs/new/"),
    "cases": ("dm", "cases/"),
    "case": ("dm", "cases/?view=all*"),
    "new-case": ("dm", "cases/new/"),
    "surveys": ("dm", "surveys/"),
    "survey": ("dm", "surveys/*"),
    "new-survey": ("dm", "surveys/new/"),
    "workbench": ("fin", "workbench/"),
    "new-invoice": ("fin", "invoices/new/"),
    "bank-statements": ("fin", "bank-statements/"),
    "bank-statement": ("fin", "bank-statements/*"),
    "new-bank-statement": ("fin", "bank-statements/new/"),
    "bank-formats": ("fin", "bank-formats/"),
    "bank-format": ("fin", "bank-formats/*"),
    "new-bank-format": ("fin", "bank-formats/new/"),
    "bills": ("fin", "bills/"),
    "bill": ("fin", "bills/?view=all*"),
    "credit-notes": ("fin", "credit-notes/"),
    "credit-note": ("fin", "credit-notes/?view=all*"),
    "new-credit-note": ("fin", "credit-notes/new/"),
    "refunds": ("fin", "refunds/"),
    "refund": ("fin", "refunds/?view=all*"),
    "new-refund": ("fin", "refunds/new/"),
    "write-offs": ("fin", "write-offs/"),
    "write-off": ("fin", "write-offs/?view=all*"),
    "new-write-off": ("fin", "write-offs/new/"),
    "promises": ("fin", "promises/"),
    "promise": ("fin", "promises/?view=all*"),
    "new-promise": ("fin", "promises/new/"),
    "disputes": ("fin", "disputes/"),
    "dispute": ("fin", "disputes/?view=all*"),
    "new-dispute": ("fin", "disputes/new/"),
    "account-statements": ("fin", "account-statements/"),
    "account-statement": ("fin", "account-statements/?view=all*"),
    "new-account-statement": ("fin", "account-statements/new/"),
    "tax-invoices": ("fin", "tax-invoices/"),
    "tax-invoice": ("fin", "tax-invoices/?view=all*"),
    "new-tax-invoice": ("fin", "tax-invoices/new/"),
    "periods": ("fin", "periods/"),
    "period": ("fin", "periods/?view=all*"),
    "new-period": ("fin", "periods/new/"),
    "journal": ("fin", "journal/"),
    "journal-entry": ("fin", "journal/*"),
    "reminder-case": ("fin", "reminder-cases/*"),
    "reminder-plan": ("fin", "reminder-plan/"),
    "reminder-policies": ("fin", "reminder-policies/"),
    "reminder-policy": ("fin", "reminder-policies/*"),
    "edit-reminder-policy": ("fin", "reminder-policies/*edit/"),
    "new-reminder-policy": ("fin", "reminder-policies/new/"),
    "reminder-texts": ("fin", "reminder-texts/"),
    "history-imports": ("adm", "history-imports/"),
    "new-channel": ("adm", "channels/new/"),
    "enrolments": ("mkt", "enrolments/"),
    "process-start": ("mgr", "insight/process/"),
    "invoice-links": ("fin", "invoice-links/"),
    "payment-accounts": ("fin", "payment-accounts/"),
    "new-request": ("rep", "requests/new/"),
    "nurture-sequences": ("mkt", "nurture-sequences/"),
    "new-nurture-sequence": ("mkt", "nurture-sequences/new/"),
    "nurture-sequence": ("mkt", "nurture-sequences/*"),
    "nurture-consent": ("adm", "nurture-sequences/consent/"),
    "campaigns": ("mkt", "campaigns/"),
    "new-campaign": ("mkt", "campaigns/new/"),
    "campaign": ("mkt", "campaigns/*"),
    "cash-forecast": ("fin", "cash-forecast/"),
    "inbound-mails": ("mkt", "inbound-mails/"),
    "mailboxes": ("adm", "mailboxes/"),
    "new-mailbox": ("adm", "mailboxes/new/"),
    "marketing-spend": ("mkt", "marketing-spend/"),
    "marketing-spend-row": ("mkt", "marketing-spend/*"),
    "import-marketing-spend": ("mkt", "marketing-spend/import/"),
    "new-marketing-spend": ("mkt", "marketing-spend/new/"),
    "trace": ("exec", "trace"),
    "dashboard": ("mgr", "insight/"),
    "board-executive": ("exec", "insight/boards/executive/?period=year"),
    "board-finance": ("fin", "insight/boards/finance/"),
    "board-marketing": ("mkt", "insight/boards/marketing/"),
    "metric": ("mgr", "insight/metrics/opp.win_rate/?by=owner&period=year"),
    "metric-table": ("mgr", "insight/metrics/funnel.cohort/?period=year"),
    "funnel-step": ("mgr", "insight/steps/won/?period=year"),
    "definitions": ("mgr", "insight/definitions/"),
    "process": ("mgr", "insight/process/opportunities/?period=year"),
    "process-of-leads": ("exec", "insight/process/leads/?period=year&of=begun"),
    "forecasts": ("mgr", "forecasts/"),
    "new-forecast": ("rep", "forecasts/new/"),
    "settings": ("adm", "settings/"),
    "members": ("adm", "settings/members/"),
    "teams": ("adm", "settings/teams/"),
    "roles": ("adm", "settings/roles/"),
    "company": ("adm", "settings/company/"),
    "options": ("adm", "settings/options/"),
    "calendar": ("adm", "settings/calendar/"),
    "keys": ("adm", "settings/keys/"),
    "changes": ("adm", "settings/changes/"),
    "workspaces": ("adm", "/workspaces/"),
    "second-factors": ("adm", "/accounts/2fa/"),
    "password": ("adm", "/accounts/password/change/"),
    "operator": ("operator", "/operator/"),
    "operator-jobs": ("operator", "/operator/jobs/"),
    "sign-in": ("nobody", "/accounts/login/"),
    "sign-up": ("nobody", "/signup/"),
    "forgotten": ("nobody", "/accounts/password/reset/"),
}
NO_PAGE = {"distribution/run/", "leads/views/save/", "preferences/", "search/"}  # they take something, or answer a part of a page
NO_LOOK = {"demo/login/": "the sign-in page shows it", "journal/export/": "a file"}
LOOKS = {"en-light-1440": ("en", "light", 1440), "zh-dark-1440": ("zh-hans", "dark", 1440),
         "zh-light-390": ("zh-hans", "light", 390), "en-dark-390": ("en", "dark", 390)}  # fmt: skip
DIALOGS = (
    ("rep", "leads/?view=mine*"),
    ("mgr", "leads/*"),
    ("mgr", "opportunities/*"),
    ("mgr", "orders/?view=all*"),
    ("fin", "payments/*"),
)


class Tour:
    """One look at all pages; what is wrong is gathered, so that one run tells everything."""

    def __init__(self, people: Any, look: str) -> None:
        self.people, self.look = people, look
        self.language, theme, self.width = LOOKS[look]
        self.theme = theme
        people.town.look(self.language, theme)
        self.screens: dict[str, Screen] = {}
        self.wrong: list[str] = []
        self.records: dict[str, str] = people.records

    def screen(self, role: str) -> Screen:
        if role not in self.screens:
            made = self.screens[role] = self.people.at(role, width=self.width)
            made.context.add_cookies(
                [{"name": name, "value": value, "url": made.address} for name, value in
                 (("django_language", self.language), ("theme", self.theme))]
            )  # fmt: skip
        return self.screens[role]

    def address(self, role: str, path: str) -> str:
        screen = self.screen(role)
        if path == "trace":
            return self.address("exec", "payments/*").replace("/payments/", "/trace/payment/")
        listed, record, rest = path.partition("*")
        if not record:
            return path
        if listed not in self.records:
            self.records[listed] = screen.first_record(listed)
        return self.records[listed] + rest

    def examine(self, role: str, name: str, within: str = "") -> None:
        screen = self.screen(role)
        if screen.is_too_wide():
            self.wrong.append(f"{name}: wider than the window")
        if self.language == "en" or within:  # themes and widths keep people out, the language does not
            self.wrong += [f"{name}: {found}" for found in screen.barriers(within)]
        screen.picture(f"{self.look}-{name}")

    def visit(self, name: str) -> None:
        role, path = PAGES[name]
        screen = self.screen(role)
        try:
            address = self.address(role, path)
        except AssertionError as nothing:
            self.wrong.append(f"{name}: {nothing}")
            return
        status = screen.open(address)
        if status != 200:
            self.wrong.append(f"{name}: {status} {screen.page.url}")
            return
        self.examine(role, name)

    def end(self) -> None:
        for role, screen in self.screens.items():
            self.wrong += [f"{role}: {found}" for found in screen.wrong]
            screen.close()
        assert not self.wrong, "\n" + "\n".join(dict.fromkeys(self.wrong))


def test_the_tour_leads_to_every_page() -> None:
    plain = {
        route.pattern for route in routes() if route.is_ours and not (
            route.converters or route.is_bulk or route.pattern.endswith((".csv", ".js")) or route.name.startswith("health")
        )
    }  # fmt: skip
    toured = {re.split(r"[?*]", path)[0].lstrip("/") for _role, path in PAGES.values()}
    assert plain - {""} - toured - NO_PAGE - NO_LOOK.keys() == set()


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_sound(people: Any, look: str) -> None:
    tour = Tour(people, look)
    for name in PAGES:
        tour.visit(name)
        if name == "home":
            in_chinese = re.search(r"[\u4e00-\u9fff]", tour.screen("mgr").page.locator("#main").inner_text()) is not None
            assert in_chinese == (tour.language == "zh-hans"), "The page is in the wrong language: compile the translations."
    tour.end()


@pytest.mark.parametrize("look", ["en-light-1440", "zh-light-390"])
def test_every_dialog_menu_and_the_palette_are_sound(people: Any, look: str) -> None:
    tour = Tour(people, look)
    for role, path in DIALOGS:
        screen = tour.screen(role)
        page = screen.page
        screen.open(tour.address(role, path))
        kind = path.partition("/")[0]
        for href in page.locator(".acts a[hx-target='#dialog']").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
            link = page.locator(f".acts a[href='{href}']")
            if not link.is_visible():
                page.locator(".acts [popovertarget=more-actions]").click()
            link.click()
            page.locator("#dialog[open] form").wait_for()
            tour.examine(role, f"dialog-{kind}-{href.partition('?')[0].rstrip('/').rpartition('/')[2]}", "#dialog")
            page.locator("#dialog header [data-close]").click()
            page.locator("#dialog:not([open])").wait_for(state="attached")
    screen = tour.screen("mgr")
    screen.open("leads/")
    screen.page.keyboard.press("Control+k")
    screen.page.locator("dialog.palette[open] input").fill("o")
    screen.page.locator("[data-remote] [role=option]").first.wait_for()
    tour.examine("mgr", "palette")
    tour.end()
