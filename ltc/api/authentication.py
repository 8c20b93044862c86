from typing import Any

from rest_framework import permissions
from rest_framework.authentication import SessionAuthentication


class CallerAuthentication(SessionAuthentication):
    """The middlewares know the caller; here a session's CSRF token is checked."""

    def authenticate(self, request: Any) -> Any:
        actor = request._request.actor
        if actor is None:
            return None
        if actor.kind == "user":
            self.enforce_csrf(request)
            return request._request.user, actor
        return actor, actor

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


class IsCaller(permissions.BasePermission):
    """Somebody calls. What they may do is asked for each area and record."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return request._request.actor is not None
