"""Many leads at once, as programs send them: each by itself, so that one that is refused does not stop the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from leads.models import Lead
from leads.services import capture_lead, upsert_lead
from ltc.users.actors import Actor

MOST = 200


@dataclass(frozen=True)
class ItemResult:
    """What became of one item: the lead and whether it is new, or why there is none."""

    lead: Lead | None
    created: bool = False
    error: Exception | None = None


def take_in(
    items: Sequence[Any], *, actor: Actor, read: Callable[[Any], dict[str, Any]], refusals: tuple[type[Exception], ...]
) -> list[ItemResult]:
    """Capture each item, or bring up to date the lead that its source system and reference name. `read` checks an item's form;
    what is in `refusals` is told of the item and stops nothing else."""
    results = []
    for item in items:
        try:
            with transaction.atomic():
                results.append(_taken_in(read(item), actor))
        except refusals as error:
            results.append(ItemResult(None, error=error))
    return results


def _taken_in(values: dict[str, Any], actor: Actor) -> ItemResult:
    if values.get("source_system") and values.get("external_ref"):
        lead, created = upsert_lead(actor=actor, **values)
        return ItemResult(lead, created)
    return ItemResult(capture_lead(actor=actor, **values), True)
