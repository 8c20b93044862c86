"""What came in, what was promised and planned, and how long a lead takes to become cash."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Counted, Question, Row, mean, median, share, total
from ltc.analytics.past import CHUNK, states_at
from ltc.analytics.registry import metric
from orders.models import CollectionPlanLine, Order
from receivables.metrics.holders import holders
from receivables.metrics.past import PAID, Item, Move, items_then, moves_of, receipts, settled_between
from receivables.models import Payment, PromiseItem, PromiseToPay, ReceivableItem, Refund
from receivables.promises import Verdict, judge

ZERO = Decimal(0)
OWNER = ("customer__owner", "customer__team", "customer__region", "customer__kind")


def dimensions(owner: Any, team: Any, region: str, segment: str) -> tuple[tuple[str, str], ...]:
    """The slices of what belongs to a customer."""
    told = {"owner": owner, "team": team, "region": region, "segment": segment}
    return tuple((name, str(value or "")) for name, value in told.items())


@metric(
    "cash.collected", label=_("Cash collected"), unit="money", reduce=total,
    formula=_("Payments received in the period and not reversed, less refunds of the period, in base currency."),
)  # fmt: skip
def collected(question: Question) -> Iterator[Counted]:
    days = (question.period.first, min(question.period.last, question.today))
    standing = Q(state__in=[Payment.State.POSTED, Payment.State.UNIDENTIFIED]) | Q(state="reversed", reversed_on__gt=question.today)
    received = Payment.objects.visible_to(question.actor).filter(standing, received_on__range=days).order_by()
    holder, columns = holders(question), ("customer", *OWNER)
    rows = received.values_list("pk", "number", "amount_base", "received_on", *columns).iterator(chunk_size=CHUNK)
    for pk, number, amount, day, customer, owner, team, *place in rows:
        whose = (*holder(customer, day, owner, team), *place)
        yield Counted(Row("payment", pk, number or "", dimensions(*whose)), amount or ZERO, 1, "payment")
    returned = Refund.objects.visible_to(question.actor).filter(date__range=days, payment__isnull=False, posted_at__isnull=False)
    returned = returned.filter(Q(reversed_on__isnull=True) | Q(reversed_on__gt=question.today)).order_by()
    for pk, number, amount, day, customer, owner, team, *place in returned.values_list(
        "pk", "payment__number", "amount_base", "payment__received_on", *columns
    ):
        whose = (*holder(customer, day, owner, team), *place)
        yield Counted(Row("refund", pk, number or "", dimensions(*whose)), -(amount or ZERO), 1, "refund")


@dataclass(slots=True)
class PaidOrder:
    """An order with its lead and all its items."""

    id: Any
    number: str
    captured_at: datetime
    gross: Decimal
    state: str
    channel: str
    campaign: str
    owner: Any
    team: Any
    region: str
    segment: str
    product: str = ""
    items: list[Item] = field(default_factory=list)
    kind: str = "order"

    @property
    def label(self) -> str:
        return self.number

    def dimension(self, by: str) -> str:
        return str(getattr(self, by) or "")

    def cashed_on(self, day: date, *, with_retention: bool) -> date | None:
        """The day on which the last item of all its invoices was closed; None while something is open or not billed yet."""
        billed = sum((item.amount for item in self.items), ZERO)
        chosen = [item for item in self.items if with_retention or not item.is_retention]
        if not chosen or (billed < self.gross and self.state != Order.State.CLOSED):
            return None
        days = [item.closed_on(day) for item in chosen]
        return None if None in days else max(filter(None, days))


ORDER = (*("id", "number", "captured", "gross", "state", "channel", "campaign", "owner", "team", "customer__region", "customer__kind"),)


def _lead_to_cash(question: Question, *, with_retention: bool) -> Iterator[Counted]:
    lead = Coalesce("opportunity__lead__captured_at", "lead__captured_at")
    settled = ReceivableItem.objects.filter(settled_between(question.period.first, question.period.last)).order_by()
    paid = settled.filter(invoice__order__isnull=False).values("invoice__order")
    orders = Order.objects.visible_to(question.actor).filter(confirmed_at__lte=question.as_of, pk__in=paid).annotate(captured=lead)
    orders = (
        orders.filter(captured__isnull=False)
        .order_by()
        .annotate(
            channel=Coalesce("opportunity__lead__channel__code", "lead__channel__code"),
            campaign=Coalesce("opportunity__lead__campaign__name", "lead__campaign__name"),
        )
    )
    found = {row[0]: PaidOrder(*row) for row in orders.values_list(*ORDER).iterator(chunk_size=CHUNK)}
    states = states_at(Order, question.as_of)
    for item in items_then(question, Q(invoice__order__in=paid)):
        if item.order in found:
            found[item.order].items.append(item)
    for order in found.values():
        order.state = states.get(order.id) or order.state
        on = order.cashed_on(question.today, with_retention=with_retention)
        if on is not None and question.covers_day(on) and order.state != Order.State.CANCELLED:
            yield Counted(order, (on - order.captured_at.astimezone(question.period.zone).date()).days)


@metric(
    "cycle.lead_to_cash", label=_("Lead to cash"), unit="days", direction="down", reduce=mean,
    formula=_(
        "Mean days from the capture of the lead to the day on which the last item of all invoices of its order was closed, "
        "retention left out."
    ),
)  # fmt: skip
@metric(
    "cycle.lead_to_cash.median", label=_("Lead to cash, median"), unit="days", direction="down", reduce=median,
    formula=_("Median days from the capture of the lead to the day on which the last item of its order was closed, retention left out."),
)  # fmt: skip
def lead_to_cash(question: Question) -> Iterator[Counted]:
    return _lead_to_cash(question, with_retention=False)


@metric(
    "cycle.lead_to_cash.incl_retention", label=_("Lead to cash with retention"), unit="days", direction="down", reduce=mean,
    formula=_("Mean days from the capture of the lead to the day on which the last item of its order, retention included, was closed."),
)  # fmt: skip
def lead_to_all_cash(question: Question) -> Iterator[Counted]:
    return _lead_to_cash(question, with_retention=True)


@metric(
    "coll.promise_kept", label=_("Promises kept"), unit="rate", reduce=share, slices=("owner", "team", "region", "segment"),
    formula=_("Promises to pay due in the period that were kept ÷ (kept + kept in part + broken); superseded and cancelled ones left out."),
)  # fmt: skip
def judged_promises(question: Question) -> Iterator[Counted]:
    """Judged anew by what had come in by `as_of`, so that a later payment changes no earlier answer."""
    today, period = question.today, question.period
    gone = [PromiseToPay.State.SUPERSEDED, PromiseToPay.State.CANCELLED]
    due = PromiseToPay.objects.visible_to(question.actor).filter(
        promised_on__range=(period.first, period.last), made_on__lte=today
    ).exclude(state__in=gone, closed_on__lte=today)  # fmt: skip
    lines: dict[Any, list[tuple[Any, Decimal]]] = {}
    for promise, item, amount in PromiseItem.objects.filter(promise__in=due.order_by().values("pk")).values_list(
        "promise", "item", "amount"
    ):
        lines.setdefault(promise, []).append((item, amount))
    moves: dict[Any, list[Move]] = {}
    wanted = PromiseItem.objects.filter(promise__in=due.order_by().values("pk")).values("item")
    for item, move in moves_of(wanted, today):
        moves.setdefault(item, []).append(move)
    columns = ("pk", "promised_amount", "made_on", "good_until", "promised_on", *OWNER)
    for pk, amount, made, until, on, *whose in due.order_by().values_list(*columns):
        verdict = judge(amount, until, _received(lines.get(pk, []), moves, made), today).verdict
        if verdict is not Verdict.OPEN:
            yield Counted(Row("promise", pk, f"{on}", dimensions(*whose)), int(verdict is Verdict.KEPT), 1, verdict)


def _received(lines: list[tuple[Any, Decimal]], moves: dict[Any, list[Move]], since: date) -> list[tuple[date, Decimal]]:
    """What had come in on the promised items since the promise, day by day, running."""
    since_then = sorted((move.on, move.amount) for item, _amount in lines for move in moves.get(item, []) if move.on >= since)
    running, found = ZERO, dict[date, Decimal]()
    for day, amount in since_then:
        running += amount
        found[day] = running
    return list(found.items())


@metric(
    "coll.plan_attainment", label=_("Collection plan attained"), unit="rate", reduce=share, slices=("owner", "team", "region", "segment"),
    formula=_("Received on items in the period ÷ parts of the collection plans that are due or expected in the period, in base currency."),
)  # fmt: skip
def collected_beside_plan(question: Question) -> Iterator[Counted]:
    last = min(question.period.last, question.today)
    sums: dict[Any, tuple[Item, Decimal]] = {}
    items = items_then(question, settled_between(question.period.first, question.period.last))
    for item, move in receipts(items, question.period.first, last):
        sums[item.id] = item, sums.get(item.id, (item, ZERO))[1] + move.base
    for item, base in sums.values():
        yield Counted(item, base, 0, PAID)
    planned = CollectionPlanLine.objects.visible_to(question.actor).filter(order__confirmed_at__lte=question.as_of)
    planned = planned.exclude(order__state=Order.State.CANCELLED).annotate(day=Coalesce("due_date", "expected_date"))
    planned = planned.filter(day__range=(question.period.first, question.period.last)).order_by()
    whose = ("order__owner", "order__team", "order__customer__region", "order__customer__kind")
    for pk, seq, number, amount, fx, *names in planned.values_list("pk", "seq", "order__number", "amount", "order__fx_rate", *whose):
        yield Counted(Row("collection_plan_line", pk, f"{number} / {seq}", dimensions(*names)), 0, amount * (fx or 1), "plan")
