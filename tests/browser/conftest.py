"""A town to look around in: a small demo company behind a real web server, and a Chromium."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chrome import Screen, chromium
from tests.faults.conftest import stores  # noqa: F401
from tests.faults.site import Site, run

CODE, PASSWORD = "demo-us", "demo demo demo"


@dataclass
class Town:
    """`look` sets how everybody likes their pages; `person` is the last of a role, who stands highest in the tree of teams."""

    site: Site
    address: str

    def look(self, language: str, theme: str) -> None:
        self.site.rows("UPDATE users_user SET language = %s, theme = %s", (language, theme))

    def person(self, role: str) -> str:
        statement = """SELECT m.email FROM users_membership m JOIN tenancy_tenant t ON t.id = m.tenant_id
                       WHERE t.code = %s AND m.role = %s ORDER BY m.created_at DESC LIMIT 1"""
        return str(self.site.rows(statement, (CODE, role))[0][0])


@pytest.fixture(scope="session")
def town(stores: Path) -> Iterator[Town]:  # noqa: F811
    path = Path(tempfile.mkdtemp(prefix="ltc-browser-"))
    subprocess.run(["cp", "-a", f"{stores}/.", str(path)], check=True)
    site = Site(path)
    site.open()
    site.env["LTC_DEMO"] = "1"
    try:
        run(["manage.py", "seed_demo", "--tenant", "us", "--scale", "0.1"], site.env)
        run(["-m", "tests.browser.furnish", CODE], site.env)
        site.start("web")
        site.wait_for_web()
        yield Town(site, f"http://127.0.0.1:{site.web_port}")
    finally:
        site.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


class People:
    """The people of the town at their windows; each signs in once."""

    def __init__(self, town: Town, browser: Any) -> None:
        self.town, self.browser = town, browser
        self._cookies: dict[str, Any] = {}
        self._open: list[Screen] = []
        self.records: dict[str, str] = {}  # the first record of each list that was looked up

    def at(self, role: str, *, width: int = 1440) -> Screen:
        """A new window of a person of a role; of the operator, or of nobody in particular."""
        height = 900 if width > 500 else 844
        state = {"storage_state": self._cookies[role]} if role in self._cookies else {}
        screen = Screen(self.browser, self.town.address, CODE, width=width, height=height, **state)
        self._open.append(screen)
        if role != "nobody" and role not in self._cookies:
            screen.sign_in("operator@example.com" if role == "operator" else self.town.person(role), PASSWORD)
            self._cookies[role] = screen.context.storage_state()
        return screen

    def close(self) -> None:
        for screen in self._open:
            screen.close()


@pytest.fixture(scope="module")
def people(town: Town, browser: Any) -> Iterator[People]:
    found = People(town, browser)
    yield found
    found.close()
