"""One lead's score at an instant, by the rules and by the model that is in force. What it needs is read once for any number of leads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from leads.learning.describing import Known, describe, features_with
from leads.learning.features import Feature
from leads.learning.model import Model, Prediction, model_from
from leads.models import Channel, Lead, ScoringConfig, ScoringState
from leads.models.choices import ScoreMode
from leads.scorecards import rules_from
from leads.scoring import (
    Behaviour,
    LeadFacts,
    Score,
    ScoreLine,
    ScoringRules,
    industry_class,
    is_marketing_qualified,
    marks_of,
    plain,
    region_class,
    rule_score,
    size_band,
)
from ltc.automation.selectors import fields_to_learn_from
from ltc.customers.models import Contact, Customer
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership

P_STEP = Decimal("0.00001")


@dataclass(frozen=True)
class Judgement:
    """What a lead scores and why. baseline + the lines = score; without the lines of code `rounding` and `limit`: what it was before."""

    rules: Score
    mode: str
    score: int
    grade: str
    lines: tuple[ScoreLine, ...]
    baseline: float
    exact: float
    probability: Decimal | None
    prediction: Prediction | None
    is_marketing_qualified: bool


@dataclass
class Scorer:
    """How the active tenant scores: its scorecard, its time zone, and the model in force, if any."""

    rules: ScoringRules
    zone: ZoneInfo
    scorecard: int = 0
    mode: str = ScoreMode.RULES
    model: Model | None = None
    model_number: int = 0
    own_people: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of_tenant(cls, *, with_model: bool = True) -> "Scorer":
        """Read from the database: four queries, one more with a model."""
        config = ScoringConfig.objects.filter(active=True).first()
        zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))
        people = frozenset(email.lower() for email in Membership.objects.exclude(email="").values_list("email", flat=True))
        scorer = cls(rules_from(config.rules) if config else ScoringRules(), zone, config.number if config else 0, own_people=people)
        state = ScoringState.objects.select_related("model").first() if with_model else None
        if state is not None and state.model is not None and state.mode != ScoreMode.RULES:
            scorer.mode, scorer.model, scorer.model_number = state.mode, model_from(state.model.coefficients), state.model.number
        return scorer

    @cached_property
    def channels(self) -> dict[UUID, str]:
        """The codes of the channels."""
        return dict(Channel.objects.values_list("pk", "code"))

    def facts(self, lead: Any) -> LeadFacts:
        """What the scorecard looks at, of a lead or a row of its fields."""
        email = lead.email.lower()
        blocked = lead.is_test or email in self.own_people or (bool(email) and email.rpartition("@")[2] in self.rules.blocked_domains)
        return LeadFacts(
            industry_match=industry_class(lead.industry_match, lead.industry, self.rules),
            size_employees=size_band(lead.size_employees),
            region=region_class(lead.region, self.rules),
            seniority=lead.seniority,
            budget=lead.budget,
            timeline=lead.timeline,
            marks=marks_of(email=email, phone=lead.phone, rules=self.rules),
            is_blocked=blocked or bool({email, lead.phone} - {""} & self.rules.blocked_contacts),
        )

    def known(self, lead: Any) -> Known:
        """What the learned score looks at, of a lead or a row of its fields."""
        return Known(
            industry_match=lead.industry_match,
            industry=lead.industry,
            seniority=lead.seniority,
            budget=lead.budget,
            timeline=lead.timeline,
            channel=self.channels.get(lead.channel_id, ""),
            region=lead.region,
            size_employees=lead.size_employees,
            email=lead.email,
            phone=lead.phone,
            attributes=lead.attributes or {},
        )

    def predict(self, lead: Any, events: Sequence[Behaviour], *, as_of: datetime, is_customer: bool) -> Prediction | None:
        """What the model says of a lead; None without a model."""
        if self.model is None:
            return None
        features = self.model.layout.features
        row = describe(self.known(lead), events, features, as_of=as_of, zone=self.zone, rules=self.rules, is_customer=is_customer)
        return self.model.predict(row)

    def judge(self, lead: Any, events: Sequence[Behaviour], *, as_of: datetime, is_customer: bool = False) -> Judgement:
        """The score of a lead at an instant."""
        score = rule_score(self.facts(lead), events, as_of=as_of, zone=self.zone, rules=self.rules)
        prediction = None if score.is_blocked else self.predict(lead, events, as_of=as_of, is_customer=is_customer)
        p = Decimal(prediction.probability).quantize(P_STEP, ROUND_HALF_UP) if prediction else None
        by_model = prediction if self.mode == ScoreMode.MODEL else None
        qualified = is_marketing_qualified(
            score,
            events,
            as_of=as_of,
            model_score=by_model.score if by_model else None,
            may_hand_over=lead.consent_marketing != Contact.Consent.WITHDRAWN,
        )
        if by_model is None:
            return Judgement(score, self.mode, score.score, score.grade, score.lines, 0.0, float(score.exact), p, prediction, qualified)
        return Judgement(
            score,
            self.mode,
            by_model.score,
            by_model.grade,
            lines_of(by_model),
            by_model.baseline,
            by_model.exact,
            p,
            prediction,
            qualified,
        )


def lines_of(prediction: Prediction) -> tuple[ScoreLine, ...]:
    """The reasons of a learned score as lines: the baseline, each feature, and what limits and rounding took or gave."""
    lines = [ScoreLine("baseline", "baseline", "", plain(Decimal(prediction.baseline)))]
    for reason in prediction.reasons:
        lines.append(ScoreLine("model", reason.feature, said(reason.value), plain(Decimal(reason.points))))
    limited = max(0.0, min(100.0, prediction.exact))
    if limited != prediction.exact:
        lines.append(ScoreLine("score", "limit", "", plain(Decimal(limited) - Decimal(prediction.exact))))
    if limited != prediction.score:
        lines.append(ScoreLine("score", "rounding", "", plain(prediction.score - Decimal(limited))))
    return tuple(lines)


def said(value: Any) -> str:
    """A value of a feature as text; empty where it is missing or goes without saying."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    return f"{value:g}" if isinstance(value, float) else str(value)


def known_customers(leads: Iterable[Lead]) -> dict[str, datetime]:
    """When each company of these leads placed its first order with us, by its normalised name."""
    names = {lead.name_key for lead in leads} - {""}
    if not names:
        return {}
    buyers = Customer.objects.filter(normalized_name__in=names, first_order_at__isnull=False)
    earliest: dict[str, datetime] = {}
    for name, at in buyers.order_by("-first_order_at").values_list("normalized_name", "first_order_at"):
        if at is not None:
            earliest[name] = at
    return earliest


def features_of_tenant() -> tuple[Feature, ...]:
    """What the active tenant's models learn from: the fixed features and the attributes that the administrator has marked."""
    return features_with(fields_to_learn_from(Lead._meta.label_lower))
