"""Scoring leads in the database: many at a time with a fixed number of queries, writing only those whose score has changed."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from leads.models import Lead, LeadEvent, ScoringConfig
from leads.models.choices import LeadState
from leads.scoring import (
    LOOK_BACK,
    Behaviour,
    LeadFacts,
    Score,
    ScoringRules,
    is_marketing_qualified,
    marks_of,
    region_class,
    rule_score,
    rules_from,
    size_band,
)
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant

CHUNK = 1000
FACTS = ("industry_match", "size_employees", "region", "seniority", "budget", "timeline", "email", "phone", "wecom")
SCORED = ("score", "grade", "fit_score", "engagement_score", "matrix_cell")
WRITTEN = (*SCORED, "score_lines", "score_mode", "scored_at", "mql_at")


def active_rules() -> ScoringRules:
    """How the active tenant scores."""
    config = ScoringConfig.objects.filter(active=True).first()
    return rules_from(config.rules) if config else ScoringRules()


def facts_of(lead: Lead, rules: ScoringRules) -> LeadFacts:
    """What the scorecard looks at, of a lead."""
    return LeadFacts(
        industry_match=lead.industry_match,
        size_employees=size_band(lead.size_employees),
        region=region_class(lead.region, rules),
        seniority=lead.seniority,
        budget=lead.budget,
        timeline=lead.timeline,
        marks=marks_of(email=lead.email, phone=lead.phone or lead.wecom, rules=rules),
        is_blocked=lead.email.rpartition("@")[2] in rules.blocked_domains if lead.email else False,
    )


def score_leads(leads: Sequence[Lead], *, as_of: datetime) -> int:
    """Score these leads at an instant; how many have got another score. Two to four queries, however many leads."""
    rules, zone = active_rules(), ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))
    events = _events_of(leads, as_of)
    changed = []
    for lead in leads:
        done = events.get(lead.pk, [])
        score = rule_score(facts_of(lead, rules), done, as_of=as_of, zone=zone, rules=rules)
        if lead.mql_at is None and is_marketing_qualified(score, done, as_of=as_of):
            lead.mql_at = as_of
        elif lead.scored_at is not None and _outcome(lead) == _outcome_of(score):
            continue
        _write(lead, score, as_of)
        changed.append(lead)
    if changed:
        Lead.objects.bulk_update(changed, WRITTEN, batch_size=CHUNK)
    return len(changed)


def _events_of(leads: Sequence[Lead], as_of: datetime) -> dict[uuid.UUID, list[Behaviour]]:
    """The events of each lead and of those merged into it."""
    ids = [lead.pk for lead in leads]
    rows = LeadEvent.objects.filter(Q(lead__in=ids) | Q(lead__merged_into__in=ids), occurred_at__gt=as_of - LOOK_BACK)
    found: dict[uuid.UUID, list[Behaviour]] = defaultdict(list)
    for row in rows.values_list("id", "lead", "lead__merged_into", "type", "occurred_at", "quantity"):
        pk, lead, survivor, type_, occurred_at, quantity = row
        found[survivor or lead].append(Behaviour(type_, occurred_at, quantity, pk))
    return found


def _outcome(lead: Lead) -> tuple[Any, ...]:
    return tuple(getattr(lead, name) for name in SCORED)


def _outcome_of(score: Score) -> tuple[Any, ...]:
    return score.score, score.grade, score.fit, score.engagement, score.matrix_cell


def _write(lead: Lead, score: Score, as_of: datetime) -> None:
    lead.score, lead.grade, lead.fit_score, lead.engagement_score, lead.matrix_cell = _outcome_of(score)
    lead.score_lines, lead.scored_at = [line.as_json() for line in score.lines], as_of


def open_leads() -> Any:
    """The leads whose score still matters, by id, with what scoring needs; closed ones keep their last score."""
    return Lead.objects.filter(state__in=LeadState.open()).order_by("id").only("id", *FACTS, *SCORED, "scored_at", "mql_at")


def spans(size: int = CHUNK) -> Iterator[tuple[uuid.UUID | None, uuid.UUID]]:
    """The open leads cut into spans of so many: (after this id, up to this one)."""
    after: uuid.UUID | None = None
    while True:
        following = Lead.objects.filter(state__in=LeadState.open(), **({"id__gt": after} if after else {})).order_by("id")
        ids = list(following.values_list("id", flat=True)[:size])
        if not ids:
            return
        yield after, ids[-1]
        after = ids[-1]


def rescore_span(after: uuid.UUID | None, upto: uuid.UUID, *, as_of: datetime) -> int:
    """Score the open leads of one span; how many have got another score."""
    leads = open_leads().filter(id__lte=upto, **({"id__gt": after} if after else {}))
    return score_leads(list(leads), as_of=as_of)
