"""On time, measured against the first promise, which only the customer moves. What is past due and undelivered is late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from delivery.metrics.past import Promise, promised_in, promises_then
from ltc.analytics.counted import Counted, Question, mean, median, share
from ltc.analytics.options import options
from ltc.analytics.registry import metric

CURRENT, BASELINE = "current", "baseline"


def due(question: Question, by: str = BASELINE) -> Iterator[Promise]:
    """The promises for a day of the period that is over, or that are done."""
    for promise in promises_then(question, promised_in(question)):
        day: date = getattr(promise, by)
        if question.period.first <= day <= question.period.last and (day < question.today or promise.completed_on is not None):
            yield promise


def is_on_time(promise: Promise, grace_days: int = 0, by: str = BASELINE) -> bool:
    """Whether all of it was there by the promised day."""
    day: date = getattr(promise, by)
    return promise.completed_on is not None and promise.completed_on <= day + timedelta(days=grace_days)


@metric(
    "otd.line", label=_("Lines delivered on time"), unit="rate", reduce=share,
    formula=_(
        "Commitments due in the period that were complete by their first promise ÷ commitments due in the period; "
        "cancelled and waived ones left out."
    ),
)  # fmt: skip
def lines(question: Question) -> Iterator[Counted]:
    grace = options().grace_days
    return (Counted(promise, int(is_on_time(promise, grace))) for promise in due(question))


@metric(
    "otd.line.current_promise", label=_("Lines delivered by the current promise"), unit="rate", reduce=share,
    formula=_("Commitments promised for the period as of now that were complete by that date ÷ all such commitments."),
)  # fmt: skip
def lines_by_current_promise(question: Question) -> Iterator[Counted]:
    grace = options().grace_days
    return (Counted(promise, int(is_on_time(promise, grace, CURRENT))) for promise in due(question, CURRENT))


@metric(
    "otif.line", label=_("On time in full"), unit="rate", reduce=share,
    formula=_(
        "Commitments due in the period of which all, less the tolerance, was there by the first promise ÷ commitments due in the period."
    ),
)  # fmt: skip
def lines_in_full(question: Question) -> Iterator[Counted]:
    chosen = options()
    for promise in due(question):
        if promise.is_milestone:
            yield Counted(promise, int(is_on_time(promise, chosen.grace_days)))
            continue
        there = promise.quantity_by(promise.baseline + timedelta(days=chosen.grace_days))
        yield Counted(promise, int(there >= promise.qty * (1 - chosen.otif_tolerance)))


@metric(
    "delivery.late_days", label=_("Mean days late"), unit="days", direction="down", reduce=mean,
    formula=_("Mean days from the first promise to completion, of the commitments due in the period that were completed late."),
)  # fmt: skip
@metric(
    "delivery.late_days.median", label=_("Days late, median"), unit="days", direction="down", reduce=median,
    formula=_("Median days from the first promise to completion, of the commitments due in the period that were completed late."),
)  # fmt: skip
def late_lines(question: Question) -> Iterator[Counted]:
    grace = options().grace_days
    for promise in due(question):
        if promise.completed_on is not None and not is_on_time(promise, grace):
            yield Counted(promise, (promise.completed_on - promise.baseline).days)


@dataclass(slots=True)
class PromisedOrder:
    """An order with all that was promised of it."""

    id: Any
    promises: list[Promise]
    kind: str = "order"

    @property
    def label(self) -> str:
        return self.promises[0].number

    def dimension(self, by: str) -> str:
        return self.promises[0].dimension(by)

    @property
    def is_delivered(self) -> bool:
        return all(promise.completed_on is not None for promise in self.promises)


def orders_due(question: Question) -> Iterator[PromisedOrder]:
    """The orders whose last first promise lies in the period and is over, or that are delivered."""
    orders: dict[Any, PromisedOrder] = {}
    for promise in promises_then(question, promised_in(question)):
        orders.setdefault(promise.order, PromisedOrder(promise.order, [])).promises.append(promise)
    for order in orders.values():
        last = max(promise.baseline for promise in order.promises)
        if question.period.first <= last <= question.period.last and (last < question.today or order.is_delivered):
            yield order


def _punctual(question: Question, orders: Iterator[PromisedOrder]) -> Iterator[Counted]:
    grace = options().grace_days
    return (Counted(order, int(all(is_on_time(promise, grace) for promise in order.promises))) for order in orders)


@metric(
    "otd.order", label=_("Orders delivered on time"), unit="rate", reduce=share,
    formula=_(
        "Orders whose last first promise lies in the period and of which every line was complete by its first promise ÷ all such "
        "orders, undelivered ones included."
    ),
)  # fmt: skip
def punctual_orders(question: Question) -> Iterator[Counted]:
    return _punctual(question, orders_due(question))


@metric(
    "otd.order.delivered_basis", label=_("Delivered orders on time"), unit="rate", reduce=share,
    formula=_("As orders delivered on time, but of the delivered orders only."),
)  # fmt: skip
def punctual_delivered_orders(question: Question) -> Iterator[Counted]:
    return _punctual(question, (order for order in orders_due(question) if order.is_delivered))
