"""The interface in a real browser, on the pages of the style guide: what a hand does with it, and what axe says about it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import include, path

from ltc.embedded.browser import find

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

ROOT = Path(__file__).parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = find()
PAGES = ["", "list/", "record/", "board/", "dashboard/", "form/", "plain/", "error/404/"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("light", "en", 1440), ("dark", "zh-hans", 1440), ("light", "zh-hans", 390), ("dark", "en", 390)]
QUIET = {"net::ERR_", "status of 4"}  # a refused request is told to the console by the browser itself

urlpatterns = [path("styleguide/", include("ltc.web.styleguide.urls"))]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls(__name__),
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it or set LTC_CHROMIUM"),
    pytest.mark.skipif(not (ROOT / "build" / "ui" / "app.js").exists(), reason="build/ui is absent: run `npm run build` first"),
]


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The style guide alone, without a database: its pages need none."""
    helper = pytest.importorskip("pytest_django.live_server_helper")
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.DEBUG = True
    settings.STATICFILES_DIRS = [ROOT / "static", ("ui", ROOT / "build" / "ui")]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ]
    processors = ["django.template.context_processors.request", "django.template.context_processors.i18n"]
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "OPTIONS": {**templates["OPTIONS"], "context_processors": processors}}]
    live = helper.LiveServer("localhost")
    yield f"{live.url}/styleguide/"
    live.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


def tab(browser: Any, server: str, theme: str = "light", language: str = "en", width: int = 1440) -> Any:
    narrow = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": 844 if narrow else 900},
        reduced_motion="reduce",
        has_touch=narrow,
        is_mobile=narrow,
        base_url=server,
    )
    context.add_cookies([{"name": "theme", "value": theme, "url": server}, {"name": "django_language", "value": language, "url": server}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    return page


@pytest.fixture
def page(browser: Any, server: str) -> Iterator[Any]:
    """A page that fails its test if the console shows an error: a broken script or a breach of the content security policy."""
    opened, errors = tab(browser, server), []
    opened.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.context.close()
    assert [error for error in errors if not any(quiet in error for quiet in QUIET)] == []


def visit(page: Any, name: str) -> None:
    page.goto(name)
    page.wait_for_load_state("networkidle")


def findings(page: Any) -> list[Any]:
    page.evaluate(AXE.read_text())  # evaluate() is not subject to the page's policy; a script tag would be
    result = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")
    return [(found["id"], [node["html"][:160] for node in found["nodes"][:3]]) for found in result["violations"]]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is absent: run npm ci first")
@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_no_page_shuts_anyone_out_or_scrolls_sideways(browser: Any, server: str, theme: str, language: str, width: int) -> None:
    opened = tab(browser, server, theme, language, width)
    wrong = {}
    for name in PAGES:
        visit(opened, name)
        wrong[name] = findings(opened), opened.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)")
    opened.context.close()
    assert {name: found for name, found in wrong.items() if found != ([], 0)} == {}


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is absent: run npm ci first")
def test_palette_menu_dialog_and_help_shut_nobody_out(page: Any) -> None:
    visit(page, "record/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    found = findings(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    found += findings(page)
    page.keyboard.press("Escape")
    page.locator("[popovertarget=account]").click()
    found += findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Log call").click()
    expect(page.locator("#dialog")).to_be_visible()
    assert found + findings(page) == []


def test_a_dragged_card_stays_and_undo_brings_it_back(page: Any) -> None:
    visit(page, "board/")
    card = page.locator(".cards[data-key=qualify] .kcard").first
    name = card.get_attribute("data-id")
    with page.expect_response("**/move/") as answer:
        card.drag_to(page.locator(".cards[data-key=discover]"), target_position={"x": 60, "y": 40})
    assert answer.value.status == 200
    expect(page.locator(f".cards[data-key=discover] .kcard[data-id='{name}']")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f".cards[data-key=qualify] .kcard[data-id='{name}']")).to_have_count(1)


def test_a_card_moves_by_keyboard_and_keeps_the_focus(page: Any) -> None:
    visit(page, "board/")
    card = page.locator(".cards[data-key=qualify] .kcard").first
    name = card.get_attribute("data-id")
    card.locator(".kcard-link").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f".cards[data-key=discover] .kcard[data-id='{name}']")).to_have_count(1)
    assert page.evaluate("document.activeElement.closest('.kcard').dataset.id") == name


def test_a_refused_move_goes_back_and_says_why(page: Any) -> None:
    visit(page, "board/")
    card = page.locator(".cards[data-key=negotiate] .kcard").first
    name = card.get_attribute("data-id")
    card.locator(".kcard-link").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".toast.error")).to_have_text("Get a quote accepted first.")
    expect(page.locator(f".cards[data-key=negotiate] .kcard[data-id='{name}']")).to_have_count(1)


def test_a_move_that_needs_input_asks_and_cancelling_puts_the_card_back(page: Any) -> None:
    visit(page, "board/")
    card = page.locator(".cards[data-key=qualify] .kcard").first
    name, dialog = card.get_attribute("data-id"), page.locator("#dialog")
    there = page.locator(f".cards[data-key=commit] .kcard[data-id='{name}']")

    def move() -> None:
        page.locator(f".kcard[data-id='{name}']").hover()
        page.locator(f".kcard[data-id='{name}'] .kcard-more").click()
        page.locator("#card-menu").get_by_role("menuitem", name="Commit").click()

    move()
    expect(there).to_have_count(1)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(there).to_have_count(0)
    move()
    dialog.locator("footer .btn:not([data-close])").click()
    expect(dialog.locator(".errors").first).to_be_visible()
    dialog.get_by_label("Name").fill("Maya")
    dialog.get_by_label("E-mail").fill("maya@example.com")
    dialog.locator("footer .btn:not([data-close])").click()
    expect(dialog).to_be_hidden()
    expect(there).to_have_count(1)


def test_typing_in_the_filter_narrows_the_list_and_its_address(page: Any) -> None:
    visit(page, "list/")
    page.keyboard.press("/")
    page.keyboard.type("Amara")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#count")).to_have_text("3")
    assert "q=Amara" in page.url
    assert page.evaluate("document.activeElement.name") == "q"


def test_selected_rows_bring_up_the_bulk_actions(page: Any) -> None:
    visit(page, "list/")
    page.locator("tbody .check").nth(1).check()
    page.locator("tbody .check").nth(4).click(modifiers=["Shift"])
    expect(page.locator("#bulk [data-n]")).to_have_text("4")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator("#dialog")).to_be_visible()


def test_show_more_adds_rows_until_none_are_left(page: Any) -> None:
    visit(page, "list/")
    for rows in (50, 60):
        page.get_by_role("link", name="Show more").click()
        expect(page.locator("tbody tr")).to_have_count(rows)
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)


def test_the_palette_finds_a_record_and_two_keys_lead_to_a_list(page: Any) -> None:
    visit(page, "dashboard/")
    page.keyboard.press("Control+k")
    page.keyboard.type("amara")
    expect(page.get_by_role("option").filter(has_text="Head of Operations").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/record/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/list/")


def test_a_barred_action_tells_its_reason_and_an_outward_one_asks_first(page: Any) -> None:
    visit(page, "record/")
    page.get_by_role("button", name="Win").click(force=True)
    expect(page.locator(".toast.error")).to_have_text("Get a quote accepted first.")
    page.get_by_role("button", name="Create quote").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Create a quote over ¥120,900 for this customer?")
    dialog.get_by_role("button", name="Create quote").click()
    expect(page.locator(".toast.ok")).to_contain_text("Saved")


def test_the_theme_changes_at_once_and_lasts(page: Any) -> None:
    visit(page, "record/")
    page.locator("[popovertarget=account]").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    visit(page, "record/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_every_page_reads_and_navigates_without_script(browser: Any, server: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    opened = context.new_page()
    opened.goto("list/")
    opened.get_by_role("link", name="Amara Okafor").first.click()
    opened.get_by_role("link", name="Log call").click()
    expect(opened.get_by_role("heading", level=1)).to_have_text("Close as lost")
    opened.get_by_role("button", name="Lose").click()
    expect(opened.get_by_text("This field is required.").first).to_be_visible()
    context.close()
