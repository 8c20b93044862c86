"""F16: every address is classified, every role meets at every address what the matrix says, every transition what `offered` says."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.users.roles import MATRIX, Role, Scope, scopes_of
from ltc.workflow.declare import state_field, transitions_of
from ltc.workflow.engine import offered, perform
from tests import make
from tests.contracts.routes import EVERY_MEMBER, OUTSIDE, Route, routes, workspace_routes
from tests.contracts.rows import SCOPED
from tests.contracts.states import in_every_state
from tests.pages import Browser

GUARDED = [route for route in workspace_routes() if route.permission()]
STATEFUL = [model for model in SCOPED if transitions_of(model)]


def test_every_address_is_classified() -> None:
    """A new page needs a permission, or a reason in one of the two short lists."""
    known = OUTSIDE.keys() | EVERY_MEMBER.keys()
    assert [route.name for route in routes() if route.is_ours and not route.permission() and route.name not in known] == []
    assert known - {route.name for route in routes()} == set()


def test_every_permission_that_a_page_asks_for_is_held_by_some_role() -> None:
    """A misspelt permission would lock everybody out."""
    asked = {route.permission(method) for route in GUARDED for method in ("GET", "POST")}
    assert [permission for permission in asked if not any(scopes_of(role, permission) for role in Role.values)] == []


@pytest.mark.parametrize("route", workspace_routes(), ids=str)
def test_a_stranger_is_sent_to_sign_in_and_a_non_member_finds_nothing(tenant: Tenant, other_tenant: Tenant, route: Route) -> None:
    inside = f"/t/{tenant.code}{route.address()}"
    for method in ("get", "post"):
        response = getattr(Client(), method)(inside)
        assert (response.status_code, response.headers.get("Location", "")[:16]) == (302, "/accounts/login/"), method
    with acting_for(other_tenant):
        member = make.member("adm")
    stranger = Browser(member)
    assert (stranger.get(inside).status_code, stranger.post(inside).status_code) == (404, 404)


@pytest.mark.parametrize("role", Role.values)
def test_every_role_meets_at_every_address_what_the_matrix_says(tenant: Tenant, role: str) -> None:
    """Without the right the answer is 403 before any record is looked for; with it, anything but that."""
    with acting_for(tenant):
        member = make.member(role)
    browser, wrong = Browser(member, raise_request_exception=False), []
    for route in GUARDED:
        for method in ("GET", "POST"):
            held = bool(scopes_of(role, route.permission(method)))
            if held and method == "POST":
                continue  # what a write then asks of the record is the next tests' question
            status = (browser.get if method == "GET" else browser.post)(route.address()).status_code
            if (status == 403) == held or status >= 500:
                wrong.append(f"{method} {route.name}: {status}, though {role} holds {route.permission(method)}: {held}")
    assert wrong == []


def actor_in(role: str, state: str = Membership.State.ACTIVE) -> Membership:
    return make.member(role, state=state)


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_every_transition_in_every_state_is_offered_to_exactly_the_roles_of_the_matrix(inside: Tenant, model: Any) -> None:
    """No role is offered what its scopes on this record do not hold, and each is offered all that they do."""
    wrong, looked_at = [], 0
    members = {role: actor_in(role) for role in MATRIX}
    for state, record in in_every_state(model).items():
        for role, member in members.items():
            for offer in offered(record, member):
                scopes = scopes_of(role, transitions_of(model)[offer.name].permission)
                expected = bool(scopes) and (Scope.ALL in scopes or record.is_within(member, scopes))
                looked_at += 1
                if offer.permitted != expected:
                    wrong.append(f"{role}: {offer.name} while {state}")
    assert wrong == []
    assert looked_at >= len(MATRIX)


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_what_is_not_offered_is_refused_and_changes_nothing(inside: Tenant, model: Any) -> None:
    wrong = []
    gone = actor_in("adm", Membership.State.INACTIVE)
    for state, record in in_every_state(model).items():
        offers = {offer.name: offer for offer in offered(record, SYSTEM)}
        for name, found in transitions_of(model).items():
            if found.declaration.automatic and found.arc(state_field(model, name).get_state(record)) is not None:
                continue
            actors = [(gone, Forbidden)] if name in offers and offers[name].allowed else [(gone, Forbidden), (SYSTEM, Refusal)]
            for actor, refusal in actors:
                if not is_refused(record, name, actor, refusal):
                    wrong.append(f"{name} while {state} by {actor.label}")
    assert wrong == []


def is_refused(record: Any, name: str, actor: Any, refusal: type[Refusal]) -> bool:
    """Whether the transition is refused with that refusal, and the record and its history are as before."""
    before, entries = type(record)._base_manager.filter(pk=record.pk).values().get(), Entry.objects.filter(subject=record.pk).count()
    try:
        with transaction.atomic():
            perform(record, name, actor=actor)
    except refusal:
        after = type(record)._base_manager.filter(pk=record.pk).values().get()
        return after == before and Entry.objects.filter(subject=record.pk).count() == entries
    except (TypeError, IntegrityError):  # inputs are missing: so it got past the guards
        return False
    return False


def test_a_page_without_a_permission_would_be_noticed() -> None:
    """The contract's own test."""
    stray = Route("stray", "stray/", (), lambda request: None)
    assert stray.is_inside
    assert not stray.permission()
    assert stray.name not in OUTSIDE.keys() | EVERY_MEMBER.keys()
