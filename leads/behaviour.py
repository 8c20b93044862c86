"""What leads do, taken in many at a time: a fixed number of queries however many events, each event once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import Lead, LeadEvent
from leads.models.choices import LeadState
from leads.waiting import rescore_soon
from ltc.refusals import Forbidden
from ltc.tenancy.context import current_tenant_id
from ltc.users.actors import Actor

MOST = 1000


@dataclass(frozen=True)
class Happened:
    """An event as somebody tells it: of a lead by its id, or by the reference that another system has for it."""

    type: str
    source: str
    dedupe_key: str
    lead: uuid.UUID | None = None
    source_system: str = ""
    external_ref: str = ""
    occurred_at: datetime | None = None
    quantity: int = 1


@transaction.atomic
def record_events(items: Sequence[Happened], *, actor: Actor) -> list[str]:
    """Note what leads did; for each item `new`, `known` (this event of this source was noted before) or `no_lead`. Raises Forbidden."""
    if not actor.has_perm("leads.add"):
        raise Forbidden(_("You may not add to leads. Ask your administrator."))
    leads, now = _leads_of(items, actor), timezone.now()
    seen = Q(pk__in=[])
    for source in {item.source for item in items}:
        seen |= Q(source=source, dedupe_key__in=[item.dedupe_key for item in items if item.source == source])
    known = set(LeadEvent.objects.filter(seen).values_list("source", "dedupe_key"))
    outcomes, rows, touched = [], [], {}
    for item in items:
        lead = leads.get(item.lead or (item.source_system, item.external_ref))
        if lead is None:
            outcomes.append("no_lead")
            continue
        if (item.source, item.dedupe_key) in known:
            outcomes.append("known")
            continue
        known.add((item.source, item.dedupe_key))
        outcomes.append("new")
        touched[lead.pk] = lead
        rows.append(
            LeadEvent(
                tenant_id=current_tenant_id(),
                lead=lead,
                type=item.type,
                occurred_at=item.occurred_at or now,
                quantity=item.quantity,
                source=item.source,
                dedupe_key=item.dedupe_key,
            )
        )
    LeadEvent.objects.bulk_create(rows, ignore_conflicts=True)
    for lead in touched.values():
        rescore_soon(lead)
    return outcomes


def _leads_of(items: Sequence[Happened], actor: Actor) -> Mapping[Any, Lead]:
    """The leads that the items name and that the actor sees, by id and by reference; of a merged one the survivor."""
    named = Q(pk__in=[item.lead for item in items if item.lead])
    for system in {item.source_system for item in items if not item.lead and item.external_ref}:
        refs = [item.external_ref for item in items if item.source_system == system and item.external_ref]
        named |= Q(source_system=system, external_ref__in=refs)
    found: dict[Any, Lead] = {}
    for lead in Lead.objects.visible_to(actor).filter(named).select_related("merged_into"):
        stays = lead.merged_into if lead.state == LeadState.MERGED and lead.merged_into else lead
        found[lead.pk] = stays
        if lead.external_ref:
            found[lead.source_system, lead.external_ref] = stays
    return found
