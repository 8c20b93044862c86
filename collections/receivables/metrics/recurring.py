"""Recurring revenue: what subscriptions bring a month, and how it grows and shrinks from one period to the next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Answer, Counted, Question, Row, quotient, rate
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric
from orders.models import Order
from receivables.metrics.cash import dimensions
from receivables.metrics.lifetime import DOCUMENT, SLICES, Billed
from receivables.models import Invoice

ZERO = Decimal(0)


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def recurring(question: Question) -> Iterator[Counted]:
    """Each customer with subscriptions: billed in the month before the period, and in its last month."""
    before = _recurring_in(question, *month_of(question.period.first - timedelta(days=1)))
    after = _recurring_in(question, *month_of(min(question.period.last, question.today)))
    for customer in before.keys() | after.keys():
        known = after.get(customer) or before[customer]
        start, end = (side[customer].net if customer in side else ZERO for side in (before, after))
        if start or end:
            yield Counted(known.row, end, start, "subscriber")


def _recurring_in(question: Question, first: date, last: date) -> dict[Any, Billed]:
    periodic = Q(kind=Invoice.Kind.SUBSCRIPTION) | Q(order__billing_policy=Order.BillingPolicy.PERIODIC)
    invoices = Invoice.objects.visible_to(question.actor).filter(
        periodic, state__in=Invoice.POSTED, invoice_date__range=(first, min(last, question.today))
    )
    found: dict[Any, Billed] = {}
    for net, rate_of, customer, name, *whose in invoices.order_by().values_list(*DOCUMENT).iterator(chunk_size=CHUNK):
        known = found.get(customer) or Billed(Row("customer", customer, name, dimensions(*whose)), ZERO)
        found[customer] = Billed(known.row, known.net + net * (rate_of or 1))
    return found


@dataclass
class Recurring:
    """Monthly recurring revenue from the start of a period to its end."""

    start: Decimal = ZERO
    new: Decimal = ZERO
    expansion: Decimal = ZERO
    contraction: Decimal = ZERO
    churned: Decimal = ZERO
    logos: int = 0
    logos_lost: int = 0

    def add(self, before: Decimal, after: Decimal) -> None:
        """A customer's revenue of the month before the period and of its last month."""
        self.start += before
        self.logos += before > 0
        if not before:
            self.new += after
        elif not after:
            self.churned += before
            self.logos_lost += 1
        elif after > before:
            self.expansion += after - before
        else:
            self.contraction += before - after

    @property
    def end(self) -> Decimal:
        return self.start + self.new + self.expansion - self.contraction - self.churned

    @property
    def annual(self) -> Decimal:
        return self.end * 12

    @property
    def net_retention(self) -> Answer:
        return rate(self.start + self.expansion - self.contraction - self.churned, self.start)

    @property
    def gross_retention(self) -> Answer:
        return rate(self.start - self.contraction - self.churned, self.start)

    @property
    def logo_churn(self) -> Answer:
        return rate(self.logos_lost, self.logos)


def _recurring(side: str, counted: Iterable[Counted], question: Question) -> Answer:
    sums = Recurring()
    for each in counted:
        sums.add(Decimal(each.whole), Decimal(each.part))
    found = getattr(sums, side)
    return found if isinstance(found, Answer) else Answer(quotient(found, 1, 2), found)


LABELS: dict[str, tuple[str, Any, Any, Any]] = {
    "mrr.start": (
        "start",
        _("Recurring revenue at the start"),
        _("Billed for subscriptions in the month before the period, net of tax."),
        "money",
    ),
    "mrr.new": ("new", _("New recurring revenue"), _("Of customers who had no subscription in the month before the period."), "money"),
    "mrr.expansion": (
        "expansion",
        _("Expansion"),
        _("By how much customers pay more in the last month than in the month before the period."),
        "money",
    ),
    "mrr.contraction": (
        "contraction",
        _("Contraction"),
        _("By how much customers pay less in the last month than in the month before the period."),
        "money",
    ),
    "mrr.churned": (
        "churned",
        _("Lost recurring revenue"),
        _("Of customers who have no subscription any more in the last month."),
        "money",
    ),
    "mrr.end": ("end", _("Recurring revenue at the end"), _("Start + new + expansion − contraction − lost."), "money"),
    "arr": ("annual", _("Recurring revenue a year"), _("Recurring revenue at the end × 12."), "money"),
    "nrr": ("net_retention", _("Net revenue retention"), _("(Start + expansion − contraction − lost) ÷ start."), "rate"),
    "grr": ("gross_retention", _("Gross revenue retention"), _("(Start − contraction − lost) ÷ start."), "rate"),
    "churn.logo": ("logo_churn", _("Subscribers lost"), _("Customers who have no subscription any more ÷ customers at the start."), "rate"),
}
for _code, (_side, _label, _formula, _unit) in LABELS.items():
    metric(
        _code, label=_label, formula=_formula, unit=_unit, reduce=partial(_recurring, _side), slices=SLICES,
        direction="down" if _side in ("contraction", "churned", "logo_churn") else "up",
    )(recurring)  # fmt: skip
