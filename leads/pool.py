"""Who may take leads out of the pool, and how soon a lead of each grade wants an answer. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

# Business minutes from the assignment to the first answer, by grade.
FIRST_RESPONSE_MINUTES = {"A": 60, "B": 240, "C": 960}


@dataclass(frozen=True)
class PoolRules:
    """The limits of claiming: per local day, of what one holds, and how long after giving a lead back."""

    daily_claim_limit: int = 10
    cooldown_days: int = 7


def is_cooling_down(returned_on: date | None, today: date, rules: PoolRules) -> bool:
    """Whether somebody gave the lead back too lately to claim it again; on the seventh day they may."""
    return returned_on is not None and today < returned_on + timedelta(days=rules.cooldown_days)
