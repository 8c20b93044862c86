"""The test database is made by the schema's owner; the tests run as the application's role, so that row security is really in force."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from tests import make
from tests.callers import Caller, caller_of


def _as_role(role: dict[str, tuple[str, str]]) -> None:
    for alias, (user, password) in role.items():
        connections[alias].close()
        connections[alias].settings_dict.update(USER=user, PASSWORD=password)


def _owner() -> dict[str, tuple[str, str]]:
    parts = urlsplit(settings.DATABASE_OWNER_URL)
    login = unquote(parts.username or ""), unquote(parts.password or "")
    return {"default": login, "platform": login}


def _runtime() -> dict[str, tuple[str, str]]:
    return {alias: (settings.DATABASES[alias]["USER"], settings.DATABASES[alias]["PASSWORD"]) for alias in ("default", "platform")}


@pytest.fixture(scope="session")
def django_db_setup(request: Any, django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    suffix = getattr(request.config, "workerinput", {}).get("workerid", "")
    runtime = _runtime()
    for alias in connections:
        test = connections[alias].settings_dict["TEST"]
        test["NAME"] = "_".join(filter(None, [settings.DATABASES[alias]["TEST"]["NAME"].removesuffix("_" + suffix), suffix]))
    with django_db_blocker.unblock():
        _as_role(_owner())
        keep = request.config.getoption("reuse_db") and not request.config.getoption("create_db")
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[], keepdb=keep)
        _as_role(runtime)
    yield
    with django_db_blocker.unblock():
        _as_role(_owner())
        teardown_databases(made, verbosity=0, keepdb=request.config.getoption("reuse_db"))


@contextmanager
def as_owner() -> Iterator[None]:
    """The schema's owner, for tests that change the schema and put it back."""
    runtime = _runtime()
    _as_role(_owner())
    try:
        yield
    finally:
        _as_role(runtime)


def _flush_as_owner(self: TransactionTestCase) -> None:
    """The application may not truncate, and must not learn to for the tests' sake: the owner empties the tables."""
    with as_owner():
        call_command(
            "flush",
            verbosity=0,
            interactive=False,
            database="default",
            reset_sequences=False,
            allow_cascade=True,
            inhibit_post_migrate=True,
        )


TransactionTestCase._fixture_teardown = _flush_as_owner  # type: ignore[method-assign]


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make.tenant("north")


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    return make.tenant("south")


@pytest.fixture
def inside(tenant: Tenant) -> Iterator[Tenant]:
    """The test runs as one tenant."""
    with acting_for(tenant):
        yield tenant


@pytest.fixture
def rep(inside: Tenant) -> Membership:
    return make.member("rep")


@pytest.fixture
def manager(inside: Tenant) -> Membership:
    return make.member("mgr")


@pytest.fixture
def caller(tenant: Tenant) -> Caller:
    """A program with a key of the tenant that reaches everything."""
    return caller_of(tenant)
