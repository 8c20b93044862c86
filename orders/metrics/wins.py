"""From the lead to the win."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from leads.metrics.past import captured
from ltc.analytics.counted import Counted, Question, days_between, mean, median, share
from ltc.analytics.registry import metric
from orders.metrics.past import wins_in, wins_then


@metric(
    "lead.to_won.cohort", label=_("Leads won"), unit="rate", reduce=share,
    formula=_("Leads captured in the period whose opportunity or order is won at the given instant ÷ leads captured in the period."),
)  # fmt: skip
def won_of_captured(question: Question) -> Iterator[Counted]:
    won = {win.lead for win in wins_then(question) if win.lead is not None}
    return (Counted(lead, int(lead.id in won)) for lead in captured(question))


@metric(
    "cycle.lead_to_won", label=_("Sales cycle"), unit="days", direction="down", reduce=mean,
    formula=_("Mean days from the capture of the lead to the win, of wins in the period that stem from a lead."),
)  # fmt: skip
@metric(
    "cycle.lead_to_won.median", label=_("Sales cycle, median"), unit="days", direction="down", reduce=median,
    formula=_("Median days from the capture of the lead to the win, of wins in the period that stem from a lead."),
)  # fmt: skip
def lead_to_won(question: Question) -> Iterator[Counted]:
    for win in wins_in(question):
        if win.captured_at is not None and win.won_at is not None:
            yield Counted(win, days_between(win.captured_at, win.won_at))
