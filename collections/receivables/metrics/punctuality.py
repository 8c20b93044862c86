"""Whether customers pay on time, by number and by amount, and how long they take."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Answer, Counted, Question, rate, share
from ltc.analytics.options import options
from ltc.analytics.registry import metric
from receivables.metrics.past import CREDITED, Item, items_then, receipts, settled_between
from receivables.models import Payment

ZERO = Decimal(0)


def due_items(question: Question) -> Iterator[Item]:
    """The items due in the period by the day of `as_of` that are owed and of which something is to be paid."""
    days = Q(due_date__range=(question.period.first, min(question.period.last, question.today)))
    for item in items_then(question, days):
        if item.due is not None and item.is_owed(question.today) and item.to_pay(question.today) > 0:
            yield item


def waiting_bills(*, cash: bool = False) -> frozenset[str]:
    """The bills of exchange that are no payment until they fall due: commercial ones, and bank bills if the company says so."""
    if cash:
        return frozenset(Payment.BILLS)
    bank = () if options().bill_counts_as_paid else (Payment.Method.BANK_BILL,)
    return frozenset({Payment.Method.COMMERCIAL_BILL, Payment.Method.E_NOTE, *bank})


def is_on_time(item: Item, question: Question, grace_days: int, waiting: frozenset[str]) -> bool:
    """Whether all that is to be paid of an item was paid by its due day."""
    assert item.due is not None
    return item.paid(item.due + timedelta(days=grace_days), waiting) >= item.to_pay(question.today)


def _items(question: Question, *, cash: bool) -> Iterator[Counted]:
    grace, waiting = options().collection_grace_days, waiting_bills(cash=cash)
    return (Counted(item, int(is_on_time(item, question, grace, waiting))) for item in due_items(question))


@metric(
    "coll.on_time", label=_("Items paid on time"), unit="rate", reduce=share,
    formula=_("Items due in the period that were paid in full by their due day ÷ items due in the period; those credited whole left out."),
)  # fmt: skip
def items_on_time(question: Question) -> Iterator[Counted]:
    return _items(question, cash=False)


@metric(
    "coll.on_time.cash", label=_("Items paid on time in cash"), unit="rate", reduce=share,
    formula=_("As items paid on time, but a bill of exchange counts on the day on which it falls due."),
)  # fmt: skip
def items_on_time_in_cash(question: Question) -> Iterator[Counted]:
    return _items(question, cash=True)


def _amounts(question: Question, *, cash: bool) -> Iterator[Counted]:
    grace, waiting = timedelta(days=options().collection_grace_days), waiting_bills(cash=cash)
    for item in due_items(question):
        assert item.due is not None
        due = item.base - item.taken_base(question.today, CREDITED)
        yield Counted(item, min(due, item.paid_base(item.due + grace, waiting)), due)


@metric(
    "coll.on_time.amount", label=_("Amount paid on time"), unit="rate", reduce=share,
    formula=_("Amount paid by the due day ÷ amount due in the period, less credits, in base currency."),
)  # fmt: skip
def amount_on_time(question: Question) -> Iterator[Counted]:
    return _amounts(question, cash=False)


@metric(
    "coll.on_time.amount.cash", label=_("Amount paid on time in cash"), unit="rate", reduce=share,
    formula=_("As amount paid on time, but a bill of exchange counts on the day on which it falls due."),
)  # fmt: skip
def amount_on_time_in_cash(question: Question) -> Iterator[Counted]:
    return _amounts(question, cash=True)


@metric(
    "coll.on_time.paid_basis", label=_("Paid items that were on time"), unit="rate", reduce=share,
    formula=_("Items paid in full in the period that were paid by their due day ÷ items paid in full in the period."),
)  # fmt: skip
def collected_on_time(question: Question) -> Iterator[Counted]:
    grace, waiting = options().collection_grace_days, waiting_bills()
    for item in items_then(question, settled_between(question.period.first, question.period.last)):
        if question.covers_day(item.collected_on(question.today, waiting)):
            yield Counted(item, int(item.due is not None and is_on_time(item, question, grace, waiting)))


def _days(counted: Iterable[Counted], question: Question) -> Answer:
    part = whole = ZERO
    for each in counted:
        part, whole = part + each.part, whole + each.whole
    return rate(part, whole, 2)


@metric(
    "ar.days_to_pay", label=_("Days to pay"), unit="days", direction="down", reduce=_days,
    formula=_("Days from the invoice to the receipt, weighted by amount, of what was received on items in the period."),
)  # fmt: skip
def days_to_pay(question: Question) -> Iterator[Counted]:
    return _weighted(question, lambda item, on: (on - item.invoiced_on).days)


@metric(
    "ar.avg_late_days", label=_("Days paid late"), unit="days", direction="down", reduce=_days,
    formula=_("Days from the due day to the receipt, none if it came earlier, weighted by amount, of what was received in the period."),
)  # fmt: skip
def late_days(question: Question) -> Iterator[Counted]:
    return _weighted(question, lambda item, on: item.days_overdue(on))


def _weighted(question: Question, days: Callable[[Item, date], int]) -> Iterator[Counted]:
    sums: dict[object, tuple[Item, Decimal, Decimal]] = {}
    items = items_then(question, settled_between(question.period.first, question.period.last))
    for item, move in receipts(items, question.period.first, min(question.period.last, question.today)):
        _item, part, whole = sums.get(item.id, (item, ZERO, ZERO))
        sums[item.id] = item, part + move.base * days(item, move.on), whole + move.base
    for item, part, whole in sums.values():
        yield Counted(item, part, whole)
