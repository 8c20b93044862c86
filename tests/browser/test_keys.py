"""Whoever has no mouse gets everywhere: palette, lists, boards and the letters that go to a page."""

from typing import Any

import pytest

from tests.browser.chrome import sync_api

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def test_the_keyboard_reaches_records_pages_and_cards(people: Any) -> None:
    people.town.look("en", "light")
    screen = people.at("mgr")
    page, expect = screen.page, sync_api.expect

    screen.open("leads/")
    page.keyboard.press("j")
    rows = page.locator("#rows tr")
    expect(rows.nth(0).locator(".row-link")).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1).locator(".row-link")).to_be_focused()
    page.keyboard.press("x")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#bulk")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()
    page.keyboard.press("k")
    address = rows.nth(0).locator(".row-link").get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")

    page.keyboard.press("Control+k")
    field = page.locator("dialog.palette[open] input")
    field.fill("Fleet renewal 3")
    expect(page.locator("[data-remote] [role=option]").first).to_contain_text("Fleet renewal 3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/opportunities/*-*/")

    screen.open("opportunities/board/")
    page.wait_for_load_state("networkidle")
    discovery, solution = page.locator(".cards[data-key=discovery] .kcard"), page.locator(".cards[data-key=solution] .kcard")
    before = discovery.count(), solution.count()
    card = discovery.nth(0)
    title = str(card.get_attribute("data-title"))
    card.locator(".kcard-link").focus()
    page.keyboard.press("ArrowDown")
    expect(discovery.nth(1).locator(".kcard-link")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    expect(solution).to_have_count(before[1] + 1)
    expect(page.locator(".toast")).to_contain_text(title)
    expect(page.locator("#head-solution")).to_contain_text(str(before[1] + 1))

    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/leads/")
    assert not screen.wrong, screen.wrong
