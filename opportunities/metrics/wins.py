"""How many of the deals that end are won. A deal counts once, by its latest closure as it is known at `as_of`."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.models import CloseReason
from ltc.analytics.counted import Counted, Question, count, mean_money, share
from ltc.analytics.registry import metric
from opportunities.metrics.past import CLOSED, Deal, deals_then, touched_in
from opportunities.models import Opportunity


def closed(question: Question, *outcomes: str) -> Iterator[Deal]:
    """The deals whose latest closure falls into the period with one of these outcomes."""
    for deal in deals_then(question, touched_in(question, to_state__in=CLOSED)):
        if deal.state in outcomes and question.covers(deal.closed_at):
            yield deal


@metric(
    "opp.win_rate", label=_("Win rate"), unit="rate", reduce=share,
    formula=_("Opportunities won ÷ (won + lost), by their latest closure in the period."),
)  # fmt: skip
def won_or_lost(question: Question) -> Iterator[Counted]:
    return (Counted(deal, int(deal.state == "won"), role=deal.state) for deal in closed(question, "won", "lost"))


@metric(
    "opp.win_rate.amount", label=_("Win rate by amount"), unit="rate", reduce=share,
    formula=_("Amount won ÷ (amount won + amount lost), in base currency, by latest closure in the period."),
)  # fmt: skip
def worth_won_or_lost(question: Question) -> Iterator[Counted]:
    for deal in closed(question, "won", "lost"):
        yield Counted(deal, deal.worth if deal.state == "won" else 0, deal.worth, deal.state, deal.flag)


@metric(
    "opp.close_rate", label=_("Win rate with cancelled deals"), unit="rate", reduce=share,
    formula=_("Opportunities won ÷ (won + lost + cancelled), by their latest closure in the period."),
)  # fmt: skip
def ended(question: Question) -> Iterator[Counted]:
    return (Counted(deal, int(deal.state == "won"), role=deal.state) for deal in closed(question, *CLOSED))


@metric(
    "opp.average_won", label=_("Average won deal"), unit="money", reduce=mean_money,
    formula=_("Amount won in the period, in base currency ÷ opportunities won."),
)  # fmt: skip
def worth_won(question: Question) -> Iterator[Counted]:
    return (Counted(deal, deal.worth, role="won", flag=deal.flag) for deal in closed(question, "won"))


@metric(
    "opp.lost", label=_("Lost opportunities"), unit="count", direction="down", reduce=count,
    formula=_("Opportunities whose latest closure in the period is a loss; counted as the reason that was given."),
)  # fmt: skip
def lost(question: Question) -> Iterator[Counted]:
    reasons: dict[Any, str] = dict(CloseReason.objects.values_list("pk", "name"))
    given = dict(Opportunity.objects.filter(state="lost").values_list("pk", "lost_reason"))
    return (Counted(deal, role=reasons.get(given.get(deal.id), "") or "—") for deal in closed(question, "lost"))
