"""What the leads stage can say in numbers. Formulas: docs/metrics.md, chapter 6.3 of the domain rules."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from leads.models import Lead
from leads.models.choices import LeadState
from ltc.analytics.counting import facts_of
from ltc.analytics.periods import Period
from ltc.analytics.registry import Answer, Question, StepFact, metric, rate, step
from ltc.users.actors import Actor

CONVERSION_WINDOW = timedelta(days=90)


def _captured(question: Question) -> QuerySet[Lead]:
    """The leads of the period that the asker may see."""
    period = question.period
    seen = Lead.objects.visible_to(question.actor).exclude(state=LeadState.MERGED)
    return seen.filter(captured_at__gte=period.start, captured_at__lt=min(period.end, question.as_of))


@metric(
    "lead.count",
    label=_("New leads"),
    formula=_("Leads captured in the period, without merged ones."),
    unit="count",
)
def lead_count(question: Question) -> Answer:
    count = _captured(question).count()
    return Answer(value=Decimal(count), numerator=Decimal(count))


@metric(
    "lead.conversion.cohort",
    label=_("Lead conversion"),
    formula=_("Leads captured in the period and converted within 90 days ÷ leads captured in the period."),
    unit="rate",
)
def cohort_conversion(question: Question) -> Answer:
    captured = _captured(question)
    in_time = captured.filter(converted_at__lte=F("captured_at") + CONVERSION_WINDOW).exclude(converted_at__gt=question.as_of)
    answer = rate(in_time.count(), captured.count())
    immature = ("immature",) if answer.denominator and question.as_of < question.period.end + CONVERSION_WINDOW else ()
    return Answer(answer.value, answer.numerator, answer.denominator, answer.flags + immature)


@metric(
    "lead.conversion.flow",
    label=_("Lead conversion (flow)"),
    formula=_("Leads converted in the period ÷ leads captured in the period. It measures workload and may exceed 1."),
    unit="rate",
)
def flow_conversion(question: Question) -> Answer:
    converted = Lead.objects.visible_to(question.actor).filter(
        converted_at__gte=question.period.start, converted_at__lt=min(question.period.end, question.as_of)
    )
    return rate(converted.count(), _captured(question).count())


@metric(
    "lead.disqualified_rate",
    label=_("Disqualified leads"),
    formula=_("Leads captured in the period that are disqualified ÷ leads captured in the period."),
    unit="rate",
    direction="down",
)
def disqualified_rate(question: Question) -> Answer:
    captured = _captured(question)
    return rate(captured.filter(state=LeadState.DISQUALIFIED, closed_at__lte=question.as_of).count(), captured.count())


@step("leads", label=_("Leads"), hue="violet", position=10, page="leads:list")
def captured_leads(period: Period, actor: Actor) -> Iterable[StepFact]:
    return facts_of(Lead.objects.all(), period, actor, reached="captured_at")


@step("qualified", label=_("Qualified"), hue="violet", position=20, page="leads:list")
def qualified_leads(period: Period, actor: Actor) -> Iterable[StepFact]:
    return facts_of(Lead.objects.filter(qualified_at__isnull=False), period, actor, reached="qualified_at")
