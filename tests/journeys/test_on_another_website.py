"""A company's own website, in a real browser and from another origin: the tracking script and the form that is built in."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.browser.chrome import chromium, sync_api
from tests.journeys.company import Company

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@dataclass
class Website:
    """Pages of somebody else's server: another port is another origin."""

    pages: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pages = self.pages

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = pages.get(self.path.partition("?")[0])
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *args: Any) -> None:
                """Nobody reads it."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()


@pytest.fixture
def websites() -> Iterator[tuple[Website, Website]]:
    """The company's own one, and one that copied its pages."""
    found = Website(), Website()
    yield found
    for website in found:
        website.close()


@pytest.fixture
def window() -> Iterator[Any]:
    with chromium() as browser:
        context = browser.new_context()
        context.set_default_timeout(30_000)
        yield context
        context.close()


def stored(page: Any) -> dict[str, str]:
    return dict(page.evaluate("() => ({...localStorage})"))


def test_a_website_tells_of_a_lead_once_and_only_after_consent(company: Company, websites: tuple[Website, Website], window: Any) -> None:
    own, copy = websites
    channel = company.make("channels", code="website2", name="Website", kind="web")
    lead = company.make("leads", contact_name="Ada", email="ada@example.org", channel=channel["id"])
    token = company.get(f"leads/{lead['id']}/token")["token"]
    site = company.change("tracking", active=True, origins=[own.origin])["site"]
    head = f'<script src="{company.address}/t.js" data-site="{site}" defer></script>'
    for website in websites:
        website.pages |= {"/": f"<!doctype html>{head}<h1>Pumps</h1>", "/pricing": f"<!doctype html>{head}<h1>Prices</h1>"}

    def events() -> list[str]:
        return sorted(event["type"] for event in company.all(f"lead-events?lead={lead['id']}"))

    page = window.new_page()
    page.goto(f"{own.origin}/?ltc={token}")
    page.wait_for_function("() => window.ltc")
    page.wait_for_timeout(1000)
    assert (stored(page), window.cookies(), events()) == ({}, [], [])
    page.evaluate("() => ltc.consent(true)")
    company.eventually(lambda: events() == ["page_view"])
    assert "ltc=" not in page.url and set(stored(page)) == {"ltc_lead", "ltc_consent"}
    page.goto(f"{own.origin}/pricing")
    company.eventually(lambda: events() == ["page_view", "page_view_pricing"])
    page.evaluate("() => ltc.track('form_submit')")
    company.eventually(lambda: events() == ["form_submit", "page_view", "page_view_pricing"])
    page.evaluate("() => ltc.consent(false)")
    page.goto(f"{own.origin}/")
    page.wait_for_timeout(1000)
    assert stored(page) == {} and window.cookies() == []
    stranger = window.new_page()
    stranger.goto(f"{copy.origin}/?ltc={token}")
    stranger.wait_for_function("() => window.ltc")
    stranger.evaluate("() => ltc.consent(true)")
    stranger.wait_for_timeout(1500)
    assert len(events()) == 3, "a website that the company has not named tells nothing"
    assert window.cookies() == []


def test_a_form_that_is_built_into_a_website_makes_one_lead(company: Company, websites: tuple[Website, Website], window: Any) -> None:
    own, copy = websites
    channel = company.make("channels", code="site", name="Website", kind="web")
    form = company.make(
        "web-forms",
        name="Contact",
        asked=["contact_name", "email", "need"],
        required=["contact_name", "email"],
        consent_text="You may write to me.",
        channel=channel["id"],
        origins=[own.origin],
    )
    place = (
        f'<div data-ltc-form="{company.address}{form["path"]}"></div><script src="{company.address}/static/embed/form.js" async></script>'
    )
    for website in websites:
        website.pages["/contact"] = f"<!doctype html><h1>Contact</h1>{place}"
    page = window.new_page()
    page.goto(f"{own.origin}/contact?utm_source=baidu&utm_medium=cpc&bd_vid=x1")
    page.fill("[name=contact_name]", "Ada Byron")
    page.fill("[name=email]", "ada@form.example")
    page.fill("[name=need]", "A pump")
    page.check("[name=consent]")
    page.wait_for_timeout(3500)  # who is quicker than three seconds is no person
    page.click("button")
    sync_api.expect(page.locator("[data-ltc-form]")).to_contain_text("Thank you")
    lead = company.eventually(lambda: company.all("leads?search=ada@form.example"))[0]
    first = lead["touch_ends"]["first"]
    assert (lead["contact_name"], lead["need"], lead["consent_marketing"]) == ("Ada Byron", "A pump", "given")
    assert (first["kind"], first["channel"], first["utm"]) == ("form", "site", {"source": "baidu", "medium": "cpc"})
    assert window.cookies() == []
    stranger = window.new_page()
    stranger.goto(f"{copy.origin}/contact")
    stranger.wait_for_timeout(1500)
    assert stranger.locator("[data-ltc-form] form").count() == 0, "a website that the form does not name does not get it"
    assert len(company.all("leads")) == 1
