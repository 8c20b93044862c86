from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads import rescoring
from leads.models import Lead, ScoringConfig
from leads.rescoring import rescore_span, score_leads, spans
from leads.services import record_event
from ltc.events.models import Work
from ltc.events.outbox import enqueue, run_pending
from ltc.timeline.models import Change
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from tests.leads import make as leads

pytestmark = pytest.mark.usefixtures("inside")


def queries_for(count: int) -> int:
    made = [leads.lead(industry_match="target") for _ in range(count)]
    for lead in made:
        record_event(lead, actor=SYSTEM, type="form_submit", source="web", dedupe_key=str(lead.pk))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert score_leads(made, as_of=timezone.now()) == count
    return len(queries)


def test_many_leads_are_scored_with_as_many_queries_as_few() -> None:
    assert queries_for(2) == queries_for(30)


def test_only_leads_whose_score_changes_are_written() -> None:
    quiet, lively = leads.lead(), leads.lead()
    record_event(lively, actor=SYSTEM, type="quote_request", source="web", dedupe_key="1")
    run_pending()
    Change.objects.filter(row=str(quiet.pk)).count()
    now = timezone.now() + timedelta(days=30)
    before = Change.objects.count()
    assert score_leads(list(Lead.objects.all()), as_of=now) == 1
    assert Change.objects.count() == before + 1
    lively.refresh_from_db()
    assert Decimal("19.99") <= lively.engagement_score <= Decimal("20.01")


def test_every_night_the_open_leads_are_scored_and_closed_ones_keep_their_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescoring.spans, "__defaults__", (2,))
    opened = [leads.lead(score_now=False, industry_match="target") for _ in range(5)]
    closed = leads.lead(score_now=False, industry_match="target")
    perform(closed, "disqualify", actor=SYSTEM, reason=leads.close_reason())
    assert [upto for _after, upto in spans()] == [opened[1].pk, opened[3].pk, opened[4].pk]
    enqueue("leads.rescore_all", key="2026-11-21", payload={"slot": "2026-11-21"})
    run_pending()
    assert set(Lead.objects.exclude(pk=closed.pk).values_list("score", flat=True)) == {15}
    assert Lead.objects.get(pk=closed.pk).scored_at is None
    assert set(Work.objects.values_list("state", flat=True)) == {"done"}


def test_a_tenants_own_scorecard_is_used() -> None:
    ScoringConfig.objects.create(name="Ours", rules={"core_regions": ["Foshan"], "industry_match": {"target": 20}})
    lead = leads.lead(industry_match="target", region="foshan")
    [(after, upto)] = list(spans())
    assert rescore_span(after, upto, as_of=timezone.now()) == 1
    lead.refresh_from_db()
    assert lead.fit_score == Decimal("30.00")


def test_a_lead_becomes_marketing_qualified_once() -> None:
    lead = leads.lead(industry_match="target")
    record_event(lead, actor=SYSTEM, type="quote_request", source="web", dedupe_key="1")
    first = timezone.now() + timedelta(minutes=1)
    score_leads([lead], as_of=first)
    score_leads([Lead.objects.get(pk=lead.pk)], as_of=first + timedelta(days=1))
    lead.refresh_from_db()
    assert lead.mql_at == first
