"""The OpenAPI description of all routes: made from the viewsets, with one operation for each transition and the problems of each."""

import re
from functools import cache
from typing import Any, Final

import orjson
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_object_type

from ltc.api.inputs import schema_of
from ltc.api.pages import DEFAULT_LIMIT, MAX_LIMIT
from ltc.api.problems import CODES, MEDIA_TYPE
from ltc.api.queries import LONGEST_SEARCH
from ltc.api.rendering import plain
from ltc.api.routers import router
from ltc.workflow.declare import transitions_of

ACTION: Final = re.compile(r"^/api/v1/(?P<prefix>[a-z0-9/_-]+)/\{id\}/actions/\{name\}/$")
OBJECT: Final = {"type": "object", "additionalProperties": True}
PAGE_OF_OBJECTS: Final = {
    "type": "object",
    "required": ["data", "next_cursor", "has_more"],
    "properties": {
        "data": {"type": "array", "items": OBJECT},
        "next_cursor": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
    },
}
ACTIONS: Final = {"type": "object", "properties": {"data": {"type": "array", "items": OBJECT}}}
PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable. One of these, or the code of a business rule: " + ", ".join(CODES)},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
READ_PROBLEMS: Final = (400, 401, 403, 404, 405, 406, 414, 429, 500, 503)
WRITE_PROBLEMS: Final = (*READ_PROBLEMS, 409, 412, 413, 415, 422, 428)


class CallerScheme(OpenApiAuthenticationExtension):
    """A key at the root, a session and its CSRF token under /t/<code>."""

    target_class = "ltc.api.authentication.CallerAuthentication"
    name = ["key", "session"]

    def get_security_definition(self, auto_schema: Any) -> Any:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "ltc_live_<tenant>_<secret>"},
            {"type": "apiKey", "in": "cookie", "name": "session", "description": "Under /t/<code>/api/v1/, with X-CSRFToken."},
        ]


class RecordPage:
    """What AutoSchema wants to know of the pagination."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties = {
            "data": schema,
            "next_cursor": {"type": ["string", "null"]},
            "has_more": {"type": "boolean"},
            "count": {"type": "integer", "description": "With include=count, at most 10000."},
            "count_is_exact": {"type": "boolean"},
        }
        return build_object_type(properties=properties, required=["data", "next_cursor", "has_more"])

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []

    def get_paginated_name(self, name: str) -> str:
        return f"{name}Page"


def _query(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


class RecordSchema(AutoSchema):
    """The operations of a RecordViewSet; other views are described as drf-spectacular does it."""

    def _get_paginator(self) -> Any:
        return RecordPage() if hasattr(self.view, "known_parameters") else super()._get_paginator()

    def get_operation_id(self) -> str:
        if self._is_plain:
            return f"{type(self.view).__name__.removesuffix('View').lower()}_{self.method.lower()}"
        return super().get_operation_id().removeprefix("api_v1_")

    @property
    def _is_plain(self) -> bool:
        """A view beside the record kinds. It names what it takes and gives, where that is more than some object."""
        return not hasattr(self.view, "get_serializer_class")

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation and hasattr(self.view, "known_parameters"):
            operation.setdefault("parameters", []).extend([*self._query_parameters(), *self._headers()])
        return operation

    def _query_parameters(self) -> list[dict[str, Any]]:
        view: Any = self.view
        orders = [sign + name for name in view.orderings for sign in ("", "-")]
        known = {
            "limit": _query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
            "cursor": _query("cursor", {"type": "string"}, "next_cursor of the page before."),
            "ordering": _query("ordering", {"type": "string", "enum": orders} if orders else {"type": "string"}),
            "search": _query("search", {"type": "string", "maxLength": LONGEST_SEARCH}),
            "fields": _query("fields", {"type": "string"}, "Names of fields with commas between; the id always comes along."),
            "include": _query("include", {"type": "string", "enum": ["count"]}),
        }
        return [known.get(name) or _query(name, {"type": "string"}, "Filter.") for name in sorted(view.known_parameters())]

    def _headers(self) -> list[dict[str, Any]]:
        view: Any = self.view
        found = []
        if self.method == "POST":
            found.append(("Idempotency-Key", view.key_required and view.action == "create", "1 to 255 printable ASCII characters."))
        if view.action in {"partial_update", "act"}:
            found.append(("If-Match", view.match_required, "The ETag of the record as it was read."))
        if view.action == "retrieve":
            found.append(("If-None-Match", False, "An ETag: 304 if the record has not changed."))
        return [
            {"name": name, "in": "header", "required": required, "schema": {"type": "string"}, "description": text}
            for name, required, text in found
        ]

    def get_request_serializer(self) -> Any:
        match getattr(self.view, "action", None):
            case "act":
                return {"application/json": OBJECT}
            case "notes":
                return {"application/json": {"type": "object", "required": ["body"], "properties": {"body": {"type": "string"}}}}
        if self._is_plain:
            return getattr(self.view, "takes", {"application/json": OBJECT})
        return super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        view: Any = self.view
        match getattr(view, "action", None):
            case "actions":
                return {200: ACTIONS}
            case "timeline" | "changes":
                return {200: PAGE_OF_OBJECTS}
            case "chain":
                return {200: OBJECT}
            case "notes":
                return {201: OBJECT}
            case "act":
                return {200: view.get_serializer()}
        if self._is_plain:
            return {200: getattr(view, "gives", OBJECT)}
        return super().get_response_serializers()

    def _is_list_view(self, serializer: Any = None) -> bool:
        if hasattr(self.view, "known_parameters"):
            return getattr(self.view, "action", None) == "list"
        return super()._is_list_view(serializer)


def with_actions_and_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """One operation for each transition in place of the one for all, and every operation's problem responses."""
    models = {prefix: viewset.model for prefix, viewset, _name in router.registry if hasattr(viewset, "model")}
    for path in list(result["paths"]):
        if match := ACTION.match(path):
            generic = result["paths"].pop(path)["post"]
            for name, declared in transitions_of(models[match["prefix"]]).items():
                if not declared.declaration.automatic:
                    result["paths"][path.replace("{name}", name)] = {"post": _action_operation(generic, name, declared)}
    result["paths"] = dict(sorted(result["paths"].items()))
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {
        f"Problem{status}": {
            "description": next(title for code_status, title in CODES.values() if code_status == status),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in WRITE_PROBLEMS
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status in READ_PROBLEMS if method == "get" else WRITE_PROBLEMS:
                operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    return result


def _action_operation(generic: dict[str, Any], name: str, declared: Any) -> dict[str, Any]:
    meaning = " ".join(((declared.declaration.label and str(declared.declaration.label)) or name).split())
    return {
        **generic,
        "operationId": generic["operationId"].removesuffix("_create") + f"_{name}",
        "summary": meaning,
        "description": f"{meaning}. From: {', '.join(declared.arcs)}.",
        "parameters": [each for each in generic["parameters"] if each["name"] != "name"],
        "requestBody": {"content": {"application/json": {"schema": schema_of(declared.declaration.inputs)}}},
    }


@cache
def document() -> dict[str, Any]:
    """The description as a dictionary; made once in a process, in English."""
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)
        found: dict[str, Any] = orjson.loads(orjson.dumps(made, default=plain, option=orjson.OPT_NON_STR_KEYS))
    return found


@cache
def document_bytes() -> bytes:
    return orjson.dumps(document())
