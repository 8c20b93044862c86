"""Which tenant a request is for, by its path: `/t/<code>/...`, or by its API key. The whole request runs inside acting_for(tenant)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ltc.tenancy.context import acting_for, name_actor
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership, Seat

WORKSPACE = re.compile(r"^/t/(?P<code>[a-z0-9-]{1,40})(?P<rest>/.*)?$")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OUTSIDE = frozenset(
    [
        "",
        "accounts",
        "api",
        "demo",
        "f",
        "healthz",
        "hooks",
        "invitations",
        "media",
        "operator",
        "portal",
        "preferences",
        "signup",
        "static",
        "styleguide",
        "t.js",
        "u",
        "visit",
        "workspaces",
    ]
)
"""First segments of the paths that exist outside a workspace. All others exist only below `/t/<code>/`."""
INSIDE_TOO = frozenset({"", "api", "preferences", "styleguide"})


@contextmanager
def script_prefix(prefix: str) -> Iterator[None]:
    """`reverse` answers below this prefix, and as before afterwards: the thread serves other requests too."""
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)


def seats_of(user: Any) -> list[Seat]:
    """Where a person may go: their seats in the companies that are not closed, by the companies' names."""
    seats = Seat.objects.filter(user=user).exclude(workspace__state=Tenant.State.CLOSED)
    return list(seats.select_related("workspace").order_by("workspace__name"))


class WorkspaceMiddleware:
    """Strips `/t/<code>` into the script prefix, so URL names take no tenant, and opens the tenant for its members only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.tenant = request.actor = request.member = None
        match = WORKSPACE.match(request.path_info)
        if match is None:
            if request.path_info.split("/", 2)[1] not in OUTSIDE:
                raise Http404
            return self.get_response(request)
        if (match["rest"] or "/").split("/", 2)[1] in OUTSIDE - INSIDE_TOO:
            raise Http404
        if not request.user.is_authenticated:
            if (match["rest"] or "").startswith("/api/"):
                return HttpResponse(status=401)
            return redirect_to_login(request.get_full_path())
        request.seats = seats_of(request.user)
        tenant = next((seat.workspace for seat in request.seats if seat.workspace.code == match["code"]), None)
        if tenant is None:
            raise Http404
        prefix = f"{request.META.get('SCRIPT_NAME', '').rstrip('/')}/t/{tenant.code}/"
        with acting_for(tenant):
            member = Membership.objects.select_related("team").filter(user=request.user, state=Membership.State.ACTIVE).first()
            if member is None:
                raise Http404
            if tenant.state == Tenant.State.SUSPENDED:
                raise PermissionDenied(_("This workspace is suspended. Ask whoever runs this service."))
            request.tenant, request.member, request.actor = tenant, member, member
            request.path_info = match["rest"] or "/"
            if request.method not in SAFE:
                name_actor(member, getattr(request, "request_id", ""))
            with (
                script_prefix(prefix),
                translation.override(request.user.language or translation.get_language()),
                timezone.override(tenant.time_zone),
            ):
                response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response
