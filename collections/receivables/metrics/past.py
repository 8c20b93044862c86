"""Receivables as they stood on a day: what was owed, what had settled it by then, and when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ltc.analytics.counted import Question
from ltc.analytics.past import CHUNK
from receivables.metrics.holders import holders
from receivables.models import Allocation, Bill, CreditNote, Invoice, ReceivableItem

ZERO = Decimal(0)
PAID, CREDITED, WRITTEN_OFF = "payment", "credit_note", "write_off"
BAD_DEBT = "bad_debt"
COLUMNS = (
    *("id", "seq", "kind", "amount", "amount_base", "due_date", "released", "released_on", "invoice", "invoice__number"),
    *("invoice__invoice_date", "invoice__order", "customer", "customer__owner", "customer__team", "customer__region", "customer__kind"),
    *("origin", "campaign"),
)


@dataclass(frozen=True, slots=True)
class Move:
    """Something that settled an item on a day, or, with a negative amount, was taken back on it. `base` is the relief of the item."""

    on: date
    amount: Decimal
    base: Decimal
    kind: str
    source: Any = None
    method: str = ""
    matures: date | None = None

    def counts_from(self, waiting: frozenset[str]) -> date:
        """The day from which it counts as paid: bills of the kinds that wait count when they fall due."""
        return max(self.on, self.matures) if self.method in waiting and self.matures is not None else self.on


@dataclass(slots=True)
class Item:
    """An open item with all that was known of it by a day."""

    id: Any
    seq: int
    type: str
    amount: Decimal
    base: Decimal
    due: date | None
    released: bool
    released_on: date | None
    invoice: Any
    number: str
    invoiced_on: date
    order: Any
    customer: Any
    owner: Any
    team: Any
    region: str
    segment: str
    channel: str
    campaign: str
    product: str = ""
    moves: list[Move] = field(default_factory=list)
    kind: str = "receivable_item"

    @property
    def label(self) -> str:
        return f"{self.number} / {self.seq}"

    def dimension(self, by: str) -> str:
        return str(getattr(self, by) or "")

    @property
    def is_retention(self) -> bool:
        return self.type == ReceivableItem.Kind.RETENTION or self.released_on is not None or not self.released

    @property
    def owed_from(self) -> date | None:
        """The day from which it is owed: that of the invoice, or of its release if it was kept back; None while it is."""
        if not self.is_retention or (self.released and self.released_on is None):
            return self.invoiced_on
        return max(self.released_on, self.invoiced_on) if self.released_on is not None else None

    def is_owed(self, day: date) -> bool:
        return self.owed_from is not None and self.owed_from <= day

    def open_on(self, day: date) -> Decimal:
        """What was open at the end of a day, in base currency."""
        return self.base - sum((move.base for move in self.moves if move.on <= day), ZERO)

    def taken(self, day: date, *kinds: str) -> Decimal:
        """What of these kinds had settled it by the end of a day, in its own currency."""
        return sum((move.amount for move in self.moves if move.on <= day and move.kind in kinds), ZERO)

    def taken_base(self, day: date, *kinds: str) -> Decimal:
        return sum((move.base for move in self.moves if move.on <= day and move.kind in kinds), ZERO)

    def days_overdue(self, day: date) -> int:
        return 0 if self.due is None else max(0, (day - self.due).days)

    def credited(self, day: date) -> Decimal:
        return self.taken(day, CREDITED)

    def to_pay(self, day: date) -> Decimal:
        """What is to be paid of it, less the credits that are known on a day."""
        return self.amount - self.credited(day)

    def standing(self) -> Iterator[Move]:
        """What settled it and was not taken back, as far as is known: a payment that bounced later was none."""
        back: dict[tuple[Any, str, Decimal], int] = {}
        for move in self.moves:
            if move.amount < 0:
                back[move.source, move.kind, -move.amount] = back.get((move.source, move.kind, -move.amount), 0) + 1
        for move in self.moves:
            key = move.source, move.kind, move.amount
            if back.get(key, 0):
                back[key] -= 1
            elif move.amount > 0:
                yield move

    def payments(self, day: date, waiting: frozenset[str]) -> list[tuple[date, Move]]:
        """What was paid by the end of a day, in order; a small difference counts as paid, bad debt does not."""
        counting = ((move.counts_from(waiting), move) for move in self.standing() if move.kind in (PAID, WRITTEN_OFF))
        return sorted(((on, move) for on, move in counting if on <= day), key=lambda pair: pair[0])

    def paid(self, day: date, waiting: frozenset[str]) -> Decimal:
        """What was paid by the end of a day, in its own currency."""
        return sum((move.amount for _on, move in self.payments(day, waiting)), ZERO)

    def paid_base(self, day: date, waiting: frozenset[str]) -> Decimal:
        """The same in base currency."""
        return sum((move.base for _on, move in self.payments(day, waiting)), ZERO)

    def collected_on(self, day: date, waiting: frozenset[str]) -> date | None:
        """When it was paid in full, as far as is known on a day; None if it was not, or if there was nothing to pay."""
        due, total, when = self.to_pay(day), ZERO, None
        if due <= 0:
            return None
        for on, move in self.payments(day, waiting):
            total += move.amount
            when = (when or on) if total >= due else None
        return when

    def closed_on(self, day: date) -> date | None:
        """When nothing of it was left open, as far as is known on a day, however it was settled."""
        total, when = ZERO, None
        for move in sorted(self.moves, key=lambda move: move.on):
            if move.on <= day:
                total += move.amount
                when = (when or move.on) if total >= self.amount else None
        return when


def items_then(question: Question, narrowed: Q | None = None) -> Iterator[Item]:
    """The items that were invoiced by the day of `as_of`, with what had happened to them by then, in two queries."""
    today = question.today
    rows = ReceivableItem.objects.visible_to(question.actor).filter(
        Q(invoice__state__in=Invoice.POSTED) | Q(invoice__state=Invoice.State.VOID, invoice__voided_at__gt=question.as_of),
        invoice__invoice_date__lte=today, in_ledger=True,
    )  # fmt: skip
    if narrowed is not None:
        rows = rows.filter(narrowed)
    rows = rows.order_by().annotate(
        origin=Coalesce("invoice__order__opportunity__lead__channel__code", "invoice__order__lead__channel__code"),
        campaign=Coalesce("invoice__order__opportunity__lead__campaign__name", "invoice__order__lead__campaign__name"),
    )
    items = {row[0]: Item(*row) for row in rows.values_list(*COLUMNS).iterator(chunk_size=CHUNK)}
    for pk, move in moves_of(None if narrowed is None else rows.values("pk"), today):
        if (item := items.get(pk)) is not None:
            item.moves.append(move)
    holder = holders(question)
    for item in items.values():
        item.owner, item.team = holder(item.customer, item.invoiced_on, item.owner, item.team)
        if item.released_on is not None and item.released_on > today:
            item.released, item.released_on, item.due = False, None, None
        yield item


def settled_between(first: date, last: date) -> Q:
    """The items of which something was settled, or taken back, on days `first` to `last`, or by a bill that fell due on them."""
    days = (first, last)
    found = Allocation.objects.filter(Q(date__range=days) | Q(reversed_on__range=days) | Q(payment__bills__due_on__range=days))
    return Q(pk__in=found.order_by().values("item"))


def open_since(day: date) -> Q:
    """The items that may have been open on a day or came later: open now, or settled, invoiced or released from that day on."""
    settled = Allocation.objects.filter(Q(date__gte=day) | Q(reversed_on__gte=day)).order_by().values("item")
    later = Q(invoice__invoice_date__gte=day) | Q(released_on__gte=day)
    return Q(open_amount__gt=0) | later | Q(pk__in=settled)


def moves_of(items: Any, today: date) -> Iterator[tuple[Any, Move]]:
    """Everything that settled items, or was taken back, up to a day."""
    found = Allocation.objects.filter(date__lte=today).order_by("date", "pk")
    if items is not None:
        found = found.filter(item__in=items)
    found = found.annotate(matures=Subquery(Bill.objects.filter(payment=OuterRef("payment")).order_by("due_on").values("due_on")[:1]))
    columns = ("item", "date", "amount", "base_item", "kind", "write_off__kind", "reversed_on", "payment", "payment__method", "matures")
    for item, on, amount, base, kind, write_off, reversed_on, payment, *bill in found.values_list(*columns).iterator(chunk_size=CHUNK):
        kind = kind if kind in (PAID, CREDITED) else BAD_DEBT if write_off == BAD_DEBT else WRITTEN_OFF
        yield item, Move(on, amount, base, kind, payment, *bill)
        if reversed_on is not None and reversed_on <= today:
            yield item, Move(max(on, reversed_on), -amount, -base, kind, payment, *bill)


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit note: so much less is owed from its day on."""

    id: Any
    label: str
    on: date
    base: Decimal
    owner: Any
    team: Any
    region: str
    segment: str
    kind: str = "credit_note"

    def dimension(self, by: str) -> str:
        return str(getattr(self, by, "") or "")


def credits_then(question: Question) -> Iterator[Credit]:
    """The credit notes that were issued by the day of `as_of`."""
    notes = CreditNote.objects.visible_to(question.actor).filter(state__in=CreditNote.POSTED, credit_date__lte=question.today)
    columns = ("pk", "number", "credit_date", "gross_base", "customer__region", "customer__kind")
    holder, whose = holders(question), ("customer", "invoice__invoice_date", "customer__owner", "customer__team")
    rows = notes.order_by().values_list(*whose, *columns).iterator(chunk_size=CHUNK)
    for customer, day, owner, team, pk, number, on, base, region, segment in rows:
        yield Credit(pk, number, on, base, *holder(customer, day, owner, team), region, segment)


def receipts(items: Iterable[Item], first: date, last: date) -> Iterator[tuple[Item, Move]]:
    """The payments that were allocated to items on the days `first` to `last` and stand."""
    for item in items:
        yield from ((item, move) for move in item.standing() if move.kind == PAID and first <= move.on <= last)


def day_before(day: date) -> date:
    return day - timedelta(days=1)
