"""How quickly a lead is answered."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from leads.metrics.past import captured
from ltc.analytics.counted import Counted, Question, days_between, median, share
from ltc.analytics.lags import lag
from ltc.analytics.registry import metric
from ltc.calendars.business_days import business_minutes_between
from ltc.calendars.selectors import work_calendar


@metric(
    "lead.first_response", label=_("First response"), unit="minutes", direction="down", reduce=median,
    formula=_("Median business minutes from the assignment to the first response, of leads captured in the period and answered."),
)  # fmt: skip
def answered(question: Question) -> Iterator[Counted]:
    calendar, zone = work_calendar(), question.period.zone
    for lead in captured(question):
        if lead.first_response_at is not None:
            start = min(lead.assigned_at or lead.captured_at, lead.first_response_at)
            yield Counted(lead, business_minutes_between(calendar, start, lead.first_response_at, zone))


@metric(
    "lead.first_response.in_time", label=_("First response in time"), unit="rate", reduce=share,
    formula=_("Leads captured in the period and answered by the time that was due ÷ those answered or overdue."),
)  # fmt: skip
def answered_in_time(question: Question) -> Iterator[Counted]:
    for lead in captured(question):
        due = lead.first_response_due_at
        if due is None or (lead.first_response_at is None and due > question.as_of):
            continue
        yield Counted(lead, int(lead.first_response_at is not None and lead.first_response_at <= due))


@lag(
    "lag.first_response", target="first_response", label=_("Capture to first response"),
    formula=_("Median days from the capture of a lead to its first response, of leads captured in the period and answered."),
)  # fmt: skip
def capture_to_response(question: Question) -> Iterator[Counted]:
    for lead in captured(question):
        if lead.first_response_at is not None:
            yield Counted(lead, max(Decimal(0), days_between(lead.captured_at, lead.first_response_at)))
