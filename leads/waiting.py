"""Leads that wait to be scored: changes come in bursts, so a lead waits a minute, and all that are due are scored in one pass."""

import uuid
from datetime import timedelta

from django.utils import timezone

from leads.models import Lead
from leads.models.choices import LeadState
from leads.rescoring import CHUNK, score_leads
from ltc.events.models import Work
from ltc.events.outbox import enqueue

KIND = "leads.score"
SETTLED = timedelta(seconds=60)
SLOT = 60


def rescore_soon(lead: Lead, *, delay: timedelta = SETTLED) -> None:
    """Have a lead scored once things have settled: what comes within the same minute is scored together, half a minute after it at least.

    Each minute has its own row, so that an event which comes while the lead is being scored is not lost.
    """
    now = timezone.now()
    if not delay:
        enqueue(KIND, key=f"{lead.pk}:{now.timestamp():.6f}", payload={"lead": str(lead.pk)}, available_at=now)
        return
    slot = int(now.timestamp()) // SLOT
    due = now + max(delay, timedelta(seconds=(slot + 1) * SLOT + SLOT / 2 - now.timestamp()))
    enqueue(KIND, key=f"{lead.pk}:{slot}", payload={"lead": str(lead.pk)}, available_at=due)


def score_waiting(first: uuid.UUID) -> int:
    """Score a lead and all others that are due, up to a thousand, in one pass; how many have got another score."""
    now = timezone.now()
    due = Work.objects.filter(kind=KIND, state=Work.State.PENDING, available_at__lte=now).order_by("available_at", "id")
    rows = list(due.select_for_update(skip_locked=True)[:CHUNK])
    ids = {first, *(uuid.UUID(row.payload["lead"]) for row in rows)}
    leads = Lead.objects.filter(pk__in=ids, state__in=LeadState.open()).order_by("id")
    changed = score_leads(list(leads), as_of=now)
    Work.objects.filter(pk__in=[row.pk for row in rows]).update(state=Work.State.DONE, started_at=now, done_at=now)
    return changed
