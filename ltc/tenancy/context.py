"""The active tenant: a context variable (what the ORM scopes by) and a transaction-local setting (what row security enforces)."""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any, Final

from django.db import connections, transaction


class NoActiveTenant(RuntimeError):
    """A tenant table was touched outside `acting_for(tenant)`."""


class TenantMismatch(RuntimeError):
    """Code bound to one tenant asked for another."""


class _AllTenants:
    """The type of `ALL`, so that the context variable can say int, ALL or None."""

    def __repr__(self) -> str:
        return "ALL"


ALL: Final = _AllTenants()
_current: contextvars.ContextVar[int | _AllTenants | None] = contextvars.ContextVar("tenant", default=None)


def active_tenant() -> int | _AllTenants | None:
    return _current.get()


def current_tenant_id() -> int:
    """The id of the tenant that this code acts for; raises NoActiveTenant if there is none."""
    tenant = active_tenant()
    if not isinstance(tenant, int):
        raise NoActiveTenant("No tenant is active. Wrap this code in `with acting_for(tenant):`.")
    return tenant


def _bind(using: str, tenant: int | str) -> None:
    with connections[using].cursor() as cursor:  # SET LOCAL, not set_config(): Citus passes only the statement on to its workers
        cursor.execute("SET LOCAL app.tenant_id = %s", [str(tenant)])


def name_actor(actor: Any, request_id: str = "", using: str = "default") -> None:
    """Tell the change log's trigger who writes, until the end of this transaction."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL app.actor = %s; SET LOCAL app.request_id = %s", [f"{actor.kind}:{actor.pk or ''}", request_id])


@contextlib.contextmanager
def acting_for(tenant: Any, *, using: str = "default") -> Iterator[None]:
    """A transaction (or savepoint) bound to one tenant, by instance or id. Inside one, another tenant is refused."""
    tenant_id, outer = int(getattr(tenant, "pk", tenant)), active_tenant()
    if isinstance(outer, int) and outer != tenant_id:
        raise TenantMismatch(f"Tenant {tenant_id} was asked for inside tenant {outer}. Leave the first block before entering the second.")
    connection = connections[using]
    nested, token = connection.in_atomic_block, _current.set(tenant_id)
    try:
        with transaction.atomic(using=using):
            _bind(using, tenant_id)
            yield
            if nested and outer != tenant_id and not connection.needs_rollback:
                _bind(using, outer if isinstance(outer, int) else "")  # a released savepoint keeps the inner value
    finally:
        _current.reset(token)


@contextlib.contextmanager
def all_tenants() -> Iterator[None]:
    """Platform code: no scope in the ORM. Row security still holds for whatever role the connection has."""
    token = _current.set(ALL)
    try:
        yield
    finally:
        _current.reset(token)
