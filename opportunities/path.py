"""The path of a deal: its stages in order, what each is worth in the forecast, and how long a deal stayed in each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

DISCOVERY, SOLUTION, BIDDING, NEGOTIATION, SIGNING = "discovery", "solution", "bidding", "negotiation", "signing"
PATH: Final = (DISCOVERY, SOLUTION, BIDDING, NEGOTIATION, SIGNING)

PROBABILITY: Final[Mapping[str, Decimal]] = {
    DISCOVERY: Decimal("0.10"),
    SOLUTION: Decimal("0.25"),
    BIDDING: Decimal("0.50"),
    NEGOTIATION: Decimal("0.75"),
    SIGNING: Decimal("0.90"),
}

OMITTED, PIPELINE, BEST_CASE, COMMIT, CLOSED = "omitted", "pipeline", "best_case", "commit", "closed"
CATEGORY: Final[Mapping[str, str]] = {
    DISCOVERY: OMITTED,
    SOLUTION: PIPELINE,
    BIDDING: BEST_CASE,
    NEGOTIATION: BEST_CASE,
    SIGNING: COMMIT,
}

# After so many days in a stage a deal is shown as stalled.
LIMIT_DAYS: Final[Mapping[str, int]] = {DISCOVERY: 14, SOLUTION: 30, BIDDING: 30, NEGOTIATION: 21, SIGNING: 14}


def position(stage: str) -> int:
    """Where a stage stands on the path, from 0."""
    return PATH.index(stage)


def next_stage(stage: str) -> str | None:
    """The stage after this one, or None after the last."""
    following = PATH[position(stage) + 1 :]
    return following[0] if following else None


def furthest(*stages: str) -> str:
    """The stage that is furthest along the path."""
    return max(stages, key=position)


@dataclass(frozen=True)
class Step:
    """One line of a deal's history: from `at` on it stood in `stage`, and time counts if it was `active`."""

    at: datetime
    stage: str
    active: bool


def time_in_stages(steps: Iterable[Step], *, until: datetime) -> dict[str, timedelta]:
    """How long a deal stayed in each stage that it entered, all visits of one stage added.

    Time suspended or closed does not count; a stage that was skipped is absent. `steps` in order of time.
    """
    spent: dict[str, timedelta] = {}
    present: Step | None = None
    for step in steps:
        if present is not None and present.active:
            spent[present.stage] += step.at - present.at
        spent.setdefault(step.stage, timedelta(0))
        present = step
    if present is not None and present.active:
        spent[present.stage] += max(until - present.at, timedelta(0))
    return spent
