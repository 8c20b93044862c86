"""Somebody at a window who presses what they see."""

import re
from typing import Any

from tests.browser.chrome import Screen, sync_api


class Person(Screen):
    """Somebody who presses buttons that they see, and answers the dialogs."""

    def do(self, label: str, **answers: str) -> None:
        """Press an action of the record on screen, answer its dialog if it has one, and see the page after it."""
        control = self.page.locator(".acts a, .acts button").filter(has_text=re.compile(rf"^\s*{re.escape(label)}\s*$"))
        control.first.wait_for(state="attached")
        if not control.first.is_visible():
            self.page.locator(".acts [popovertarget=more-actions]").click()
        if control.first.get_attribute("hx-get"):
            control.first.click()
            self.submit(**answers)
        elif control.first.get_attribute("hx-confirm"):
            control.first.click()
            with self.page.expect_navigation():
                self.page.locator("#dialog[open] [data-go]").click()
        else:
            with self.page.expect_navigation():
                control.first.click()

    def fill_in(self, **answers: str) -> None:
        """Fill the form of the page, and send it."""
        form = self.page.locator("form.panel")
        for name, value in answers.items():
            self.answer(form, name, value)
        with self.page.expect_navigation():
            form.locator(".btn-primary").click()

    def submit(self, **answers: str) -> None:
        """Answer the dialog that is open, and send it."""
        dialog = self.page.locator("#dialog[open]")
        dialog.locator("form").wait_for()
        for name, value in answers.items():
            self.answer(dialog, name, value)
        with self.page.expect_navigation():
            dialog.locator("footer .btn-primary, footer .btn-danger").click()

    def answer(self, within: Any, name: str, value: str) -> None:
        field = within.locator(f"[name={name}], [name$='-{name}']").and_(within.locator(":not(template *)")).first
        if field.evaluate("field => field.closest('ltc-combobox') !== null"):
            entry = field.locator("xpath=ancestor::ltc-combobox").locator("input[role=combobox]")
            entry.fill(value)
            field.locator("xpath=ancestor::ltc-combobox").locator("[role=option]").filter(has_text=value).first.click()
        elif field.get_attribute("type") == "checkbox":
            field.set_checked(value == "yes")
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)

    def follow(self, label: str) -> None:
        """The link of the chain from lead to cash."""
        with self.page.expect_navigation():
            self.page.locator(".chain a").filter(has_text=label).first.click()

    def sees(self, text: str, within: str = "#main") -> None:
        sync_api.expect(self.page.locator(within)).to_contain_text(text)

    def sees_in_time(self, text: str, within: str = "#main", tries: int = 40) -> None:
        """What the worker brings about shows after the page was opened again."""
        for _ in range(tries):
            if text in self.page.locator(within).inner_text():
                return
            self.page.wait_for_timeout(1500)
            self.page.reload()
        self.sees(text, within)

    @property
    def number(self) -> str:
        """What the record on screen is called in its breadcrumb."""
        return str(self.page.locator(".crumbs [aria-current=page]").inner_text()).strip()
