"""What was open of items on a day of the past: today's amounts, less what was settled or taken back since."""

from collections import defaultdict
from collections.abc import Iterable
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
