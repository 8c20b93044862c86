"""A refusal: what the user asked for breaks a rule. It says what is wrong and what to do, and has a stable code for programs."""

from typing import Any


class Refusal(Exception):
    """The request was understood and breaks a business rule; nothing was changed."""

    code = "refused"

    def __init__(self, message: Any, *, code: str | None = None, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(Refusal):
    """The actor sees the record and may not do this to it."""

    code = "permission_denied"


class StaleVersion(Refusal):
    """The record has changed since the caller read it."""

    code = "stale_version"
