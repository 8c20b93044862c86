"""How many leads come, through which channels, and what becomes of them. The three views (cohort, flow, now) are never mixed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.metrics.past import LeadThen, captured, leads_then
from leads.models.choices import LeadState
from ltc.analytics.counted import Answer, Counted, Question, count, share
from ltc.analytics.periods import midnight
from ltc.analytics.registry import metric

CONVERSION_WINDOW = timedelta(days=90)
UNKNOWN = "unknown"


def converted_in_time(lead: LeadThen) -> bool:
    """Whether a lead was converted within 90 times 24 hours of its capture."""
    return lead.converted_at is not None and lead.converted_at - lead.captured_at <= CONVERSION_WINDOW


def is_immature(question: Question) -> bool:
    """Whether leads of the period may still be converted in time: until the local day 90 days after its last one."""
    return question.as_of < midnight(question.period.last + CONVERSION_WINDOW, question.period.zone)


def cohort_share(counted: object, question: Question) -> Answer:
    """The share of a cohort, flagged while it is too young to judge."""
    answer = share(counted, question)  # type: ignore[arg-type]
    return answer.flagged("immature") if answer.denominator and is_immature(question) else answer


@metric(
    "lead.count", label=_("New leads"), unit="count", reduce=count,
    formula=_("Leads captured in the period, without merged, spam and test ones."),
)  # fmt: skip
def captured_leads(question: Question) -> Iterator[Counted]:
    return (Counted(lead) for lead in captured(question))


@metric(
    "lead.conversion.cohort", label=_("Lead conversion"), unit="rate", reduce=cohort_share,
    formula=_("Leads captured in the period and converted within 90 days ÷ leads captured in the period."),
)  # fmt: skip
def converted_of_captured(question: Question) -> Iterator[Counted]:
    return (Counted(lead, int(converted_in_time(lead))) for lead in captured(question))


@metric(
    "lead.conversion.flow", label=_("Lead conversion (flow)"), unit="rate", reduce=share,
    formula=_("Leads converted in the period ÷ leads captured in the period. It measures workload and may exceed 1."),
)  # fmt: skip
def converted_beside_captured(question: Question) -> Iterator[Counted]:
    period = question.period
    span = {"gte": period.start, "lt": period.end}
    either = Q(**{f"captured_at__{op}": at for op, at in span.items()}) | Q(**{f"converted_at__{op}": at for op, at in span.items()})
    for lead in leads_then(question, either):
        came, went = question.covers(lead.captured_at), question.covers(lead.converted_at)
        if came or went:
            yield Counted(lead, int(went), int(came))


@metric(
    "lead.disqualified_rate", label=_("Disqualified leads"), unit="rate", direction="down", reduce=share,
    formula=_("Leads captured in the period that are disqualified at the given instant ÷ leads captured in the period."),
)  # fmt: skip
def disqualified(question: Question) -> Iterator[Counted]:
    return (Counted(lead, int(lead.state == LeadState.DISQUALIFIED)) for lead in captured(question))


@metric(
    "lead.valid_rate", label=_("Valid leads"), unit="rate", reduce=share,
    formula=_("Leads captured in the period that are not disqualified at the given instant ÷ leads captured in the period."),
)  # fmt: skip
def valid(question: Question) -> Iterator[Counted]:
    return (Counted(lead, int(lead.state != LeadState.DISQUALIFIED)) for lead in captured(question))


@metric(
    "lead.mql_rate", label=_("Marketing-qualified leads"), unit="rate", reduce=share,
    formula=_("Leads captured in the period that marketing has qualified ÷ leads captured in the period."),
)  # fmt: skip
def qualified_by_marketing(question: Question) -> Iterator[Counted]:
    return _reached(question, "mql_at")


@metric(
    "lead.sql_rate", label=_("Sales-qualified leads"), unit="rate", reduce=share,
    formula=_("Leads captured in the period that sales has qualified ÷ leads captured in the period."),
)  # fmt: skip
def qualified_by_sales(question: Question) -> Iterator[Counted]:
    return _reached(question, "qualified_at")


@metric(
    "lead.traceability", label=_("Leads with a known source"), unit="rate", reduce=share,
    formula=_("Leads captured in the period whose channel is not “unknown” ÷ leads captured in the period."),
)  # fmt: skip
def traceable(question: Question) -> Iterator[Counted]:
    return (Counted(lead, int(lead.channel != UNKNOWN)) for lead in captured(question))


def _reached(question: Question, what: str) -> Iterator[Counted]:
    for lead in captured(question):
        moment: datetime | None = getattr(lead, what)
        yield Counted(lead, int(moment is not None))
