"""Who had a record at an instant of the past, as its history tells."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ltc.timeline.models import Entry

ACTIVATE = "activate"


class Held:
    """The owners of some records through time, in two queries."""

    def __init__(self, model: Any, records: Sequence[uuid.UUID]) -> None:
        found = set(records)
        self._now: dict[uuid.UUID, uuid.UUID | None] = dict(model.objects.filter(pk__in=found).values_list("pk", "owner_id"))
        self._told: dict[uuid.UUID, list[tuple[datetime, str | None]]] = {}
        lines = Entry.objects.filter(subject__in=found, subject_type=model._meta.label_lower, data__has_key="owner")
        for record, at, owner in lines.exclude(name=ACTIVATE).order_by("at", "pk").values_list("subject", "at", "data__owner"):
            self._told.setdefault(record, []).append((at, owner))

    def at(self, record: uuid.UUID | None, moment: datetime) -> uuid.UUID | None:
        """Who had it at an instant; before anything is told of it, who had it first."""
        if record is None:
            return None
        told = self._told.get(record, [])
        if not told:
            return self._now.get(record)
        owner = next((owner for at, owner in reversed(told) if at <= moment), told[0][1])
        return uuid.UUID(owner) if owner else None
