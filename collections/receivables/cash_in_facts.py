"""What a forecast of cash knows of a day: the items open then, how payers had paid by then, what was promised and disputed.

Read once, asked for any day: what was settled, promised or disputed later is not known on it, so that a past forecast can be made again
as things stood and be held against what came in.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.db.models import Q

from ltc.analytics.past import CHUNK
from ltc.users.actors import Actor
from receivables.cash_in import Habits, Part, Spells
from receivables.models import Allocation, Dispute, Invoice, PromiseItem, PromiseToPay, ReceivableItem

LOOK_BACK: Final = timedelta(days=540)
MOST_SETTLED: Final = 40_000  # settled items that tell habits, the latest ones
UNIT: Final = 10_000  # amounts are whole ten-thousandths of the base currency
ANSWERED_IN: Final = 14  # days that answering a dispute takes at least
Decided = PromiseToPay.State
CREDIT_FOR: Final[dict[str, float]] = {Decided.KEPT: 1.0, Decided.PARTIALLY_KEPT: 0.5, Decided.BROKEN: 0.0}
NEVER: Final = date.max.toordinal()


@dataclass(slots=True)
class Move:
    """So much of an item was settled on a day and, perhaps, taken back on another."""

    on: int
    back_on: int
    base: int
    is_cash: bool

    def stands(self, day: int) -> bool:
        return self.on <= day < self.back_on


@dataclass(slots=True)
class Owed:
    """An item: when it began to be owed and is due (ordinals), how much it is, and what has happened to it."""

    id: Any
    payer: int
    due: int
    since: int
    base: int
    label: str
    whose: tuple[Any, ...]
    moves: list[Move] = field(default_factory=list)
    promises: list["Promised"] = field(default_factory=list)
    disputes: list["Disputed"] = field(default_factory=list)

    def open_on(self, day: int) -> int:
        """What is open at the end of a day; nothing before it is owed."""
        return self.base - sum(move.base for move in self.moves if move.stands(day)) if self.since <= day else 0


@dataclass(frozen=True, slots=True)
class Promised:
    """So much of an item (as a share) was promised for some days, on a day, and was decided on another."""

    share: float
    made: int
    first: int
    last: int
    ended: int


@dataclass(frozen=True, slots=True)
class Disputed:
    """So much of an item (as a share) is disputed from one day to another and answered by a third."""

    share: float
    opened: int
    closed: int
    due: int


@dataclass
class CashFacts:
    """All items that matter, and how payers kept their promises."""

    items: list[Owed]
    kept: list[tuple[int, int, float]]

    def habits(self, day: int) -> Habits:
        """How payers pay, as far as was known at the end of a day."""
        rows = [spell for item in self.items if item.since <= day for spell in _spells(item, day)]
        columns = list(zip(*rows, strict=True)) if rows else [()] * 5
        kept: dict[int, tuple[float, int]] = {}
        for payer, on, credit in self.kept:
            if on <= day:
                total, number = kept.get(payer, (0.0, 0))
                kept[payer] = total + credit, number + 1
        return Habits(
            Spells(
                np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[2], np.int64),
                np.array(columns[3], np.float64), np.array(columns[4], np.bool_),
            ),
            kept,
        )  # fmt: skip

    def parts(self, day: int) -> Iterator[tuple[Owed, Part]]:
        """What was open at the end of a day: the promised part of each item, the disputed one, and the rest."""
        for item in self.items:
            left = item.open_on(day)
            if left <= 0:
                continue
            standing = [each for each in item.promises if each.made <= day < each.ended and each.last >= day]
            promised = 0
            if standing:
                chosen = max(standing, key=lambda each: each.made)
                came = sum(move.base for move in item.moves if move.is_cash and move.on >= chosen.made and move.stands(day))
                promised = max(0, min(left, round(item.base * chosen.share) - came))
            if promised:
                yield item, Part(item.id, item.payer, promised, item.due, promised=(chosen.first, chosen.last))
            objections = [each for each in item.disputes if each.opened <= day < each.closed]
            disputed = min(left - promised, round(item.base * sum(each.share for each in objections)))
            if disputed:
                answered = max(*(each.due for each in objections), day + ANSWERED_IN)
                yield item, Part(item.id, item.payer, disputed, item.due, not_before=answered)
            if rest := left - promised - disputed:
                yield item, Part(item.id, item.payer, rest, item.due)

    def came_in(self, known: int, first: int, last: int) -> int:
        """What was received on some days, and stands, for the items that were owed at the end of day `known`."""
        return sum(
            move.base
            for item in self.items
            if item.since <= known
            for move in item.moves
            if move.is_cash and first <= move.on <= last and move.back_on == NEVER
        )


def _spells(item: Owed, day: int) -> Iterator[tuple[int, int, int, float, bool]]:
    """The spells of an item as seen at the end of a day: payer, delays at start and end, share of the item, whether paid."""
    if not item.base:
        return
    start, left = item.since - item.due, item.base
    for move in item.moves:
        if move.stands(day):
            yield item.payer, start, move.on - item.due, move.base / item.base, move.is_cash
            left -= move.base
    if left > 0:
        yield item.payer, start, day - item.due, left / item.base, False


def facts_of(actor: Actor, today: date) -> CashFacts:
    """The items that the actor sees: open ones, and those settled in the last year and a half."""
    owed = ReceivableItem.objects.visible_to(actor).filter(
        in_ledger=True, released=True, due_date__isnull=False, amount_base__gt=0, invoice__state__in=Invoice.POSTED
    )
    settled = owed.filter(closed_on__gte=today - LOOK_BACK).order_by("-closed_on").values_list("closed_on", flat=True)
    since = next(iter(settled[MOST_SETTLED : MOST_SETTLED + 1]), None) or today - LOOK_BACK
    chosen = owed.filter(Q(open_amount__gt=0) | Q(closed_on__gte=since)).order_by()
    payers: dict[Any, int] = {}
    items: dict[Any, Owed] = {}
    columns = (
        "pk", "customer", "due_date", "invoice__invoice_date", "released_on", "amount_base", "invoice__number", "seq", "customer__owner",
        "customer__team", "customer__region", "customer__kind",
    )  # fmt: skip
    for pk, customer, due, invoiced, released, base, number, seq, *whose in chosen.values_list(*columns).iterator(chunk_size=CHUNK):
        began = max(filter(None, (invoiced, released)))
        payer = payers.setdefault(customer, len(payers))
        items[pk] = Owed(pk, payer, due.toordinal(), began.toordinal(), units(base), f"{number} / {seq}", tuple(whose))
    _read_moves(items, chosen.values("pk"))
    _read_disputes(items, since)
    return CashFacts(list(items.values()), _read_promises(items, payers, since))


def units(amount: Decimal) -> int:
    return int(amount * UNIT)


def _day(on: date | None) -> int:
    return on.toordinal() if on is not None else NEVER


def _read_moves(items: dict[Any, Owed], wanted: Any) -> None:
    found = Allocation.objects.filter(item__in=wanted).order_by("date", "pk")
    for pk, on, back_on, base, kind in found.values_list("item", "date", "reversed_on", "base_item", "kind").iterator(chunk_size=CHUNK):
        if pk in items:
            items[pk].moves.append(Move(on.toordinal(), _day(back_on), units(base), kind == Allocation.Kind.PAYMENT))


def _read_disputes(items: dict[Any, Owed], since: date) -> None:
    standing = Dispute.objects.filter(Q(resolved_on__isnull=True) | Q(resolved_on__gte=since))
    rows = standing.values_list("item", "amount", "item__amount", "opened_on", "resolved_on", "due_on")
    for pk, amount, whole, opened, resolved, due in rows:
        if pk in items and whole:
            items[pk].disputes.append(Disputed(float(amount / whole), opened.toordinal(), _day(resolved), _day(due) if due else 0))


def _read_promises(items: dict[Any, Owed], payers: dict[Any, int], since: date) -> list[tuple[int, int, float]]:
    """Put promises on their items; how those that are decided came out."""
    relevant = PromiseToPay.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=since))
    rows: dict[Any, list[tuple[Any, Decimal, Decimal]]] = defaultdict(list)
    for promise, pk, amount, whole in PromiseItem.objects.filter(promise__in=relevant.values("pk")).values_list(
        "promise", "item", "amount", "item__amount"
    ):
        rows[promise].append((pk, amount, whole))
    kept = []
    for pk, customer, state, made, first, last, closed in relevant.order_by("made_at", "pk").values_list(
        "pk", "customer", "state", "made_on", "promised_on", "good_until", "closed_on"
    ):
        for item, amount, whole in rows[pk]:
            if item in items and whole:
                days = (made.toordinal(), first.toordinal(), last.toordinal(), _day(closed))
                items[item].promises.append(Promised(float(amount / whole), *days))
        if customer in payers and state in CREDIT_FOR and closed is not None:
            kept.append((payers[customer], closed.toordinal(), CREDIT_FOR[state]))
    return kept
