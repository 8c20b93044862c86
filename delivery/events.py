"""What the delivery stage tells."""

from dataclasses import dataclass

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class ShipmentReleased(Event):
    """The warehouse may pack."""


@dataclass(frozen=True, kw_only=True)
class ShipmentShipped(Event):
    """The goods left us."""


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(Event):
    """The customer signed for the goods."""


@dataclass(frozen=True, kw_only=True)
class AcceptanceAccepted(Event):
    """The customer accepted what was delivered, in words or by silence."""


@dataclass(frozen=True, kw_only=True)
class AcceptanceRejected(Event):
    """The customer did not accept what was delivered."""


@dataclass(frozen=True, kw_only=True)
class PromiseChanged(Event):
    """A delivery date moved."""


@dataclass(frozen=True, kw_only=True)
class CaseResolved(Event):
    """What a customer asked for after the sale is done."""
