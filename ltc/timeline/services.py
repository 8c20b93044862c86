from datetime import datetime
from typing import Any

from django.db import models

from ltc.events.past import is_past
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
    return Entry.objects.create(
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
