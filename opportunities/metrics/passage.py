"""The way of the deals through the stages: as a cohort, as a flow, and as they stand."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Answer, Counted, Question, quotient, total
from ltc.analytics.registry import metric
from opportunities import path
from opportunities.metrics.past import KEY_OF, KEYS, Deal, deals_then, standing, touched_in

STEPS = (*KEYS, "won")


def text(value: Decimal | None) -> str | None:
    """A number as tables give it."""
    return None if value is None else format(value, "f")


def created(question: Question) -> Iterator[Deal]:
    """The deals that were created in the period."""
    return (deal for deal in deals_then(question, touched_in(question)) if question.covers(deal.created_at))


def _reached(counted: Iterable[Counted], question: Question) -> Answer:
    reached, members = dict.fromkeys(STEPS, 0), 0
    for each in counted:
        deal: Any = each.fact
        members += 1
        for stage, key in KEY_OF.items():
            reached[key] += deal.has_reached(stage)
        reached["won"] += deal.state == "won"
    conversion = {step: text(quotient(reached[step], reached[before])) for before, step in pairwise(STEPS)}
    overall = quotient(reached["won"], members)
    table = {"reached": reached, "conversion": conversion, "overall": text(overall)}
    return Answer(None, Decimal(reached["won"]), Decimal(members), () if members else ("no_data",), table=table)


@metric(
    "funnel.cohort", label=_("Funnel of a cohort"), unit="count", reduce=_reached, is_table=True,
    formula=_(
        "Of the opportunities created in the period: how many ever reached each stage, a later one or a win; each step ÷ the one before."
    ),
)  # fmt: skip
def cohort(question: Question) -> Iterator[Counted]:
    return (Counted(deal, int(deal.state == "won")) for deal in created(question))


def _entered(counted: Iterable[Counted], question: Question) -> Answer:
    steps = dict.fromkeys(STEPS, 0)
    for each in counted:
        for key in each.role.split():
            steps[key] += 1
    return Answer(None, table=steps)


@metric(
    "funnel.flow", label=_("Funnel of a period"), unit="count", reduce=_entered, is_table=True,
    formula=_(
        "First entries into each stage in the period, whenever the opportunity was created; won by latest closure. "
        "A skipped stage has none."
    ),
)  # fmt: skip
def flow(question: Question) -> Iterator[Counted]:
    for deal in deals_then(question, touched_in(question)):
        steps = [KEY_OF[stage] for stage in path.PATH if question.covers(deal.entered.get(stage))]
        if question.covers(deal.won_at):
            steps.append("won")
        if steps:
            yield Counted(deal, len(steps), role=" ".join(steps))


def _standing(counted: Iterable[Counted], question: Question) -> Answer:
    counts, amounts = dict.fromkeys(KEYS, 0), dict.fromkeys(KEYS, Decimal(0))
    weighted, held, held_amount, flags = Decimal(0), 0, Decimal(0), dict[str, None]()
    for each in counted:
        deal: Any = each.fact
        if each.flag:
            flags[each.flag] = None
        if deal.state == "suspended":
            held, held_amount = held + 1, held_amount + deal.worth
            continue
        key = KEY_OF[deal.stage]
        counts[key] += 1
        amounts[key] += deal.worth
        weighted += deal.worth * deal.probability
    table = {
        "count": counts,
        "amount": {key: _money(amount) for key, amount in amounts.items()},
        "open_amount": _money(sum(amounts.values(), Decimal(0))),
        "weighted": _money(weighted),
        "suspended": {"count": held, "amount": _money(held_amount)},
    }
    return Answer(None, flags=tuple(flags), table=table)


def _money(amount: Decimal) -> str | None:
    return text(quotient(amount, 1, 2))


@metric(
    "funnel.snapshot", label=_("Pipeline as it stands"), unit="money", reduce=_standing, is_table=True,
    formula=_(
        "Open opportunities by stage at the given instant: number, amount in base currency, and amount × probability; "
        "suspended ones apart."
    ),
)  # fmt: skip
def snapshot(question: Question) -> Iterator[Counted]:
    for deal in deals_then(question, standing(question)):
        if deal.state in ("open", "suspended"):
            yield Counted(deal, deal.worth, role=KEY_OF[deal.stage] if deal.state == "open" else "suspended", flag=deal.flag)


@metric(
    "pipeline.open", label=_("Open pipeline"), unit="money", reduce=total,
    formula=_("Sum of the open opportunities at the given instant, in base currency."),
)  # fmt: skip
def open_deals(question: Question) -> Iterator[Counted]:
    for deal in deals_then(question, standing(question)):
        if deal.state == "open":
            yield Counted(deal, deal.worth, flag=deal.flag)
