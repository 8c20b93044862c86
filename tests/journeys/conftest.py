"""A whole installation in which people and programs walk from first touch to bank line: web server, worker, beat and relay."""

import uuid
from collections.abc import Iterator

import pytest

from tests.faults.conftest import site, stores  # noqa: F401  (the same servers as those that are broken elsewhere)
from tests.faults.site import Site, run
from tests.journeys.company import PASSWORD, Company


@pytest.fixture(scope="module")
def running(site: Site) -> Iterator[Site]:  # noqa: F811
    """Everything that `./dev demo` runs."""
    site.env["LTC_TICK_SECONDS"] = "2"
    site.env["EMAIL_BACKEND"] = "tests.journeys.mailbox.EmailBackend"
    site.env["MAILBOX"] = str(site.path / "mail")
    for name in ("web", "worker", "relay", "beat"):
        site.keep_running(name, 1)
    site.wait_for_web()
    yield site


@pytest.fixture
def company(running: Site) -> Company:
    """A new company with a person of each role, and a key that reaches everything."""
    code = f"north-{uuid.uuid4().hex[:6]}"
    assert run(["-m", "tests.journeys.cast", code, PASSWORD], running.env).split()[-1] == code
    secret = run(["manage.py", "create_api_key", code], running.env).split()[-1]
    return Company(running, code, secret)
