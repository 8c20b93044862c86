"""The ways that leads take through their states."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.metrics.past import leads_then
from leads.models import Lead
from leads.models.choices import LeadState
from ltc.analytics.counted import Question
from ltc.analytics.past import histories, touched
from ltc.analytics.process import Trace, plain, process

ON_THE_PATH = (LeadState.NEW, LeadState.ASSIGNED, LeadState.WORKING, LeadState.QUALIFIED, LeadState.CONVERTED)
ENDS = (LeadState.CONVERTED, LeadState.DISQUALIFIED)
PATH = {state.value: state.label for state in ON_THE_PATH}
ASIDE = {state.value: state.label for state in (LeadState.NURTURING, LeadState.DISQUALIFIED)}

STEPS = PATH | ASIDE


@process("leads", label=_("Leads"), path=PATH, aside=ASIDE, ends=[state.value for state in ENDS])
def ways_of_leads(question: Question) -> Iterator[Trace]:
    """Of the leads that count: not merged away by then, no spam, no tests."""
    period = question.period
    moved = touched(Lead, at__gte=period.start, at__lt=period.end)
    leads = {lead.id: lead for lead in leads_then(question, Q(pk__in=moved))}
    for pk, moments in histories(Lead, moved):
        lead = leads.get(pk)
        steps = plain((moment.at, moment.after) for moment in moments if moment.after in STEPS and moment.at <= question.as_of)
        if lead is not None and steps:
            yield Trace(lead, steps)
