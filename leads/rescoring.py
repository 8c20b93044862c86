"""Scoring leads in the database: many at a time with a fixed number of queries, writing only those whose score has changed."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from leads.events import LeadBecameMarketingQualified, LeadScoreChanged
from leads.judging import Judgement, Scorer, known_customers
from leads.models import Lead, LeadEvent, LeadScoreSnapshot
from leads.models.choices import LeadState
from leads.scoring import Behaviour
from ltc.events.bus import publish
from ltc.tenancy.context import current_tenant_id
from ltc.users.actors import SYSTEM

CHUNK = 1000
NOTABLE_CHANGE = 5
FACTS = (
    *("industry_match", "industry", "size_employees", "region", "seniority", "budget", "timeline", "email", "phone", "channel_id"),
    *("name_key", "attributes", "consent_marketing", "captured_at", "is_test"),
)
SCORED = ("score", "grade", "fit_score", "engagement_score", "matrix_cell", "rule_score", "win_probability", "score_mode")
# What a snapshot is kept of: engagement alone decays every night and can be computed for any instant.
SNAPSHOT = ("score", "grade", "matrix_cell", "rule_score", "score_mode")
WRITE = """
UPDATE leads_lead AS lead SET score = new.score, grade = new.grade, fit_score = new.fit, engagement_score = new.engagement,
       matrix_cell = new.cell, rule_score = new.rule_score, win_probability = new.p, score_mode = new.mode,
       score_lines = new.lines::jsonb, scored_at = %s, mql_at = coalesce(lead.mql_at, new.mql_at)
  FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::int[], %s::numeric[], %s::text[], %s::text[],
              %s::timestamptz[]) AS new(id, score, grade, fit, engagement, cell, rule_score, p, mode, lines, mql_at)
 WHERE lead.tenant_id = %s AND lead.id = new.id
"""


def score_leads(leads: Sequence[Lead], *, as_of: datetime, scorer: Scorer | None = None) -> int:
    """Score these leads at an instant; how many have got another score. Some seven queries, however many leads."""
    scorer = scorer or Scorer.of_tenant()
    events = events_of(leads, as_of)
    customers = known_customers(leads) if scorer.model else {}
    changed: list[tuple[Lead, Judgement]] = []
    for lead in leads:
        first_order = customers.get(lead.name_key)
        found = scorer.judge(lead, events.get(lead.pk, ()), as_of=as_of, is_customer=first_order is not None and first_order < as_of)
        newly_qualified = found.is_marketing_qualified and lead.mql_at is None
        if lead.scored_at is None or newly_qualified or outcome(lead) != outcome_of(found):
            changed.append((lead, found))
    if changed:
        _write(changed, as_of, scorer)
    return len(changed)


def events_of(leads: Sequence[Lead], as_of: datetime) -> dict[uuid.UUID, list[Behaviour]]:
    """The events of each lead and of those merged into it, up to an instant."""
    ids = [lead.pk for lead in leads]
    rows = LeadEvent.objects.filter(Q(lead__in=ids) | Q(lead__merged_into__in=ids), occurred_at__lte=as_of)
    found: dict[uuid.UUID, list[Behaviour]] = defaultdict(list)
    for row in rows.values_list("id", "lead", "lead__merged_into", "type", "occurred_at", "quantity"):
        pk, lead, survivor, type_, occurred_at, quantity = row
        found[survivor or lead].append(Behaviour(type_, occurred_at, quantity, pk))
    return found


def judge_at(lead: Lead, as_of: datetime) -> tuple[Judgement, Scorer]:
    """What a lead would score at an instant, by what is known of it now and its events up to then. Writes nothing."""
    scorer = Scorer.of_tenant()
    first_order = known_customers([lead]).get(lead.name_key)
    is_customer = first_order is not None and first_order < as_of
    return scorer.judge(lead, events_of([lead], as_of).get(lead.pk, []), as_of=as_of, is_customer=is_customer), scorer


def outcome(lead: Lead) -> tuple[Any, ...]:
    return tuple(getattr(lead, name) for name in SCORED)


def outcome_of(found: Judgement) -> tuple[Any, ...]:
    """The values of SCORED."""
    rules = found.rules
    return (*(found.score, found.grade, rules.fit, rules.engagement, rules.matrix_cell, rules.score, found.probability, str(found.mode)),)


def _write(changed: Sequence[tuple[Lead, Judgement]], as_of: datetime, scorer: Scorer) -> None:
    before = {lead.pk: kept_of(lead) for lead, _found in changed}
    was = {lead.pk: (lead.score, lead.grade, lead.mql_at, lead.scored_at) for lead, _found in changed}
    for lead, found in changed:
        for name, value in zip(SCORED, outcome_of(found), strict=True):
            setattr(lead, name, value)
        lead.score_lines, lead.scored_at = [line.as_json() for line in found.lines], as_of
        if found.is_marketing_qualified and lead.mql_at is None:
            lead.mql_at = as_of
    leads = [lead for lead, _found in changed]
    columns = [[getattr(lead, name) for lead in leads] for name in SCORED]
    score, grade, fit, engagement, cell, rule_score, p, mode = columns
    lines = [json.dumps(lead.score_lines, ensure_ascii=False) for lead in leads]
    values = [
        [str(lead.pk) for lead in leads],
        score,
        grade,
        fit,
        engagement,
        cell,
        rule_score,
        p,
        mode,
        lines,
        [lead.mql_at for lead in leads],
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [as_of, *values, current_tenant_id()])
    snapshots = [_snapshot(lead, as_of, scorer) for lead in leads if kept_of(lead) != before[lead.pk]]
    LeadScoreSnapshot.objects.bulk_create(snapshots, batch_size=CHUNK)
    for lead in leads:
        _tell(lead, was[lead.pk], as_of)


def kept_of(lead: Lead) -> tuple[Any, ...]:
    """What a snapshot would keep of a lead; nothing before it was scored for the first time."""
    return () if lead.scored_at is None else tuple(getattr(lead, name) for name in SNAPSHOT)


def _snapshot(lead: Lead, as_of: datetime, scorer: Scorer) -> LeadScoreSnapshot:
    return LeadScoreSnapshot(
        tenant_id=current_tenant_id(),
        lead=lead,
        at=as_of,
        **{name: getattr(lead, name) for name in ("score", "grade", "rule_score", "fit_score", "engagement_score", "win_probability")},
        matrix_cell=lead.matrix_cell,
        mode=lead.score_mode,
        scorecard=scorer.scorecard,
        model=scorer.model_number,
    )


def _tell(lead: Lead, was: tuple[Any, ...], as_of: datetime) -> None:
    score, grade, mql_at, scored_at = was
    if scored_at is not None and (abs(lead.score - score) >= NOTABLE_CHANGE or lead.grade != grade):
        publish(LeadScoreChanged(record=lead.pk, at=as_of, actor=SYSTEM, before=score, after=lead.score, grade=lead.grade))
    if mql_at is None and lead.mql_at is not None:
        publish(LeadBecameMarketingQualified(record=lead.pk, at=as_of, actor=SYSTEM))


def open_leads() -> Any:
    """The leads whose score still matters, by id, with what scoring needs; closed ones keep their last score."""
    needed = ("id", *(name.removesuffix("_id") for name in FACTS), *SCORED, "scored_at", "mql_at")
    return Lead.objects.filter(state__in=LeadState.open()).order_by("id").only(*needed)


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
