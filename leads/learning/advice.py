"""From which score on a lead should be handed to sales: how many a week that would be, and how many of them became something."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.judging import features_of_tenant
from leads.learning.model import model_from
from leads.learning.population import MATURE, mature_leads, sample_of, window
from leads.learning.services import state_of_scoring
from leads.models import Lead
from leads.models.choices import LeadState, ScoreMode

THRESHOLDS = tuple(range(30, 91, 5))
LOOKED_AT = 2000
VOLUME_OF = timedelta(weeks=13)


@dataclass(frozen=True)
class Advice:
    """One threshold: leads a week at or above it, the share of them that was converted, and the share of all conversions that they are."""

    threshold: int
    a_week: float
    precision: float | None
    caught: float | None


def advice(as_of: datetime) -> list[Advice]:
    """What each threshold would mean: volume by the leads of the last 13 weeks, outcome by the newest 2,000 mature leads, each scored as
    it was known a week after its capture, by what scores leads now."""
    volume = list(
        Lead.objects.filter(captured_at__gt=as_of - VOLUME_OF, captured_at__lte=as_of)
        .exclude(state=LeadState.MERGED)
        .values_list("score", flat=True)
    )
    start, end = window(as_of)
    oldest = mature_leads(start, end).order_by("-captured_at").values_list("captured_at", flat=True)[LOOKED_AT - 1 : LOOKED_AT]
    state = state_of_scoring()
    model = model_from(state.model.coefficients) if state.mode == ScoreMode.MODEL and state.model else None
    sample = sample_of(oldest[0] if oldest else start, as_of - MATURE, model.layout.features if model else features_of_tenant())
    scores = [model.predict(row).score for row in sample.rows] if model else sample.rule_scores
    weeks = VOLUME_OF / timedelta(weeks=1)
    found = []
    for threshold in THRESHOLDS:
        above = [outcome for score, outcome in zip(scores, sample.outcomes, strict=True) if score >= threshold]
        found.append(
            Advice(
                threshold,
                sum(score >= threshold for score in volume) / weeks,
                sum(above) / len(above) if above else None,
                sum(above) / sample.positives if sample.positives else None,
            )
        )
    return found
