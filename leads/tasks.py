from datetime import time
from typing import Any
from uuid import UUID

from django.utils import timezone

from leads.imports.running import run_import
from leads.models import Lead
from leads.rescoring import rescore_span, score_leads, spans
from ltc.events.outbox import enqueue, work
from ltc.events.schedule import daily

daily("leads.rescore_all", at=time(2))


@work("leads.score")
def score(payload: dict[str, Any]) -> None:
    """Score one lead after a change or an event."""
    lead = Lead.objects.filter(pk=payload["lead"]).first()
    if lead is not None and lead.is_open:
        score_leads([lead], as_of=timezone.now())


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
