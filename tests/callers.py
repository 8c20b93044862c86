"""A program that calls the REST API with a key, as tests play it."""

from typing import Any

from django.test import Client

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key


class Caller:
    """Sends JSON to /api/v1/; header names are written with underscores: `If_Match='"v1"'`."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=_names(headers))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"/api/v1/{path}", data=body, content_type="application/json", headers=_names(headers))

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(f"/api/v1/{path}", data=body, content_type="application/json", headers=_names(headers))


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def caller_of(tenant: Tenant, *access: str, **options: Any) -> Caller:
    """A program with a new key of the tenant: `*` unless the access is named."""
    with acting_for(tenant):
        _key, secret = issue_key(created_by=SYSTEM, name="test", access=access or ["*"], **options)
    return Caller(secret)
