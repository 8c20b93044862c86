"""What it costs to win a new customer: one whose first win ever lies in the period."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Counted, Question, Row, mean_money
from ltc.analytics.options import options
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric
from opportunities.models import SalesCost
from orders.metrics.channels import spending
from orders.metrics.past import Win, wins_then

ZERO = Decimal(0)


def new_customers(question: Question) -> Iterator[Win]:
    """The first win of each customer that had bought nothing before the period."""
    first: dict[object, Win] = {}
    for win in wins_then(question):
        held = first.get(win.customer)
        if held is None or (win.won_at, str(win.id)) < (held.won_at, str(held.id)):
            first[win.customer] = win
    for win in first.values():
        known_before = win.customer_since is not None and win.customer_since < question.period.start
        if question.covers(win.won_at) and not known_before:
            yield win


def sales_costs(question: Question, *, lag_days: int = 0) -> Iterator[Counted]:
    """What the sales force cost in the period."""
    lag = timedelta(days=lag_days)
    days = (question.period.first - lag, min(question.period.last, question.today) - lag)
    costs = SalesCost.objects.visible_to(question.actor).filter(cost_date__range=days).order_by()
    for pk, day, amount in costs.values_list("pk", "cost_date", "base_amount").iterator(chunk_size=CHUNK):
        yield Counted(Row("sales_cost", pk, f"{day}"), amount, 0, "sales_cost")


def _won_over(question: Question) -> Iterator[Counted]:
    for win in new_customers(question):
        yield Counted(win, 0, 1, "new_customer")


def _marketing(question: Question) -> Iterator[Counted]:
    for spent in spending(question, lag_days=options().cac_lag_days):
        yield Counted(spent.fact, spent.part, 0, "spend")


@metric(
    "cac.full", label=_("Cost of a new customer"), unit="money", direction="down", reduce=mean_money,
    formula=_("(Marketing spend + sales cost of the period) ÷ customers whose first win ever lies in the period."),
)  # fmt: skip
def full_cost(question: Question) -> Iterator[Counted]:
    yield from _won_over(question)
    yield from _marketing(question)
    yield from sales_costs(question, lag_days=options().cac_lag_days)


@metric(
    "cac.marketing", label=_("Marketing cost of a new customer"), unit="money", direction="down", reduce=mean_money,
    formula=_("Marketing spend of the period ÷ customers whose first win ever lies in the period."),
)  # fmt: skip
def marketing_cost(question: Question) -> Iterator[Counted]:
    yield from _won_over(question)
    yield from _marketing(question)
