"""What is owed, what came in, and how long a lead takes to become cash."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Counted, Question, Row, days_between, mean, median, total
from ltc.analytics.registry import metric
from orders.models import Order
from receivables.models import Payment, ReceivableItem

ZERO = Decimal(0)


def _open(question: Question, **narrowed: object) -> Iterator[Counted]:
    items = ReceivableItem.objects.visible_to(question.actor).filter(open_amount__gt=0, released=True, **narrowed)
    for pk, seq, amount in items.order_by().values_list("pk", "invoice__number", "open_base"):
        yield Counted(Row("receivableitem", pk, str(seq)), amount)


@metric(
    "ar.outstanding", label=_("Receivables"), unit="money", direction="down", reduce=total,
    formula=_("Open amounts of all released items of issued invoices, in base currency, now."),
)  # fmt: skip
def outstanding(question: Question) -> Iterator[Counted]:
    return _open(question)


@metric(
    "ar.overdue", label=_("Overdue"), unit="money", direction="down", reduce=total,
    formula=_("Open amounts whose due date is before today in the tenant's zone, in base currency, now."),
)  # fmt: skip
def overdue(question: Question) -> Iterator[Counted]:
    return _open(question, due_date__lt=question.today)


@metric(
    "cash.collected", label=_("Cash collected"), unit="money", reduce=total,
    formula=_("Payments posted and not reversed, received in the period, in base currency."),
)  # fmt: skip
def collected(question: Question) -> Iterator[Counted]:
    days = (question.period.first, min(question.period.last, question.today))
    received = Payment.objects.visible_to(question.actor).filter(state=Payment.State.POSTED, received_on__range=days)
    for pk, number, amount in received.order_by().values_list("pk", "number", "amount_base"):
        yield Counted(Row("payment", pk, number or ""), amount or ZERO)


@metric(
    "cycle.lead_to_cash", label=_("Lead to cash"), unit="days", direction="down", reduce=mean,
    formula=_("Mean days from the capture of the lead to the closing of its order, of orders delivered, billed and paid in the period."),
)  # fmt: skip
@metric(
    "cycle.lead_to_cash.median", label=_("Lead to cash, median"), unit="days", direction="down", reduce=median,
    formula=_("Median days from the capture of the lead to the closing of its order, of orders paid in the period."),
)  # fmt: skip
def lead_to_cash(question: Question) -> Iterator[Counted]:
    closed = Order.objects.visible_to(question.actor).filter(
        closed_at__gte=question.period.start, closed_at__lt=question.period.end, closed_at__lte=question.as_of
    )
    rows = closed.filter(opportunity__lead__isnull=False).exclude(state="cancelled").order_by()
    for pk, number, start, end in rows.values_list("pk", "number", "opportunity__lead__captured_at", "closed_at"):
        if end is not None:
            yield Counted(Row("order", pk, number), days_between(start, end))
