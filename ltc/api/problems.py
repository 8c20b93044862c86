"""Errors as RFC 9457 problem documents, each with a stable code. docs/api.md lists the codes; a test compares."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from ltc.refusals import Forbidden, Refusal, StaleVersion

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = 2

CODES: Final[dict[str, tuple[int, str]]] = {
    "malformed": (400, "The request cannot be read."),
    "invalid": (400, "Some values are not acceptable."),
    "unknown_parameter": (400, "The address has a parameter that this resource does not know."),
    "idempotency_key_required": (400, "This request needs an Idempotency-Key."),
    "idempotency_key_invalid": (400, "The Idempotency-Key is not acceptable."),
    "unauthenticated": (401, "A valid API key or a session is needed."),
    "permission_denied": (403, "The key or the member may not do this."),
    "csrf_failed": (403, "The session's CSRF token is missing or wrong."),
    "not_found": (404, "There is no such thing here."),
    "unknown_action": (404, "The record has no action of that name."),
    "method_not_allowed": (405, "The resource does not have this method."),
    "not_acceptable": (406, "The answer has no such form."),
    "conflict": (409, "The request contradicts what is stored."),
    "already_exists": (409, "There is such a record already."),
    "in_use": (409, "Other records refer to this one."),
    "refused": (409, "A business rule stands against it."),
    "invalid_transition": (409, "The record's state does not allow this action."),
    "stale_version": (412, "The record has changed since it was read."),
    "payload_too_large": (413, "The body is too large."),
    "uri_too_long": (414, "The address is too long."),
    "unsupported_media_type": (415, "The body has a form that is not read here."),
    "idempotency_mismatch": (422, "The Idempotency-Key was used for another request."),
    "precondition_required": (428, "This request needs an If-Match."),
    "rate_limited": (429, "Too many requests."),
    "internal_error": (500, "Something went wrong on our side."),
    "unavailable": (503, "Temporarily unavailable."),
}
BY_STATUS: Final[dict[int, str]] = {
    400: "malformed",
    401: "unauthenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    412: "stale_version",
    413: "payload_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    422: "idempotency_mismatch",
    428: "precondition_required",
    429: "rate_limited",
    503: "unavailable",
}


class Problem(exceptions.APIException):
    """An error by its code; the code knows status and title."""

    def __init__(self, code: str, detail: str = "", *, errors: list[dict[str, str]] | None = None, retry_after: int | None = None) -> None:
        self.status_code, title = CODES[code]
        super().__init__(detail or title, code)
        self.code, self.errors, self.retry_after = code, errors or [], retry_after


def document(
    status: int, code: str, detail: str = "", *, request_id: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The body of a problem. `code` may be a business rule's own; its title is then the one of the status."""
    _status, title = CODES.get(code) or CODES[BY_STATUS.get(status, "internal_error")]
    said: dict[str, Any] = {"type": f"urn:ltc:problem:{code}", "title": title, "status": status, "code": code, "detail": detail or title}
    if request_id:
        said["instance"] = f"urn:uuid:{request_id}"
    if errors:
        said["errors"] = errors
    return said


def plain_response(
    status: int, code: str = "", detail: str = "", *, request_id: str = "", errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """A problem as a response of Django's, for what happens outside the views."""
    code = code or BY_STATUS.get(status, "internal_error" if status >= 500 else "malformed")
    body = document(status, code, detail, request_id=request_id, errors=errors)
    response = HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: every error of a view becomes a problem document; what is unknown is left to become a 500.

    The middleware that opened the transaction rolls it back, as after every answer of 400 and above.
    """
    said = explained(error)
    if said is None:
        return None
    status, code, detail, errors = said
    request = context.get("request")
    request_id = getattr(getattr(request, "_request", None), "request_id", "")
    response = Response(document(status, code, detail, request_id=request_id, errors=errors), status=status, content_type=MEDIA_TYPE)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    wait = getattr(error, "retry_after", None) or getattr(error, "wait", None) or (RETRY_AFTER if status == 503 else None)
    if wait:
        response["Retry-After"] = str(int(wait))
    return response


Explained = tuple[int, str, str, list[dict[str, str]]]


def explained(error: BaseException) -> Explained | None:
    """Status, code, detail and field errors of an exception; None if it is a fault of ours."""
    match error:
        case Problem():
            return error.status_code, error.code, str(error.detail), error.errors
        case StaleVersion():
            return 412, error.code, str(error), []
        case Forbidden():
            return 403, error.code, str(error), []
        case Refusal():
            pointed = [{"pointer": f"/{error.field}", "code": error.code, "detail": str(error)}] if error.field else []
            return 409, error.code, str(error), pointed
        case exceptions.ValidationError():
            return 400, "invalid", CODES["invalid"][1], list(pointers(error.detail))
        case ModelValidationError():
            return 400, "invalid", CODES["invalid"][1], list(_model_errors(error))
        case Http404():
            return 404, "not_found", "", []
        case PermissionDenied():
            return 403, "permission_denied", "", []
        case RequestDataTooBig():
            return 413, "payload_too_large", "", []
        case exceptions.APIException():
            return error.status_code, _code_of(error), str(error.detail), []
        case ProtectedError() | RestrictedError():
            return 409, "in_use", "Other records refer to this one, so it stays.", []
        case IntegrityError():
            return _integrity(error)
        case DataError():
            return 400, "invalid", "A value cannot be stored.", []
        case OperationalError() | InterfaceError():
            return 503, "unavailable", "The database is busy or away. Try again.", []
    return None


def _code_of(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.PermissionDenied) and str(error.detail).startswith("CSRF"):
        return "csrf_failed"
    return BY_STATUS.get(error.status_code, "internal_error")


def _integrity(error: IntegrityError) -> Explained:
    """What a constraint of the database says. Its name is the rule's, so it is the code of the field error."""
    cause: Any = error.__cause__
    state, rule = getattr(cause, "pgcode", "") or "", getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    errors = [{"pointer": "", "code": rule, "detail": rule.replace("_", " ")}] if rule else []
    if state == "23505":
        return 409, "already_exists", "There is such a record already.", errors
    if state in {"23503", "23001"}:
        return 409, "in_use", "The record is referred to, or refers to one that is not there.", errors
    return 409, "conflict", "The values break a rule of the data.", errors


def pointers(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list of JSON pointers."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from pointers(value, path if key == "non_field_errors" else f"{path}/{_escaped(str(key))}")
    elif isinstance(detail, list):
        for number, value in enumerate(detail):
            if isinstance(value, dict):
                yield from pointers(value, f"{path}/{number}")
            elif isinstance(value, list):
                yield from pointers(value, path)
            else:
                yield _error(path, value)
    else:
        yield _error(path, detail)


def _error(path: str, detail: Any) -> dict[str, str]:
    return {"pointer": path, "code": str(getattr(detail, "code", None) or "invalid"), "detail": str(detail)}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _model_errors(error: ModelValidationError) -> Iterator[dict[str, str]]:
    by_field: dict[str, list[ModelValidationError]] = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for name, found in by_field.items():
        for each in found:
            pointer = "" if name == "__all__" else f"/{name}"
            yield {"pointer": pointer, "code": str(each.code or "invalid"), "detail": " ".join(each.messages)}
