"""When two records are the same customer: the rules, in the order in which they are tried. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

ALIKE = Decimal("0.85")


class DuplicateRule(IntEnum):
    """Why two records are thought the same; the smaller, the surer."""

    SAME_USCC = 1
    SAME_NAME = 2
    SAME_CONTACT = 3
    SIMILAR_NAME = 4


@dataclass(frozen=True, order=True)
class Duplicate:
    """An existing customer that a record seems to be. `score` is 1 but for a similar name, which is a candidate only."""

    rule: DuplicateRule
    customer_id: UUID
    score: Decimal = Decimal(1)

    @property
    def is_certain(self) -> bool:
        """Whether a person has to decide before a second record may be made."""
        return self.rule is not DuplicateRule.SIMILAR_NAME


def surest_first(found: Iterable[Duplicate]) -> list[Duplicate]:
    """Each customer once, by its surest rule; sure ones first, then the more alike."""
    best: dict[UUID, Duplicate] = {}
    for duplicate in found:
        known = best.get(duplicate.customer_id)
        if known is None or (duplicate.rule, -duplicate.score) < (known.rule, -known.score):
            best[duplicate.customer_id] = duplicate
    return sorted(best.values(), key=lambda duplicate: (duplicate.rule, -duplicate.score, duplicate.customer_id))
