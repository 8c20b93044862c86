"""Histories for tests: lines as a file, and a tenant to bring them into."""

import io
import json
from typing import Any

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.services import create_tenant
from receivables.history.running import Report, import_history


def tenant(code: str = "gold", *, zone: str = "Asia/Shanghai", currency: str = "CNY", **options: Any) -> Tenant:
    """A fresh tenant, as `create_tenant` founds it."""
    return create_tenant(code=code, name=code.title(), time_zone=zone, currency=currency, **options)


def file_of(lines: list[dict[str, Any]]) -> io.BytesIO:
    return io.BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode())


def bring(tenant: Tenant, lines: list[dict[str, Any]] | bytes, **options: Any) -> Report:
    """Import lines into a tenant."""
    file = io.BytesIO(lines) if isinstance(lines, bytes) else file_of(lines)
    with acting_for(tenant):
        return import_history(file, **options)


def faults(report: Report) -> list[tuple[int, str]]:
    """The faults of a report as (line, field)."""
    return [(fault.line, fault.field) for fault in report.faults]


def at(day: str, time: str = "09:00:00", offset: str = "+08:00") -> str:
    """An instant of 2026: `04-02` is the second of April, nine o'clock in Shanghai."""
    return f"{day if len(day) > 5 else '2026-' + day}T{time}{offset}"
