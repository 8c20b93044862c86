import uuid
from dataclasses import dataclass

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(Event):
    """A customer is in the books."""


@dataclass(frozen=True, kw_only=True)
class CustomerActivated(Event):
    """A customer ordered, for the first time or again."""


@dataclass(frozen=True, kw_only=True)
class CreditHoldSet(Event):
    """A customer may not be supplied for now."""


@dataclass(frozen=True, kw_only=True)
class CreditHoldCleared(Event):
    """A customer may be supplied again."""


@dataclass(frozen=True, kw_only=True)
class CustomerBlacklisted(Event):
    """There is to be no new business with a customer."""


@dataclass(frozen=True, kw_only=True)
class CustomerMerged(Event):
    """A customer was the same as another, which has its business now. `record` is the one that went."""

    survivor: uuid.UUID
