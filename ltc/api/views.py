from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ltc.api import schema
from ltc.api.problems import CODES


@dataclass(frozen=True)
class Operation:
    """A line of the page that lists what the API can do."""

    method: str
    path: str
    summary: str
    parameters: list[dict[str, Any]]
    body: list[tuple[str, str, bool]]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API for programs."""
    return HttpResponse(schema.document_bytes(), content_type="application/vnd.oai.openapi+json;version=3.1")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description of the API for people, by kind of record."""
    groups: dict[str, list[Operation]] = {}
    document = schema.document()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(path.split("/")[3], []).append(_operation(document, method, path, operation))
    problems = [(code, status, title) for code, (status, title) in CODES.items()]
    return render(request, "api/docs.html", {"groups": groups, "problems": problems, "title": "API"})


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Operation:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if reference := content.get("$ref"):
        content = document["components"]["schemas"][reference.rpartition("/")[2]]
    required = frozenset(content.get("required", ()))
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary") or operation.get("description", "").split("\n")[0],
        parameters=operation.get("parameters", []),
        body=[(name, _type(document, described), name in required) for name, described in content.get("properties", {}).items()],
    )


def _type(document: dict[str, Any], described: dict[str, Any]) -> str:
    """The type of a field in words: `string (uuid)`, or its choices."""
    parts = [described, *described.get("oneOf", ()), *described.get("allOf", ())]
    choices = [str(choice) for part in parts for choice in _resolved(document, part).get("enum", ()) if choice is not None]
    if choices:
        return ", ".join(choices)
    kind = described.get("type", "object")
    kind = " / ".join(kind) if isinstance(kind, list) else kind
    return f"{kind} ({described['format']})" if "format" in described else kind


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    found: dict[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]] if reference else part
    return found
