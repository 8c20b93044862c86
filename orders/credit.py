"""Whether a customer's credit covers an order. Pure, but for the register of those who know what the customer owes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

LONGEST_OVERDUE: Final = 60


@dataclass(frozen=True)
class Owed:
    """What a customer owes on invoices, in the base currency with tax, and how late its oldest open item is, in days."""

    receivables: Decimal = Decimal(0)
    unallocated_advances: Decimal = Decimal(0)
    oldest_overdue_days: int = 0


Source = Callable[[Any], Owed]
_sources: list[Source] = []


def register_exposure(source: Source) -> Source:
    """Register who knows what a customer owes: collections, which works downstream. Called with the customer."""
    _sources.append(source)
    return source


def owed_by(customer: Any) -> Owed:
    """What all registered sources say of a customer, together."""
    found = [source(customer) for source in _sources]
    return Owed(
        receivables=sum((owed.receivables for owed in found), Decimal(0)),
        unallocated_advances=sum((owed.unallocated_advances for owed in found), Decimal(0)),
        oldest_overdue_days=max((owed.oldest_overdue_days for owed in found), default=0),
    )


@dataclass(frozen=True)
class Position:
    """A customer's credit as one order finds it; amounts in the base currency with tax.

    `not_invoiced` is what is delivered or promised and not invoiced yet: what is invoiced is in the receivables and counts once.
    """

    limit: Decimal | None
    on_hold: bool
    owed: Owed
    not_invoiced: Decimal
    unsecured: Decimal

    @property
    def exposure(self) -> Decimal:
        """What we stand to lose before this order."""
        return self.owed.receivables + self.not_invoiced - self.owed.unallocated_advances

    @property
    def is_late(self) -> bool:
        return self.owed.oldest_overdue_days > LONGEST_OVERDUE

    @property
    def exceeds_limit(self) -> bool:
        return self.limit is not None and self.exposure + self.unsecured > self.limit

    @property
    def passes(self) -> bool:
        """No hold, nothing overdue for more than 60 days, and exposure with this order's unsecured part within the limit."""
        return not (self.on_hold or self.is_late or self.exceeds_limit)
