from datetime import time
from typing import Any
from uuid import UUID

from django.utils import timezone

from leads.imports.running import run_import
from leads.learning import tasks as learning
from leads.rescoring import rescore_span, spans
from leads.waiting import score_waiting
from ltc.events.outbox import enqueue, work
from ltc.events.schedule import daily

__all__ = ["learning"]

daily("leads.rescore_all", at=time(2))


@work("leads.score")
def score(payload: dict[str, Any]) -> None:
    """Score a lead after a change or an event, and in the same pass up to a thousand others that wait for the same."""
    score_waiting(UUID(payload["lead"]))


@work("leads.rescore_all")
def rescore_all(payload: dict[str, Any]) -> None:
    """Let engagement decay: cut the open leads into spans, each a job of its own, so that nobody's edit waits long for a lock."""
    for after, upto in spans():
        enqueue("leads.rescore_span", key=f"{payload['slot']}:{upto}", payload={"after": str(after) if after else None, "upto": str(upto)})


@work("leads.rescore_span")
def rescore(payload: dict[str, Any]) -> None:
    """Score one span of the open leads."""
    rescore_span(UUID(payload["after"]) if payload["after"] else None, UUID(payload["upto"]), as_of=timezone.now())


@work("leads.import")
def carry_on_import(payload: dict[str, Any]) -> None:
    """Bring in the next rows of an import."""
    run_import(UUID(payload["batch"]))
