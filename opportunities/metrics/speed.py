"""How long deals take, in exact seconds over 86,400."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import NO_DATA, Answer, Counted, Question, days_between, mean, median
from ltc.analytics.registry import Reader, metric
from ltc.money.rounding import round_fraction
from opportunities import path
from opportunities.metrics.past import KEY_OF, deals_then, standing, touched_in
from opportunities.metrics.wins import closed


def days_of(span: Any) -> Decimal:
    """A span as days."""
    return Decimal(span.days * 86_400 + span.seconds) / 86_400


@metric(
    "cycle.opp", label=_("Opportunity cycle"), unit="days", direction="down", reduce=mean,
    formula=_("Mean days from the creation of an opportunity to its win, time lost and suspended included, of wins in the period."),
)  # fmt: skip
@metric(
    "cycle.opp.median", label=_("Opportunity cycle, median"), unit="days", direction="down", reduce=median,
    formula=_("Median days from the creation of an opportunity to its win, of wins in the period."),
)  # fmt: skip
def gross_cycle(question: Question) -> Iterator[Counted]:
    for deal in closed(question, "won"):
        assert deal.closed_at is not None
        yield Counted(deal, days_between(deal.created_at, deal.closed_at))


@metric(
    "cycle.opp_active", label=_("Active opportunity cycle"), unit="days", direction="down", reduce=mean,
    formula=_("Mean days from the creation of an opportunity to its win without the time in which it was closed or suspended."),
)  # fmt: skip
@metric(
    "cycle.opp_active.median", label=_("Active opportunity cycle, median"), unit="days", direction="down", reduce=median,
    formula=_("Median days from creation to win without the time in which the opportunity was closed or suspended."),
)  # fmt: skip
def active_cycle(question: Question) -> Iterator[Counted]:
    for deal in closed(question, "won"):
        assert deal.closed_at is not None
        yield Counted(deal, days_between(deal.created_at, deal.closed_at) - days_of(deal.idle))


def _time_in(stage: str, question: Question) -> Iterator[Counted]:
    for deal in deals_then(question, touched_in(question)):
        if question.covers(deal.left(stage)):
            yield Counted(deal, days_of(deal.time_in(stage)))


def _open_age(stage: str, question: Question) -> Iterator[Counted]:
    for deal in deals_then(question, standing(question)):
        if deal.state == "open" and deal.stage == stage:
            yield Counted(deal, days_of(deal.time_in(stage)) + days_between(deal.visits[-1].start, question.as_of))


def _register(stage: str, key: str) -> None:
    read: Reader = partial(_time_in, stage)
    metric(
        f"stage.time[{key}]", label=_("Time in stage"), unit="days", direction="down", reduce=mean,
        formula=_("Mean days in the stage, all visits together, of the opportunities that left it for the last time in the period."),
    )(read)  # fmt: skip
    metric(
        f"stage.time[{key}].median", label=_("Time in stage, median"), unit="days", direction="down", reduce=median,
        formula=_("Median days in the stage, all visits together, of the opportunities that left it for the last time in the period."),
    )(read)  # fmt: skip
    metric(
        f"stage.open_age[{key}]", label=_("Age of open deals in a stage"), unit="days", direction="down", reduce=mean,
        formula=_("Mean days that the open opportunities of the stage have stood in it at the given instant."),
    )(partial(_open_age, stage))  # fmt: skip


for _stage, _key in KEY_OF.items():
    _register(_stage, _key)


def _velocity(counted: Iterable[Counted], question: Question) -> Answer:
    standing_now = won = ended = 0
    worth, cycle, flags = Decimal(0), Decimal(0), dict[str, None]()
    for each in counted:
        deal: Any = each.fact
        standing_now += each.role == "open"
        if each.role == "open":
            continue
        ended += 1
        if each.role == "won":
            won += 1
            worth += deal.worth
            cycle += days_between(deal.created_at, deal.closed_at)
            if each.flag:
                flags[each.flag] = None
    if not won or not cycle:
        return Answer(None, flags=(NO_DATA,))
    exact = Fraction(standing_now) * Fraction(won, ended) * (Fraction(worth) / won) / (Fraction(cycle) / won)
    numerator = Fraction(standing_now) * Fraction(won, ended) * (Fraction(worth) / won)
    return Answer(round_fraction(exact, 2), round_fraction(numerator, 4), round_fraction(Fraction(cycle) / won, 4), tuple(flags))


@metric(
    "sales.velocity", label=_("Sales velocity"), unit="money", reduce=_velocity,
    formula=_("Open opportunities from stage 2 on × win rate × mean won amount ÷ mean opportunity cycle in days: money per day."),
)  # fmt: skip
def in_motion(question: Question) -> Iterator[Counted]:

    for deal in deals_then(question, standing(question) | touched_in(question)):
        if deal.state == "open" and path.position(deal.stage) >= 1:
            yield Counted(deal, role="open", flag=deal.flag)
        elif deal.state in ("won", "lost") and question.covers(deal.closed_at):
            yield Counted(deal, int(deal.state == "won"), role=deal.state, flag=deal.flag)
