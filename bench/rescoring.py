"""Scoring all open leads of the large tenant, beside the bare SQL that reads the same rows."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from bench.loading import bulk, rows
from bench.world import bare
from leads.models import Lead, LeadEvent
from leads.models.choices import LeadState
from leads.rescoring import FACTS, SCORED, rescore_span, spans
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant

KINDS = "ARRAY['page_view', 'email_click', 'form_submit', 'quote_request', 'call_connected']"
READ_LEADS = f"SELECT id, {', '.join((*FACTS, *SCORED))}, scored_at, mql_at FROM leads_lead WHERE tenant_id = %s AND state = ANY(%s)"
READ_EVENTS = """
SELECT event.id, event.lead_id, lead.merged_into_id, event.type, event.occurred_at, event.quantity
  FROM leads_leadevent event JOIN leads_lead lead ON lead.tenant_id = event.tenant_id AND lead.id = event.lead_id
 WHERE event.tenant_id = %s AND event.occurred_at <= %s
"""


def rescoring(tenant: Tenant, say: Any) -> str:
    """How long it takes to score every open lead for the first time, and once more a day later, in words."""
    with acting_for(tenant):
        leads = Lead.objects.filter(state__in=LeadState.open()).count()
        has_events = LeadEvent.objects.exists()
    if not has_events:
        with bulk(LeadEvent):
            rows(
                LeadEvent,
                f"leads_lead l CROSS JOIN generate_series(1, 2) i WHERE l.tenant_id = {tenant.pk}",
                tenant_id="l.tenant_id",
                lead_id="l.id",
                type=f"({KINDS})[1 + (hashtext(l.id::text) & 1023 + i) %% 5]",
                occurred_at="now() - (1 + (hashtext(l.id::text || i) & 63)) * interval '1 day'",
                source="'bench'",
                dedupe_key="l.id || ':' || i",
                recorded_at="now()",
            )
    say(f"Scoring {leads:,} leads")
    now = timezone.now()
    read = _seconds(lambda: (bare(READ_LEADS, [tenant.pk, list(LeadState.open())]), bare(READ_EVENTS, [tenant.pk, now])))
    first = _seconds(lambda: _score(tenant, now))
    again = _seconds(lambda: _score(tenant, now))
    later = _seconds(lambda: _score(tenant, now + timedelta(days=1)))
    told = [("everything anew", first), ("nothing has changed", again), ("a day later, engagement has decayed", later)]
    lines = [f"Scoring {leads:,} leads, a thousand in a pass; the bare SQL that reads the same rows takes {read:.1f} s:"]
    lines += [f"  {what:38}{seconds:7.1f} s {leads / seconds:8,.0f} leads/s {seconds / read:6.1f}x" for what, seconds in told]
    return "\n".join(lines)


def _score(tenant: Tenant, as_of: Any) -> None:
    with acting_for(tenant):
        edges = list(spans())
    for after, upto in edges:
        with acting_for(tenant):
            rescore_span(after, upto, as_of=as_of)
    connections["default"].close()


def _seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
