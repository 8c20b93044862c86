"""The product's Celery application with two more kinds of work, whose effect can be counted: a line in the history.

Nothing in the database keeps that line unique, so a job that is done twice shows.
"""

import datetime
import time
import uuid
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from ltc.celery import app  # noqa: E402
from ltc.events.outbox import work  # noqa: E402
from ltc.events.schedule import daily  # noqa: E402
from ltc.timeline.models import Entry  # noqa: E402

__all__ = ["app"]


@work("faults.errand")
def run_errand(payload: dict[str, Any]) -> None:
    """Takes a moment before and after its effect, so that a kill finds it in the middle."""
    time.sleep(payload.get("takes", 0.005))
    Entry.objects.create(
        at=timezone.now(), subject_type="faults.errand", subject=uuid.UUID(int=payload["number"]), kind="system", actor_kind="system"
    )
    time.sleep(payload.get("takes", 0.005))


daily("faults.midnight", at=datetime.time(0))


@work("faults.midnight")
def note_midnight(payload: dict[str, Any]) -> None:
    """One line for each tenant and day."""
    Entry.objects.create(
        at=timezone.now(),
        subject_type="faults.midnight",
        subject=uuid.UUID(int=0),
        name=payload["slot"],
        kind="system",
        actor_kind="system",
    )
