from datetime import datetime
from typing import Any

from django.db import models

from ltc.events.past import is_past
from ltc.tenancy.context import current_tenant_id
from ltc.timeline.models import Entry


def record(
    subject: models.Model,
    *,
    kind: Entry.Kind,
    actor: Any,
    at: datetime,
    name: str = "",
    from_state: str = "",
    to_state: str = "",
    body: str = "",
    data: dict[str, Any] | None = None,
) -> Entry:
    """Write one line into a record's history. `at` is when it happened, in business terms; the row also knows when it was written."""
    entry = entry_of(subject, kind=kind, actor=actor, at=at, name=name, from_state=from_state, to_state=to_state, body=body, data=data)
    entry.save(force_insert=True)
    return entry


def entry_of(
    subject: models.Model,
    *,
    kind: Entry.Kind,
    actor: Any,
    at: datetime,
    name: str = "",
    from_state: str = "",
    to_state: str = "",
    body: str = "",
    data: dict[str, Any] | None = None,
) -> Entry:
    """A line of a record's history that is not written yet, for who writes many at once."""
    return Entry(
        tenant_id=current_tenant_id(),
        subject_type=subject._meta.label_lower,
        subject=subject.pk,
        kind=kind,
        name=name,
        from_state=from_state,
        to_state=to_state,
        actor_kind=actor.kind,
        actor=actor.pk,
        actor_name=actor.label[:120],
        at=at,
        body=body,
        data={"source": "import", **(data or {})} if is_past() else data or {},
    )


def history(subject: models.Model) -> models.QuerySet[Entry]:
    """A record's history, newest first."""
    return Entry.objects.filter(subject=subject.pk).order_by("-at", "-id")
