"""Every list and board takes a fixed number of queries, however many rows there are."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.web.lists import RecordListView
from tests import make
from tests.contracts.routes import Route, workspace_routes
from tests.contracts.rows import make_row
from tests.pages import Browser

MOST_QUERIES = 12
LISTS = [route for route in workspace_routes() if route.view_class and issubclass(route.view_class, RecordListView)]


def queries(browser: Browser, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET "))]


@pytest.fixture
def browser(tenant: Tenant) -> Browser:
    """Of one who sees everything."""
    with acting_for(tenant):
        return Browser(make.member("exec"))


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(tenant: Tenant, browser: Browser, route: Route) -> None:
    page: Any = route.page
    with acting_for(tenant):
        make_row(page.model)
    queries(browser, route.address())
    few = queries(browser, route.address())
    with acting_for(tenant):
        for _number in range(6):
            make_row(page.model)
    many = queries(browser, route.address())
    assert len(many) == len(few) <= MOST_QUERIES, "\n".join(many)


@pytest.mark.parametrize("name", ["home", "search", "tasks", "notifications", "dashboard"])
def test_the_pages_of_everyone_take_few_queries(browser: Browser, name: str) -> None:
    [route] = [route for route in workspace_routes() if route.name == name]
    queries(browser, route.address())
    assert len(queries(browser, route.address())) <= MOST_QUERIES * 2
