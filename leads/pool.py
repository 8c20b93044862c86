"""The rules of the public pool: who may take what out of it, what goes back to it and when, how soon a lead wants an answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# Business minutes from the assignment to the first answer, by grade.
FIRST_RESPONSE_MINUTES = {"A": 60, "B": 240, "C": 960}
# A lead of the best grade that nobody has spoken to in so many business minutes goes to another rep.
HOT_LEFT_ALONE_MINUTES = 24 * 60
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PoolRules:
    """What one pool asks: limits of claiming, and after how many days without a touch or without progress a record goes back."""

    idle_days: int = 15
    no_progress_days: int = 45
    warn_before_days: int = 3
    daily_claim_limit: int = 10
    holding_cap: int = 200
    customer_holding_cap: int = 300
    cooldown_days: int = 7
    protect_max: int = 20
    protect_days: int = 60
    new_lead_grace_hours: int = 24

    def changed(self, changes: Mapping[str, int]) -> "PoolRules":
        """The same rules with some of them otherwise."""
        return PoolRules(**{**self.__dict__, **changes})


class Fate(StrEnum):
    """What the nightly sweep does with a record."""

    KEEP = "keep"
    WARN = "warn"
    RECLAIM = "reclaim"


class Cause(StrEnum):
    """Why a record goes back, or why it stays although its time is up."""

    IDLE = "idle"
    NO_PROGRESS = "no_progress"
    PROTECTED = "protected"
    ON_LEAVE = "on_leave"
    OPEN_BUSINESS = "open_business"
    FRESH = "fresh"


@dataclass(frozen=True)
class Leave:
    """Days on which an owner is away, both ends included; an open end lasts."""

    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def days_within(self, after: date, upto: date) -> int:
        """How many of its days lie after one day and not after another."""
        first, last = max(self.start, after + ONE_DAY), min(self.end or upto, upto)
        return max((last - first).days + 1, 0)


@dataclass(frozen=True)
class Held:
    """A record that somebody owns, as the sweep looks at it. Days are the tenant's.

    `touched_on` is the later of the last human activity and the assignment, `moved_on` of the last change of state and the assignment.
    """

    touched_on: date
    moved_on: date
    protected_until: date | None = None
    leave: Leave | None = None
    is_fresh: bool = False
    has_open_business: bool = False


@dataclass(frozen=True)
class Verdict:
    """What happens to a record, why, and the days that were counted, without those on which the owner was away."""

    fate: Fate
    idle: int
    stale: int
    cause: Cause | None = None


def judge(held: Held, rules: PoolRules, today: date) -> Verdict:
    """Whether a record stays with its owner, is warned of, or goes back to the pool on a day."""
    idle, stale = days_since(held.touched_on, today, held.leave), days_since(held.moved_on, today, held.leave)
    fate, cause = Fate.KEEP, None
    if idle >= rules.idle_days:
        fate, cause = Fate.RECLAIM, Cause.IDLE
    elif stale >= rules.no_progress_days:
        fate, cause = Fate.RECLAIM, Cause.NO_PROGRESS
    elif idle == rules.idle_days - rules.warn_before_days:
        fate, cause = Fate.WARN, Cause.IDLE
    if fate is not Fate.KEEP and (spared := spared_by(held, today)):
        return Verdict(Fate.KEEP, idle, stale, spared)
    return Verdict(fate, idle, stale, cause)


def days_since(day: date, today: date, leave: Leave | None) -> int:
    """The days since a day, without those of the owner's leave; never less than none."""
    return max((today - day).days - (leave.days_within(day, today) if leave else 0), 0)


def spared_by(held: Held, today: date) -> Cause | None:
    """What keeps a record with its owner although its time is up."""
    if held.protected_until is not None and held.protected_until >= today:
        return Cause.PROTECTED
    if held.leave is not None and held.leave.covers(today):
        return Cause.ON_LEAVE
    if held.has_open_business:
        return Cause.OPEN_BUSINESS
    return Cause.FRESH if held.is_fresh else None


def is_cooling_down(returned_on: date | None, today: date, rules: PoolRules) -> bool:
    """Whether somebody gave the lead back too lately to claim it again; on the seventh day they may."""
    return returned_on is not None and today < returned_on + timedelta(days=rules.cooldown_days)
