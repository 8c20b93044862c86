"""Two layers around the REST API: one outside everything, that names the request and turns every error into a problem document;
one inside the workspace, that knows the caller, counts, and sees that a write happens once or not at all."""

import re
import sys
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ltc.api import idempotency, limits
from ltc.api.problems import MEDIA_TYPE, Problem, explained, plain_response
from ltc.tenancy.context import acting_for, name_actor
from ltc.tenancy.identifiers import uuid7
from ltc.users import keys

API_PATH: Final = re.compile(r"^(/t/[a-z0-9-]{1,40})?/api(/|$)")
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_ADDRESS: Final = 4094

Next = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Outermost: every request has an id (X-Request-Id), and every error under /api is a problem document."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.request_id = request_id = _request_id(request)
        is_api = API_PATH.match(request.path_info) is not None
        if is_api and len(request.get_full_path()) > LONGEST_ADDRESS:
            response = plain_response(414, request_id=request_id)
        else:
            response = self.get_response(request)
            if is_api:
                response = _as_problem(request, response)
        response["X-Request-Id"] = request_id
        if getattr(request, "actor", None) is not None and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"  # what a tenant's caller sees stays in no cache, a shared computer's included
        return response


def _request_id(request: HttpRequest) -> str:
    try:
        return str(uuid.UUID(request.headers.get("X-Request-Id", "")))
    except ValueError:
        return str(uuid7())


@receiver(got_request_exception)
def _remember(sender: Any, request: Any = None, **_: Any) -> None:
    """Keep what broke the request, so that a database that is away is told from a fault of ours."""
    error = sys.exc_info()[1]
    if request is not None and error is not None:
        request.failure = explained(error)


def _as_problem(request: Any, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    if status < 400 or response.get("Content-Type", "").startswith(MEDIA_TYPE):
        return response
    if failure := getattr(request, "failure", None):
        return plain_response(*failure[:3], request_id=request.request_id, errors=failure[3])
    problem = plain_response(status, request_id=request.request_id)
    if "Allow" in response:
        problem["Allow"] = response["Allow"]
    return problem


class CallerMiddleware:
    """Inside WorkspaceMiddleware: who calls (by key at the root, by session in a workspace), how often, and each write once."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        if request.tenant is not None:
            return self._counted(request)
        if "Authorization" not in request.headers:
            return self.get_response(request)
        try:
            return self._with_key(request)
        except (Problem, DatabaseError) as error:  # also a constraint that is looked at when the transaction ends
            return _told(request, error)

    def _with_key(self, request: Any) -> HttpResponse:
        text = _bearer(request)
        tenant, now = keys.tenant_of(text), timezone.now()
        if tenant is None:
            raise Problem("unauthenticated", "Send an API key: Authorization: Bearer ltc_live_…")
        with acting_for(tenant):
            key = keys.verified(text)
            if key is None:
                raise Problem("unauthenticated", "The API key is unknown, expired or revoked.")
            request.tenant, request.actor = key.tenant, key
            if request.method not in SAFE:
                name_actor(key, request.request_id)
            response = self._counted(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        keys.notice_use(key, now)
        return response

    def _counted(self, request: Any) -> HttpResponse:
        is_read = request.method in SAFE
        buckets = limits.buckets_of(request.actor, request.tenant.pk, searching="search" in request.GET)
        verdict = limits.take(buckets, is_read=is_read)
        if verdict.wait > 0:
            response = _told(request, Problem("rate_limited", "Too many requests. Wait as long as Retry-After says."))
            response["Retry-After"] = str(int(verdict.wait) + 1)
        else:
            try:
                response = self.get_response(request) if is_read else self._once(request)
            except (Problem, DatabaseError, RequestDataTooBig) as error:
                transaction.set_rollback(True)
                response = _told(request, error)
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                limits.take(buckets, is_read=True, cost=-1)
        for name, value in verdict.headers.items():
            response[name] = value
        return response

    def _once(self, request: Any) -> HttpResponse:
        key = idempotency.key_of(request)
        claimed = idempotency.claim(request, key) if key else None
        if isinstance(claimed, HttpResponse):
            return claimed
        response = self.get_response(request)
        if response.status_code < 400:
            with connection.cursor() as cursor:  # what would fail at commit fails before the answer is kept
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            if claimed is not None:
                idempotency.keep(claimed, response)
        return response


def _bearer(request: Any) -> str:
    scheme, _space, text = request.headers["Authorization"].partition(" ")
    return text.strip() if scheme.lower() == "bearer" and text.isascii() else ""


def _told(request: Any, error: Exception) -> HttpResponse:
    status, code, detail, errors = explained(error) or (500, "internal_error", "", [])
    return plain_response(status, code, detail, request_id=request.request_id, errors=errors)
