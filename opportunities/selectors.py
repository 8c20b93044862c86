from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from ltc.timeline.models import Entry
from ltc.users.actors import Actor
from opportunities import path
from opportunities.models import Opportunity

MOVES = frozenset({"advance", "skip", "move_back"})
STARTS = frozenset({"created"})
STOPS = frozenset({"suspend", "win", "lose", "cancel"})
GOES_ON = frozenset({"resume", "reopen", "unwin"})


@dataclass(frozen=True)
class Column:
    """One stage of the board: how many open deals, worth how much together, and weighted by their probability. Base currency."""

    stage: str
    count: int
    total: Decimal
    weighted: Decimal


def pipeline(actor: Actor) -> QuerySet[Opportunity]:
    """The open deals that an actor sees, in the order of a board: what closes first is on top."""
    visible: QuerySet[Opportunity] = Opportunity.objects.visible_to(actor)
    return visible.filter(state=Opportunity.State.OPEN).select_related("customer", "owner").order_by("close_date", "id")


def columns(deals: QuerySet[Opportunity]) -> dict[str, Column]:
    """Count, sum and weighted sum of each stage, in one query. Deals without a known exchange rate count with 0."""
    worth = Coalesce(F("amount_base"), Decimal(0))
    rows = (
        deals.order_by()
        .values("stage")
        .annotate(count=Count("pk"), total=Sum(worth), weighted=Sum(worth * F("probability")))
        .values_list("stage", "count", "total", "weighted")
    )
    found = {stage: Column(stage, count, total, weighted) for stage, count, total, weighted in rows}
    return {stage: found.get(stage, Column(stage, 0, Decimal(0), Decimal(0))) for stage in path.PATH}


def steps(entries: list[Entry]) -> Iterator[path.Step]:
    """A deal's history as steps along its path. `entries` of one deal, in order of time."""
    stage = path.DISCOVERY
    for entry in entries:
        if entry.name in MOVES | STARTS:
            stage = entry.to_state
            yield path.Step(entry.at, stage, active=True)
        elif entry.name in STOPS:
            yield path.Step(entry.at, stage, active=False)
        elif entry.name in GOES_ON:
            stage = path.SIGNING if entry.name == "unwin" else entry.data.get("stage") or stage
            yield path.Step(entry.at, stage, active=True)


def time_in_stages(opportunity: Opportunity, *, now: datetime) -> dict[str, timedelta]:
    """How long a deal stayed in each stage that it entered; suspended and closed time does not count."""
    entries = Entry.objects.filter(subject=opportunity.pk, name__in=MOVES | STARTS | STOPS | GOES_ON).order_by("at", "id")
    return path.time_in_stages(steps(list(entries)), until=now)


def chain(opportunity: Opportunity) -> list[tuple[str, Any]]:
    """What lies upstream of a deal, first touch first."""
    return [(kind, record) for kind, record in (("lead", opportunity.lead), ("customer", opportunity.customer)) if record is not None]
