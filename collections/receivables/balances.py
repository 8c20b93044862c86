"""What was open of items on a day of the past: today's amounts, less what was settled or taken back since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from django.db.models import Q

from receivables.models import Allocation

Change: TypeAlias = tuple[date, Decimal]


def changes_since(items: Iterable[Any], day: date) -> dict[Any, list[Change]]:
    """How the open amounts of items (by id) changed on and after a day, in date order: settled is less than zero."""
    found: dict[Any, list[Change]] = defaultdict(list)
    allocations = Allocation.objects.filter(Q(date__gte=day) | Q(reversed_on__gte=day), item__in=list(items))
    for item, amount, on, taken_back in allocations.values_list("item_id", "amount", "date", "reversed_on"):
        if on >= day:
            found[item].append((on, -amount))
        if taken_back is not None and taken_back >= day:
            found[item].append((taken_back, amount))
    return {item: sorted(changes) for item, changes in found.items()}


def open_on(now: Decimal, changes: Iterable[Change], day: date) -> Decimal:
    """What was open at the end of a day, of an item of which so much is open now."""
    return now - sum((change for on, change in changes if on > day), Decimal(0))


def written_off_since(items: Iterable[Any], day: date) -> dict[Any, list[Change]]:
    """What was written off or discounted of items (by id) on and after a day: it settles them, but nobody paid it."""
    found: dict[Any, list[Change]] = defaultdict(list)
    kinds = [Allocation.Kind.WRITE_OFF, Allocation.Kind.DISCOUNT]
    allocations = Allocation.objects.filter(item__in=list(items), kind__in=kinds, date__gte=day)
    for item, amount, on, taken_back in allocations.values_list("item_id", "amount", "date", "reversed_on"):
        found[item].append((on, amount))
        if taken_back is not None:
            found[item].append((taken_back, -amount))
    return found


def came_in(
    promise: Any, rows: Sequence[Any], changes: Mapping[Any, Sequence[Change]], lost: Mapping[Any, Sequence[Change]]
) -> list[Change]:
    """On which days something came in for a promise, each with all that had come in by then.

    Of each of its items what is open less than then counts, but not what was written off, and nothing below zero.
    """
    moves = [(row.item.open_amount, row.open_then, changes.get(row.item_id, ()), lost.get(row.item_id, ())) for row in rows]
    days = sorted({day for _now, _then, moved, _lost in moves for day, _delta in moved if day >= promise.made_on})

    def received(day: date) -> Decimal:
        total = Decimal(0)
        for now, then, moved, written in moves:
            gone = sum((amount for on, amount in written if on <= day), Decimal(0))
            total += max(Decimal(0), then - open_on(now, moved, day) - gone)
        return total

    return [(day, received(day)) for day in days]
