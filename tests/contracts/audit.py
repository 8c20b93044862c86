"""The catalogue of the real database, audited: no tenant table without row security, no key, index or reference without the tenant.

Each query gives one kind of violation as (check, object); the database is right when none gives a row.
"""

from pathlib import Path
from typing import Any, Final

from django.db import connection

GLOBAL_TABLES: Final = frozenset(
    {
        "account_emailaddress", "account_emailconfirmation", "auth_group", "auth_group_permissions", "auth_permission",
        "django_content_type", "django_migrations", "django_session", "events_clockwork", "mfa_authenticator",
        "tenancy_tenant", "users_seat", "users_user",
    }
)  # fmt: skip
"""The tables that belong to no tenant, by hand: whoever adds one says so here."""

AUDIT: Final = (Path(__file__).parent / "audit.sql").read_text()


def violations() -> list[tuple[str, str]]:
    """What the catalogue shows that must not be."""
    names: dict[str, Any] = {"app": "ltc_app", "owner": "ltc_owner", "globals": sorted(GLOBAL_TABLES)}
    with connection.cursor() as cursor:
        cursor.execute(AUDIT, names)
        return [(str(check), str(found)) for check, found in cursor.fetchall()]
