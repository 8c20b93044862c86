"""F14: another tenant's ids, put wherever an id can be put. Nothing of theirs is shown, used or changed.

The addresses come from the resolver, the forms from the views, the REST operations from the OpenAPI description.
"""

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django import forms
from django.http import HttpResponse

from ltc.api.routers import router
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from ltc.web.lists import RecordListView
from ltc.workflow.declare import transitions_of
from ltc.workflow.models import link_type
from tests import make
from tests.callers import caller_of
from tests.contracts.routes import Route, workspace_routes
from tests.contracts.rows import SCOPED, make_row
from tests.pages import Browser

KINDS_FOR_ONE_KEY = 50
OTHER_KINDS = 6
NOT_FOUND = frozenset({403, 404, 405})
pytestmark = pytest.mark.timeout(900)


@dataclass
class Probe:
    """What was tried, and what came through."""

    tried: int = 0
    leaks: list[str] = field(default_factory=list)

    def look(self, what: str, response: Any, *, theirs: str = "", expected: frozenset[int] = NOT_FOUND) -> None:
        """An answer must be one of the expected ones and must not hold their id (`theirs`) unless we sent it ourselves."""
        self.tried += 1
        content = b"".join(response.streaming_content) if response.streaming else response.content
        shown = theirs and theirs in content.decode(errors="replace")
        if response.status_code not in expected or shown:
            self.leaks.append(f"{what}: {response.status_code}{' shows their id' if shown else ''}")

    def judge(self) -> None:
        print(f"\nF14: {self.tried} probes, {len(self.leaks)} leaks")
        assert not self.leaks, "\n".join(self.leaks)
        assert self.tried


def rows_of(tenant: Tenant) -> dict[Any, Any]:
    """A row of every kind, with an id that could be guessed or copied."""
    with acting_for(tenant):
        return {model: make_row(model) for model in SCOPED if model._meta.pk.get_internal_type() == "UUIDField"}


def snapshot(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    with acting_for(tenant):
        return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in SCOPED}


@pytest.fixture
def theirs(other_tenant: Tenant) -> Iterator[dict[Any, Any]]:
    """The other tenant's rows, which are the same after the test."""
    rows = rows_of(other_tenant)
    before = snapshot(other_tenant)
    yield rows
    assert snapshot(other_tenant) == before


@pytest.fixture
def browsers(tenant: Tenant) -> list[Browser]:
    """Between them they may do everything."""
    with acting_for(tenant):
        team = make.team("Sales")
        return [Browser(make.member(role, team=team), raise_request_exception=False) for role in ("mgr", "adm", "fin", "dm")]


def with_right(browsers: list[Browser], route: Route, method: str) -> Browser:
    """Whoever of them holds the right that the page asks for, so that it is the record that is refused and not the person."""
    answers = {browser: (browser.get if method == "GET" else browser.post)(route.address()).status_code for browser in browsers}
    return next((browser for browser, status in answers.items() if status != 403), browsers[0])


def probe_addresses(routes: list[Route], browsers: list[Browser], theirs: dict[Any, Any]) -> Probe:
    """Each address with an id of its own kind, every action and method; and with ids of other kinds, all of which have their turn."""
    probe, turns = Probe(), itertools.cycle(theirs.items())
    for route in routes:
        reader, writer = with_right(browsers, route, "GET"), with_right(browsers, route, "POST")
        own = [(model, row) for model, row in theirs.items() if route.page is None or model is route.page.model]
        for model, row in own:
            actions = list(transitions_of(model)) if route.takes_an_action else [link_type(model)]
            for action in actions:
                address = route.address(row.pk, action)
                probe.look(f"GET {route.name} {model._meta.label} {action}", reader.get(address))
                probe.look(f"POST {route.name} {model._meta.label} {action}", writer.post(address))
        for model, row in itertools.islice(turns, OTHER_KINDS):
            probe.look(f"GET {route.name} {model._meta.label}", reader.get(route.address(row.pk)))
    return probe


def test_no_address_opens_another_tenants_record(browsers: list[Browser], theirs: dict[Any, Any]) -> None:
    probe_addresses([route for route in workspace_routes() if route.takes_a_record], browsers, theirs).judge()


def test_no_list_search_or_filter_shows_another_tenants_record(browsers: list[Browser], theirs: dict[Any, Any]) -> None:
    probe = Probe()
    fine = frozenset({200, 302, 403, 405, 422})
    for route in workspace_routes():
        if route.takes_a_record or any(kind != "uuid" for _name, kind in route.converters) or not route.view_class:
            continue
        browser = with_right(browsers, route, "GET")
        for row in theirs.values():
            if route.page is not None and isinstance(row, route.page.model):
                probe.look(f"GET {route.name}", browser.get(route.address()), theirs=str(row.pk), expected=fine)
        if issubclass(route.view_class, RecordListView) and route.view_class.filterset_class is not None:
            assert route.page is not None
            own = theirs[route.page.model]
            for name in route.view_class.filterset_class.base_filters:
                for row in (own, *(row for model, row in theirs.items() if model.__name__.lower() == name)):
                    response = browser.get(route.address(), **{name: str(row.pk)})
                    probe.look(f"GET {route.name}?{name}=", response, theirs=str(own.pk) if own.pk != row.pk else "", expected=fine)
        for words in ("r",):
            for row in theirs.values():
                response = browser.get(route.address(), q=words)
                probe.look(f"GET {route.name}?q={words}", response, theirs=str(row.pk), expected=fine)
                break
    probe.judge()


def test_no_bulk_action_takes_another_tenants_record(browsers: list[Browser], theirs: dict[Any, Any]) -> None:
    probe = Probe()
    for route in (route for route in workspace_routes() if route.is_bulk):
        assert route.page is not None
        for name, found in transitions_of(route.page.model).items():
            if not found.declaration.automatic:
                response = with_right(browsers, route, "POST").post(route.address(), action=name, id=[str(theirs[route.page.model].pk)])
                probe.look(f"POST {route.name} {name}", response, expected=frozenset({403, 404, 409}))
    probe.judge()


def test_no_form_takes_another_tenants_record(tenant: Tenant, browsers: list[Browser], theirs: dict[Any, Any]) -> None:
    """Each choice of a record, given their id: the form calls it no valid choice, as it does an id that nobody has."""
    probe = Probe()
    for route in (route for route in workspace_routes() if route.is_form):
        assert route.page is not None
        with acting_for(tenant):
            manager = Membership.objects.get(role="mgr")
            fields = {field.name for field in route.page.model._meta.local_fields}
            given = {name: value for name, value in (("owner", manager), ("team", manager.team)) if name in fields}
            address = route.address(make_row(route.page.model, **given).pk)
        answers = {browser: browser.get(address).status_code for browser in browsers}
        assert 200 in answers.values(), f"{route}: nobody may open the form: {list(answers.values())}"
        browser = next(browser for browser, status in answers.items() if status == 200)
        for name, choice in route.view_class.form_class.base_fields.items():
            if not isinstance(choice, forms.ModelChoiceField) or choice.queryset is None:
                continue
            foreign = theirs[choice.queryset.model]
            refused, unknown = (browser.post(address, **{name: str(pk)}) for pk in (foreign.pk, uuid.uuid4()))
            probe.look(f"POST {route.name} {name}", refused, expected=frozenset({403, 422}))
            if errors_of(refused, name) != errors_of(unknown, name) or (refused.status_code == 422 and not errors_of(refused, name)):
                probe.leaks.append(f"POST {route.name} {name}: told apart from an unknown id, or taken")
    probe.judge()


def errors_of(response: Any, name: str) -> list[str]:
    form = (response.context or {}).get("form") if response.context is not None else None
    return [str(error) for error in form.errors.get(name, [])] if form is not None else []


def test_no_rest_operation_opens_another_tenants_record(tenant: Tenant, theirs: dict[Any, Any]) -> None:
    """Every operation of every kind, with every foreign id in the address, and their ids in filters."""
    probe = Probe()
    assert list(workspace_routes()) and router.registry  # asking for the addresses loads them
    for prefix, viewset, _name in router.registry:
        for number, (model, row) in enumerate(theirs.items()):
            if number % KINDS_FOR_ONE_KEY == 0:
                caller = caller_of(tenant)  # each key has its own limit of calls
            suffixes = ("", "/timeline", "/changes", "/actions", "/trace", "/pdf") if model is viewset.model else ("",)
            for suffix in suffixes:
                probe.look(f"GET {prefix}{suffix} {model._meta.label}", caller.get(f"{prefix}/{row.pk}{suffix}"))
        own = theirs.get(viewset.model)
        if own is None:
            continue
        caller = caller_of(tenant)
        for name in transitions_of(viewset.model):
            response = caller.post(f"{prefix}/{own.pk}/actions/{name}", {}, Idempotency_Key=f"{prefix}{name}", If_Match="*")
            probe.look(f"POST {prefix} {name}", response)
        probe.look(f"PATCH {prefix}", caller.patch(f"{prefix}/{own.pk}", {}, If_Match="*"))
        for name in viewset.filterset_class.base_filters if viewset.filterset_class else ():
            for row in (own, *(row for model, row in theirs.items() if model.__name__.lower() == name.partition("__")[0])):
                response = caller.get(f"{prefix}?{name}={row.pk}")
                shown = str(own.pk) if own.pk != row.pk else ""
                probe.look(f"GET {prefix}?{name}=", response, theirs=shown, expected=frozenset({200, 400, 403, 422}))
    probe.judge()


def test_a_planted_leak_is_found(browsers: list[Browser], theirs: dict[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe's own test: one page that answers whatever id it is given."""
    [route] = [route for route in workspace_routes() if route.name == "customers:record"]
    monkeypatch.setattr(route.view_class, "get", lambda self, request, pk: HttpResponse(f"found {pk}"))
    probe = probe_addresses([route], browsers, theirs)
    assert len(probe.leaks) == OTHER_KINDS + 1
    assert all("customers:record" in leak for leak in probe.leaks)
