"""What the order stage tells: delivery and collections work on this news."""

import uuid
from dataclasses import dataclass
from datetime import date

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(Event):
    """We promised to deliver, and the customer to pay: baseline, exchange rate and collection plan are fixed."""


@dataclass(frozen=True, kw_only=True)
class OrderHeld(Event):
    """Nothing of this order may be released for shipment for now."""


@dataclass(frozen=True, kw_only=True)
class OrderReleased(Event):
    """Work on a held order goes on."""


@dataclass(frozen=True, kw_only=True)
class PlanLineTriggered(Event):
    """A part of the price became billable. `record` is the order, `plan_line` the part, `on` the day from which its term runs."""

    plan_line: uuid.UUID
    on: date


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """Everything was delivered, and accepted where that was agreed."""


@dataclass(frozen=True, kw_only=True)
class OrderClosed(Event):
    """Everything was billed and paid."""


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The order is off; nothing of it was delivered or invoiced."""
