"""What the sales stage tells: whoever works downstream of a deal listens here."""

from dataclasses import dataclass

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class OpportunityCreated(Event):
    """A deal was opened, from a lead or for a customer that we know."""


@dataclass(frozen=True, kw_only=True)
class StageChanged(Event):
    """A deal moved along its path, forward or back."""


@dataclass(frozen=True, kw_only=True)
class OpportunityWon(Event):
    """The customer signed; an order may be drafted."""


@dataclass(frozen=True, kw_only=True)
class OpportunityLost(Event):
    """The customer bought elsewhere, or nothing."""


@dataclass(frozen=True, kw_only=True)
class OpportunityCancelled(Event):
    """There never was, or no longer is, anything to win: counted in no win rate."""


@dataclass(frozen=True, kw_only=True)
class OpportunityReopened(Event):
    """A deal that was given up lives again."""


@dataclass(frozen=True, kw_only=True)
class OpportunityUnwon(Event):
    """A deal that was counted as won is not: it leaves the win metrics."""
