"""A member at their browser: requests inside their workspace, as pages or as fragments."""

from typing import Any

from django.test import Client

from ltc.tenancy.models import Tenant
from ltc.users.models import Membership, Seat


class Browser:
    """A signed-in member. Paths are those inside the workspace (`/leads/`)."""

    def __init__(self, member: Membership, **options: Any) -> None:
        Seat.objects.get_or_create(user=member.user, workspace=Tenant.objects.get(pk=member.tenant_id))
        self.prefix = f"/t/{Tenant.objects.get(pk=member.tenant_id).code}"
        self.client = Client(**options)
        self.client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(self, path: str, *, htmx: bool = False, **query: Any) -> Any:
        return self.client.get(self._inside(path), query or None, headers=self._headers(htmx))

    def post(self, path: str, *, htmx: bool = False, **values: Any) -> Any:
        return self.client.post(self._inside(path), values, headers=self._headers(htmx))

    def _inside(self, path: str) -> str:
        return path if path.startswith("/t/") else self.prefix + path

    def _headers(self, htmx: bool) -> dict[str, str]:
        return {"HX-Request": "true"} if htmx else {}
