import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.validation import validate_schema

from ltc.api import schema
from ltc.api.problems import CODES


def test_the_description_names_every_route_action_and_problem(db: None) -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    described = response.json()
    validate_schema(described)
    assert described["openapi"].startswith("3.1")
    paths = described["paths"]
    assert {"get", "post"} <= set(paths["/api/v1/customers/"])
    hold = paths["/api/v1/customers/{id}/actions/set_hold/"]["post"]
    body = hold["requestBody"]["content"]["application/json"]["schema"]
    assert (body["required"], set(body["properties"])) == (["reason"], {"reason", "note"})
    assert "/api/v1/customers/{id}/actions/{name}/" not in paths
    assert "patch" not in paths["/api/v1/keys/{id}/"]
    assert {parameter["name"] for parameter in paths["/api/v1/products/"]["get"]["parameters"]} >= {"limit", "cursor", "kind", "search"}
    assert {"key", "session"} == set(described["components"]["securitySchemes"])
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert {"400", "401", "404", "429", "500", "503"} <= set(operation["responses"]), (method, path)


def test_every_reference_in_the_description_leads_somewhere(db: None) -> None:
    described = Client().get("/api/v1/openapi.json").json()

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            return {node["$ref"]} if "$ref" in node else set().union(*map(references, node.values()), set())
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    for reference in references(described):
        found: Any = described
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_operations_have_names_of_their_own_and_nothing_is_guessed(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    schema.document.cache_clear()
    schema.document_bytes.cache_clear()
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    assert capsys.readouterr().err == ""  # where drf-spectacular says what it could not make out
    names = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert len(names) == len(set(names))


def test_people_read_the_description_as_a_page(db: None) -> None:
    response = Client().get("/api/v1/docs/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "/api/v1/customers/" in text
    assert "already_exists" in text
    assert not re.search(r"<script(?![^>]*(\bsrc=|application/json))[^>]*>|\sstyle=|\son\w+=", text)


def test_the_documentation_has_every_code(db: None) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
    documented = dict(re.findall(r"^\| `([a-z_]+)` \| ([0-9]{3}) \|", text, re.MULTILINE))
    assert documented == {code: str(status) for code, (status, _title) in CODES.items()}
