"""What the cases need to know of the loaded rows: who calls, which record, where the deep page starts."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connections

from leads.models import Channel, Lead
from ltc.api.pages import Order, sealed
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key
from ltc.users.models import Membership
from ltc.users.roles import Role


@dataclass(frozen=True)
class Side:
    """One of the two tenants that are measured."""

    tenant: Tenant
    secret: str
    cookie: str
    manager: Membership
    rep: Membership
    record: str
    channel: str
    deep_cursor: str
    deep_bare: tuple[Any, str]
    bare_cursor: str

    @property
    def bearer(self) -> str:
        return f"Bearer {self.secret}"


def side(code: str) -> Side:
    """A tenant of the benchmark with a new key and a signed-in manager."""
    tenant = Tenant.objects.get(code=code)
    with acting_for(tenant):
        _key, secret = issue_key(created_by=SYSTEM, name="bench", access=["*"])
        manager = Membership.objects.select_related("user").filter(role=Role.MANAGER).get()
        rep = Membership.objects.filter(role=Role.REP).first()
        order = Order.of(Lead, "-captured_at")
        count = Lead.objects.count()
        deep = order.sorted(Lead.objects.all())[count * 3 // 4]
        channel = Channel.objects.first()
    assert rep is not None and channel is not None
    return Side(
        tenant=tenant,
        secret=secret,
        cookie=f"{settings.SESSION_COOKIE_NAME}={session_of(manager.user)}",
        manager=manager,
        rep=rep,
        record=str(deep.pk),
        channel=str(channel.pk),
        deep_cursor=sealed(order, deep),
        deep_bare=(deep.captured_at, str(deep.pk)),
        bare_cursor=deep.captured_at.isoformat(),
    )


def session_of(user: Any) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def new_lead(channel: str) -> dict[str, Any]:
    """The body of a lead that nobody has yet."""
    serial = uuid.uuid4().hex
    return {
        "company_name": f"Newcomer {serial}",
        "contact_name": f"Person {serial[:6]}",
        "email": f"new{serial}@example.com",
        "channel": channel,
    }


def bare(statement: str, parameters: list[Any]) -> Any:
    """One statement on the plain connection, its rows fetched."""
    with connections["bare"].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None
