"""The leads that a model learns from, each as it was known early on. Read a few thousand at a time, with a fixed number of queries each."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.db.models import Q, QuerySet

from leads.judging import Scorer, known_customers
from leads.learning.describing import describe
from leads.learning.features import Feature
from leads.learning.training import Sample
from leads.models import Lead
from leads.models.choices import LeadState
from leads.rescoring import FACTS, events_of
from leads.scoring import Behaviour, rule_score
from ltc.timeline.models import Change

AT_ONCE = 2000
MATURE, CONVERTED_WITHIN, KNOWN_AFTER = timedelta(days=90), timedelta(days=90), timedelta(days=7)
MONTHS = 24
WATCHED = timedelta(days=90)
COLUMNS = [name for name in FACTS if name not in ("captured_at", "name_key", "consent_marketing", "is_test")]


def window(as_of: datetime) -> tuple[datetime, datetime]:
    """From when to when leads were captured that are mature now and not older than two years."""
    back = as_of.year - MONTHS // 12
    day = 28 if (as_of.month, as_of.day) == (2, 29) else as_of.day
    return as_of.replace(year=back, day=day), as_of - MATURE


def mature_leads(start: datetime, end: datetime) -> QuerySet[Lead]:
    """The leads captured from start to end, both included, that count: not merged, no spam, no test."""
    found = Lead.objects.filter(captured_at__gte=start, captured_at__lte=end).exclude(state=LeadState.MERGED).exclude(is_test=True)
    return found.filter(Q(close_reason__isnull=True) | Q(close_reason__counts_in_denominator=True))


def sample_of(start: datetime, end: datetime, features: Sequence[Feature]) -> Sample:
    """The mature leads captured from start to end: what was known of each, and whether it was converted within 90 days."""
    scorer, sample = Scorer.of_tenant(with_model=False), Sample(features=tuple(features))
    for leads in _portions(mature_leads(start, end)):
        events, customers = events_of(leads, end + KNOWN_AFTER), known_customers(leads)
        moments = {lead.pk: moment_of(lead) for lead in leads}
        earlier = _as_they_were(leads, moments)
        for lead in leads:
            moment = moments[lead.pk]
            before = [event for event in events.get(lead.pk, ()) if event.occurred_at < moment]
            _add(sample, lead, earlier[lead.pk], before, moment, scorer, customers.get(lead.name_key))
    return sample


def moment_of(lead: Lead) -> datetime:
    """The instant as of which a lead is looked at: a week after its capture, or when it was converted or closed before."""
    return min(at for at in (lead.captured_at + KNOWN_AFTER, lead.converted_at, lead.closed_at) if at is not None)


def _add(
    sample: Sample, lead: Lead, known: Any, events: list[Behaviour], moment: datetime, scorer: Scorer, first_order: datetime | None
) -> None:
    is_customer = first_order is not None and first_order < moment
    row = describe(
        scorer.known(known), events, sample.features, as_of=moment, zone=scorer.zone, rules=scorer.rules, is_customer=is_customer
    )
    score = rule_score(scorer.facts(known), events, as_of=moment, zone=scorer.zone, rules=scorer.rules)
    sample.ids.append(str(lead.pk))
    sample.captured.append(lead.captured_at)
    sample.outcomes.append(int(lead.converted_at is not None and lead.converted_at <= lead.captured_at + CONVERTED_WITHIN))
    sample.rows.append(row)
    sample.rule_scores.append(score.score)


def _portions(leads: QuerySet[Lead]) -> Iterator[list[Lead]]:
    needed = ("id", *(name.removesuffix("_id") for name in FACTS), "converted_at", "closed_at", "created_at", "state")
    after: uuid.UUID | None = None
    while True:
        following = leads.filter(id__gt=after) if after else leads
        found = list(following.only(*needed).order_by("id")[:AT_ONCE])
        if not found:
            return
        yield found
        after = found[-1].pk


def _as_they_were(leads: Sequence[Lead], moments: dict[uuid.UUID, datetime]) -> dict[uuid.UUID, Any]:
    """The fields of each lead at its moment, by the change log. What came into the books later than that is taken as it stands."""
    now = {lead.pk: {name: getattr(lead, name) for name in FACTS} for lead in leads}
    followed = {str(lead.pk): lead.pk for lead in leads if lead.created_at <= moments[lead.pk]}
    settled: dict[uuid.UUID, set[str]] = {}
    if followed:
        changes = Change.objects.filter(
            table_name=Lead._meta.db_table, operation="update", row__in=list(followed), before__has_any_keys=COLUMNS
        )
        for row, at, before in changes.order_by("id").values_list("row", "at", "before").iterator(chunk_size=AT_ONCE):
            lead = followed[row]
            if at <= moments[lead] or before is None:
                continue
            for name in before.keys() & set(COLUMNS):
                if name not in settled.setdefault(lead, set()):  # the first change after the moment tells what was there at it
                    settled[lead].add(name)
                    now[lead][name] = uuid.UUID(before[name]) if name == "channel_id" else before[name]
    return {lead: SimpleNamespace(**values) for lead, values in now.items()}
