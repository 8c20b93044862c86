"""When a part of an order's price falls due, by its term. Pure: the calendar and the day are passed in."""

from datetime import date, timedelta
from typing import Protocol

from ltc.calendars.business_days import WorkCalendar, add_business_days
from ltc.calendars.terms import month_end


class Term(Protocol):
    """How long after its trigger a part is due."""

    offset_days: int
    day_type: str
    eom: bool


def due_date(term: Term, triggered_on: date, calendar: WorkCalendar) -> date:
    """The day by which a part is owed: so many calendar or business days after it was triggered, from that month's end if agreed."""
    start = month_end(triggered_on) if term.eom else triggered_on
    if term.day_type == "business" and term.offset_days:
        return add_business_days(calendar, start, term.offset_days)
    return start + timedelta(days=term.offset_days)
