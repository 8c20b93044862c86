"""What this stage tells: each event's `record` is the lead's id."""

from dataclasses import dataclass

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class LeadCaptured(Event):
    """Someone who may want to buy has become known."""


@dataclass(frozen=True, kw_only=True)
class LeadAssigned(Event):
    """A lead has got an owner, or another one."""


@dataclass(frozen=True, kw_only=True)
class LeadQualified(Event):
    """A lead has turned out to be worth a salesperson's time."""


@dataclass(frozen=True, kw_only=True)
class LeadPutAside(Event):
    """A lead is the right one at the wrong time, and nurtured until a date."""


@dataclass(frozen=True, kw_only=True)
class LeadReactivated(Event):
    """A lead that was left alone for a while is worked on again."""


@dataclass(frozen=True, kw_only=True)
class LeadConverted(Event):
    """A lead has become a customer with an opportunity."""


@dataclass(frozen=True, kw_only=True)
class LeadDisqualified(Event):
    """A lead has turned out not to be one."""


@dataclass(frozen=True, kw_only=True)
class LeadReturned(Event):
    """A lead has no owner any more and is in the pool."""


@dataclass(frozen=True, kw_only=True)
class LeadSlaBreached(Event):
    """A lead has not been answered in the time that its grade gives."""


@dataclass(frozen=True, kw_only=True)
class LeadReclaimed(Event):
    """The pool's rules took a lead from its owner."""


@dataclass(frozen=True, kw_only=True)
class LeadScoreChanged(Event):
    """A lead's score has moved by five points or more, or to another grade."""

    before: int
    after: int
    grade: str


@dataclass(frozen=True, kw_only=True)
class LeadBecameMarketingQualified(Event):
    """A lead has become worth handing to sales, for the first time."""
