"""How long work lies between two hands, and what lies there: delivered and not billed, billed and not collected, kept back."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from delivery.metrics.accepted import accepted_by
from delivery.metrics.past import promises_then
from ltc.analytics.counted import Answer, Counted, Question, Row, days_between, total
from ltc.analytics.lags import lag
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric
from ltc.money.rounding import round_half_up
from orders.models import Order, OrderLine
from receivables.metrics.cash import OWNER, dimensions
from receivables.metrics.past import items_then, open_since, settled_between
from receivables.models import Invoice, TaxInvoice

ZERO = Decimal(0)
SLICES = ("owner", "team", "region", "segment")
LATER = "later"


def _issued(question: Question) -> Any:
    """The invoices issued by the day of `as_of` that stand."""
    return Invoice.objects.visible_to(question.actor).filter(state__in=Invoice.POSTED, invoice_date__lte=question.today).order_by()


@lag(
    "lag.invoice", target="invoice", label=_("Acceptance to invoice"), slices=SLICES,
    formula=_("Median days from the last acceptance of an order to its invoice, of invoices issued in the period after an acceptance."),
)  # fmt: skip
def acceptance_to_invoice(question: Question) -> Iterator[Counted]:
    accepted: dict[Any, list[date]] = {}
    for part in accepted_by(question.today):
        accepted.setdefault(part.order, []).append(part.on)
    found = _issued(question).filter(invoice_date__range=(question.period.first, question.period.last), order__isnull=False)
    columns = ("pk", "number", "order", "invoice_date", *OWNER)
    for pk, number, order, day, *whose in found.values_list(*columns).iterator(chunk_size=CHUNK):
        last = max((on for on in accepted.get(order, ()) if on <= day), default=None)
        if last is not None:
            yield Counted(Row("invoice", pk, number or "", dimensions(*whose)), (day - last).days)


@lag(
    "lag.invoice_sent", target="invoice_sent", label=_("Invoice to dispatch"), slices=SLICES,
    formula=_("Median days from the issue of an invoice to its dispatch, of invoices sent in the period."),
)  # fmt: skip
def invoice_to_dispatch(question: Question) -> Iterator[Counted]:
    found = _issued(question).filter(question.period.within("sent_at"), sent_at__lte=question.as_of, issued_at__isnull=False)
    for pk, number, start, end, *whose in found.values_list("pk", "number", "issued_at", "sent_at", *OWNER).iterator(chunk_size=CHUNK):
        yield Counted(Row("invoice", pk, number or "", dimensions(*whose)), days_between(start, end))


@lag(
    "lag.closed", target="closed", label=_("Due day to closing"),
    formula=_("Median days from the due day of an item to the day on which nothing of it was open, of items closed in the period."),
)  # fmt: skip
def due_to_closing(question: Question) -> Iterator[Counted]:
    for item in items_then(question, settled_between(question.period.first, question.period.last)):
        closed = item.closed_on(question.today)
        if item.due is not None and closed is not None and question.covers_day(closed):
            yield Counted(item, (closed - item.due).days)


@lag(
    "lag.order", target="order", label=_("Order day to confirmation"), slices=SLICES,
    formula=_("Median days from the day of the customer's order to its confirmation, of orders confirmed in the period."),
)  # fmt: skip
def order_to_confirmation(question: Question) -> Iterator[Counted]:
    orders = Order.objects.visible_to(question.actor).filter(question.period.within("confirmed_at"), confirmed_at__lte=question.as_of)
    rows = orders.order_by().values_list("pk", "number", "order_date", "confirmed_at", "owner", "team", *OWNER[2:])
    for pk, number, start, end, *whose in rows.iterator(chunk_size=CHUNK):
        on = end.astimezone(question.period.zone).date() if end is not None else start
        yield Counted(Row("order", pk, number, dimensions(*whose)), max(0, (on - start).days))


@lag(
    "lag.tax_invoice", target="tax_invoice", label=_("Invoice to tax invoice"), slices=SLICES,
    formula=_("Median days from the issue of an invoice to that of its first tax invoice, of tax invoices issued in the period."),
)  # fmt: skip
def invoice_to_tax_invoice(question: Question) -> Iterator[Counted]:
    blue = TaxInvoice.objects.filter(invoice=OuterRef("pk"), direction=TaxInvoice.Direction.BLUE, issued_at__isnull=False)
    first = Subquery(blue.order_by("issued_at").values("issued_at")[:1])
    found = _issued(question).annotate(taxed=first).filter(question.period.within("taxed"), taxed__lte=question.as_of)
    for pk, number, start, end, *whose in found.values_list("pk", "number", "issued_at", "taxed", *OWNER).iterator(chunk_size=CHUNK):
        if start is not None:
            yield Counted(Row("invoice", pk, number or "", dimensions(*whose)), max(ZERO, days_between(start, end)))


def _left(sums: dict[Any, Decimal], question: Question) -> Iterator[Counted]:
    """What is left of each order's delivered worth once what was invoiced of it is taken off."""
    today = question.today
    for order, amount in Invoice.objects.filter(
        Q(state__in=Invoice.POSTED), invoice_date__lte=today, order__in=list(sums)
    ).values_list("order", "gross_base"):  # fmt: skip
        sums[order] -= amount or ZERO
    orders = Order.objects.visible_to(question.actor).filter(pk__in=[pk for pk, amount in sums.items() if amount > 0]).order_by()
    for pk, number, *whose in orders.values_list("pk", "number", "owner", "team", *OWNER[2:]):
        yield Counted(Row("order", pk, number, dimensions(*whose)), sums[pk])


@metric(
    "stock.delivered_not_invoiced", label=_("Delivered, not invoiced"), unit="money", direction="down", reduce=total, slices=SLICES,
    formula=_("Worth of what was delivered of each order at the given instant, less what was invoiced of it, in base currency."),
)  # fmt: skip
def delivered_not_invoiced(question: Question) -> Iterator[Counted]:
    worth = _worth_of_lines(question)
    sums: dict[Any, Decimal] = {}
    for promise in promises_then(question):
        per_unit = worth.get((promise.order, promise.line_no))
        if per_unit is None:
            continue
        qty = promise.qty if promise.is_milestone and promise.completed_on else promise.quantity_by(question.today)
        sums[promise.order] = sums.get(promise.order, ZERO) + qty * per_unit
    return _left(sums, question)


def _worth_of_lines(question: Question) -> dict[tuple[Any, int], Decimal]:
    """The worth of one unit of each order line, in base currency."""
    lines = OrderLine.objects.filter(order__confirmed_at__lte=question.as_of).annotate(rate=F("order__fx_rate"))
    rows = lines.order_by().values_list("order", "line_no", "gross", "qty", "rate").iterator(chunk_size=CHUNK)
    return {(order, number): gross / qty * (rate or 1) for order, number, gross, qty, rate in rows if qty}


@metric(
    "stock.accepted_not_invoiced", label=_("Accepted, not invoiced"), unit="money", direction="down", reduce=total, slices=SLICES,
    formula=_("Worth of what customers had accepted of each order at the given instant, less what was invoiced of it, in base currency."),
)  # fmt: skip
def accepted_not_invoiced(question: Question) -> Iterator[Counted]:
    worth, sums = _worth_of_lines(question), dict[Any, Decimal]()
    for part in accepted_by(question.today):
        if (part.order, part.line_no) in worth:
            sums[part.order] = sums.get(part.order, ZERO) + part.qty * worth[part.order, part.line_no]
    return _left(sums, question)


@metric(
    "stock.invoiced_not_collected", label=_("Invoiced, not collected"), unit="money", direction="down", reduce=total,
    formula=_("Open amounts of all items at the given instant, retention included, in base currency."),
)  # fmt: skip
def invoiced_not_collected(question: Question) -> Iterator[Counted]:
    for item in items_then(question, open_since(question.today)):
        if amount := item.open_on(question.today):
            yield Counted(item, amount)


def _by_month(counted: Iterable[Counted], question: Question) -> Answer:
    months: dict[str, Decimal] = {}
    for each in counted:
        months[each.role] = months.get(each.role, ZERO) + each.part
    months = dict(sorted(months.items())) | {"total": sum(months.values(), ZERO)}
    return Answer(None, months["total"], table={month: f"{round_half_up(amount):f}" for month, amount in months.items()})


@metric(
    "stock.retention", label=_("Retention kept back"), unit="money", direction="down", reduce=_by_month, is_table=True,
    formula=_("Open retention at the given instant by the month in which its release is expected; “later” where no day is planned."),
)  # fmt: skip
def retention(question: Question) -> Iterator[Counted]:
    expected: dict[Any, date | None] = {}
    kept = [item for item in items_then(question, open_since(question.today)) if item.is_retention and not item.is_owed(question.today)]
    if kept:
        planned = Invoice.objects.filter(pk__in=[item.invoice for item in kept]).values_list("items", "items__plan_line__expected_date")
        expected = dict(planned)
    for item in kept:
        day = expected.get(item.id)
        if amount := item.open_on(question.today):
            yield Counted(item, amount, 1, f"{day:%Y-%m}" if day else LATER)
