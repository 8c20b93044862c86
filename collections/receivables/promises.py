"""What becomes of a promise to pay. Pure: dates and what was received are passed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ltc.calendars.business_days import WorkCalendar, add_business_days

LATEST: Final = timedelta(days=60)
GRACE_BUSINESS_DAYS: Final = 2
PARTLY: Final = Decimal("0.5")
TRUST_ENDS_AT: Final = 3
TRUST_WINDOW: Final = timedelta(days=365)


class Verdict(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    PARTIALLY_KEPT = "partially_kept"
    BROKEN = "broken"


@dataclass(frozen=True)
class Judgement:
    """What a promise has become, how much was received, and on which day that was decided."""

    verdict: Verdict
    received: Decimal
    on: date | None = None


def good_until(calendar: WorkCalendar, promised_on: date, grace_business_days: int) -> date:
    """The last day on which a promise can still be kept: its day and so many business days."""
    return add_business_days(calendar, promised_on, grace_business_days) if grace_business_days else promised_on


def judge(promised: Decimal, until: date, received_by: Sequence[tuple[date, Decimal]], today: date) -> Judgement:
    """Judge a promise on a day; `received_by` are the days on which something came in with all that had come in by then.

    It is kept on the day when everything promised has come in. At the end of its last day it is kept in part if half of it has,
    and broken otherwise.
    """
    received = Decimal(0)
    for day, total in received_by:
        if day > min(today, until):
            break
        received = total
        if received >= promised:
            return Judgement(Verdict.KEPT, received, day)
    if today <= until:
        return Judgement(Verdict.OPEN, received)
    return Judgement(Verdict.PARTIALLY_KEPT if received >= promised * PARTLY else Verdict.BROKEN, received, until)


def is_believed(made_on: date, broken_on: Sequence[date]) -> bool:
    """Whether a promise still stops reminders: not after the third that was broken within twelve months."""
    return sum(made_on - TRUST_WINDOW <= day < made_on for day in broken_on) < TRUST_ENDS_AT
