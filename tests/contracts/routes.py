"""Every page address that the resolver knows, with what its view says about itself: contracts are generated from this list."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from ltc.web.actions import ActionView, BulkActionView
from ltc.web.editing import CreateView, EditView
from ltc.web.records import RecordPage

OUTSIDE = {
    "health-live": "a load balancer asks it",
    "health-ready": "a load balancer asks it",
    "tracking-script": "a website loads it, for visitors without a seat; it holds nothing of anybody",
    "tracking": "a website tells it; the site's key, its origin and the lead's signed token are the right",
    "sign-up": "a new company has no member yet",
    "invitation": "the signed token is the right",
    "web-form": "a visitor has no seat; the token in the address is the right, and the form says from where it may be sent",
    "web-form-confirm": "the token that was sent by e-mail is the right",
    "unsubscribe": "the token that came with a mail is the right, and it needs no login by law",
    "portal": "the signed link is the right: a customer has no member",
    "portal-invoice": "the signed link to one invoice is the right",
    "portal-invoice-pdf": "the signed link to one invoice is the right",
    "portal-invoice-viewed": "the signed link to one invoice is the right",
    "portal-invoice-pay": "the signed link to one invoice is the right",
    "payment-notices": "the provider's signature is the right",
    "payment-till": "the stand-in's signed address is the right; it is only there in demos and where the server says so",
    "demo-login": "answers only in the demo",
    "workspaces": "a person's own seats, before a workspace is chosen",
    "operator-tenants": "asks for an operator",
    "operator-jobs": "asks for an operator",
    "operator-retry": "asks for an operator",
    "operator-tenant-state": "asks for an operator",
}
"""Addresses outside a workspace, and why none of a tenant's rights guards them."""
EVERY_MEMBER = {
    "home": "shows only what the member may see",
    "search": "asks each kind's permission",
    "tasks": "the member's own",
    "task-done": "the member's own",
    "notifications": "the member's own",
    "notification": "the member's own",
    "go": "leads to a page that asks",
    "options": "asks the permission of the kind that is searched",
    "trace": "asks the permission of the record that it starts from, and hides what the member may not see",
    "preferences": "a person's own",
    "settings": "leads to the first section that the member may see",
}
"""Addresses in a workspace that ask for no permission, and why."""
FUNCTIONS = {"dashboard": "metrics.view", "board": "metrics.view", "board-csv": "metrics.view", "metric-definitions": "metrics.view"}
"""Function views ask for their permission themselves; which, is said here and held against each role."""
FOREIGN = ("account_", "mfa_", "usersessions_", "api-", "styleguide:", "reauthentication")
"""Beginnings of names of addresses with contracts of their own: allauth's, the REST API's (test_api_routes), the style guide's."""


@dataclass(frozen=True)
class Route:
    """One address. `parts` are its fixed texts and converters, in order."""

    name: str
    pattern: str
    converters: tuple[tuple[str, str], ...]
    view: Any

    @property
    def view_class(self) -> Any:
        return getattr(self.view, "view_class", None)

    @property
    def page(self) -> RecordPage | None:
        given = getattr(self.view, "view_initkwargs", {}).get("page") or getattr(self.view_class, "page", None)
        return given if isinstance(given, RecordPage) else None

    @property
    def is_ours(self) -> bool:
        return not self.name.startswith(FOREIGN)

    @property
    def is_inside(self) -> bool:
        return self.is_ours and self.name not in OUTSIDE

    def permission(self, method: str = "GET") -> str:
        """The permission that the view asks for before it looks at a record; empty if none."""
        found = FUNCTIONS.get(self.name) or getattr(self.view_class, "permission", "")
        if method == "POST":
            found = getattr(self.view_class, "write_permission", "") or found
        if found or self.page is None:
            return str(found)
        return f"{self.page.area}.add" if issubclass(self.view_class, CreateView) else f"{self.page.area}.view"

    def address(self, record: Any = None, action: str = "whatever") -> str:
        """The address with its groups filled in: a record's id wherever one is asked for."""
        filled = self.pattern
        for name, kind in self.converters:
            value = {"uuid": str(record or uuid.UUID(int=7)), "int": "7", "slug": action, "str": action}.get(kind, "x")
            filled = filled.replace(f"<{name}>", value)
        return "/" + filled

    @property
    def takes_a_record(self) -> bool:
        return any(kind == "uuid" for _name, kind in self.converters)

    @property
    def takes_an_action(self) -> bool:
        return self.view_class is not None and issubclass(self.view_class, ActionView)

    @property
    def is_bulk(self) -> bool:
        return self.view_class is not None and issubclass(self.view_class, BulkActionView)

    @property
    def is_form(self) -> bool:
        return self.view_class is not None and issubclass(self.view_class, CreateView | EditView)

    def __str__(self) -> str:
        return self.name


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Any, text: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        here = getattr(pattern.pattern, "_route", None)
        if here is None:
            here = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, text + here, inner)
        elif isinstance(pattern, URLPattern):
            converters = {**pattern.pattern.converters}
            full = text + here
            kinds = []
            for name, converter in converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
                full = full.replace(f"<{kind}:{name}>", f"<{name}>")
                kinds.append((name, kind))
            yield Route(f"{namespace}{pattern.name}", full, tuple(kinds), pattern.callback)


def workspace_routes() -> list[Route]:
    return [route for route in routes() if route.is_inside]
