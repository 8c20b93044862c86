from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key


class Caller:
    """A program with an API key."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        return getattr(self.client, method)(f"/api/v1/{path}", data=body, content_type="application/json", headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=_names(headers))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("post", path, body, _names(headers))

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("patch", path, body, _names(headers))


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def caller_of() -> Callable[..., Caller]:
    def make_caller(tenant: Tenant, *access: str, **options: Any) -> Caller:
        with acting_for(tenant):
            _key, secret = issue_key(created_by=SYSTEM, name="test", access=access or ["*"], **options)
        return Caller(secret)

    return make_caller


@pytest.fixture
def caller(tenant: Tenant, caller_of: Callable[..., Caller]) -> Caller:
    """A program of the tenant with full trust."""
    return caller_of(tenant)
