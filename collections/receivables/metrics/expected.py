"""What is expected to come in: the forecast of cash as a number whose records are the items behind it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Counted, Question, Row, total
from ltc.analytics.registry import metric
from receivables.cash_forecast import likely_items
from receivables.metrics.cash import dimensions


@metric(
    "coll.expected", label=_("Cash expected"), unit="money", reduce=total, slices=("owner", "team", "region", "segment"),
    formula=_(
        "Open amounts of the items owed at the given instant × the chance that they are paid from that day to the end of the period, "
        "by the habits of their payers, by promises and disputes; nothing for a period that is over."
    ),
)  # fmt: skip
def expected(question: Question) -> Iterator[Counted]:
    if question.period.last < question.today:
        return
    for row in likely_items(question.actor, question.today, question.period.first, question.period.last):
        yield Counted(Row("receivable_item", row.item, row.label, dimensions(*row.whose)), row.expected)
