"""A person at a real Chromium. What goes wrong behind their back is written down: script errors, refused content, strangers' addresses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from ltc.embedded.browser import find
from ltc.embedded.ground import PROJECT

sync_api = pytest.importorskip("playwright.sync_api")
AXE = PROJECT / "node_modules/axe-core/axe.min.js"
SCREENS = PROJECT / "build/screens"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]
ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of (409|422)")  # a dialog that says what is missing
AXE_RUN = """async ([source, within]) => {
    if (!window.axe) eval(source);
    const found = await axe.run(within || document, {resultTypes: ["violations"], runOnly: {type: "tag",
        values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}});
    return found.violations.filter(each => ["serious", "critical"].includes(each.impact)).map(each =>
        `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(" | ")}`);
}"""


REFUSED = """document.addEventListener("securitypolicyviolation", event => console.error(
    `refused: ${event.effectiveDirective} "${event.sample}" at ${event.sourceFile}:${event.lineNumber}:${event.columnNumber}`,
    event.target.outerHTML?.slice(0, 300)))"""


@contextmanager
def chromium() -> Iterator[Any]:
    executable = find()
    if not executable:
        pytest.skip("There is no Chromium: install chromium or set LTC_CHROMIUM.")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


class Screen:
    """One window of one person, inside one workspace."""

    def __init__(
        self, browser: Any, address: str, workspace: str, *, width: int = 1440, height: int = 900, timeout: int = 60_000, **options: Any
    ) -> None:
        size = {"width": width, "height": height}
        self.context = browser.new_context(viewport=size, reduced_motion="reduce", base_url=address, **options)
        self.context.add_init_script(REFUSED)
        self.page = self.context.new_page()
        self.page.set_default_timeout(timeout)
        self.address, self.workspace = address, workspace
        self.wrong: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: script: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type == "error" and not ANSWERED.match(message.text):
            self.wrong.append(f"{self.page.url}: console: {message.text}")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.wrong.append(f"{self.page.url}: asks a stranger: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 500:
            self.wrong.append(f"{self.page.url}: {response.status} from {response.url}")

    def sign_in(self, email: str, password: str) -> Self:
        self.page.goto("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("form[action='/accounts/login/'] .btn-primary").click()
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)
        return self

    def open(self, path: str) -> int:
        """Open a page; a path that begins with no slash is one of the workspace. The status of the answer."""
        answer = self.page.goto(path if path.startswith("/") else f"/t/{self.workspace}/{path}")
        assert answer is not None
        return int(answer.status)

    def first_record(self, path: str) -> str:
        """The address of the first record of a list."""
        self.open(path)
        link = self.page.locator("#rows a.row-link").first
        assert link.count(), f"{path} lists nothing"
        return str(link.get_attribute("href"))

    def barriers(self, within: str = "") -> list[str]:
        """What axe finds that keeps people out."""
        return list(self.page.evaluate(AXE_RUN, [AXE.read_text(), within]))

    def is_too_wide(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def picture(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}.png")

    def close(self) -> None:
        self.context.close()
