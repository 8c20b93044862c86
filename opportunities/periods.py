"""The periods that a quota is for, by the way they are written: 2026, 2026-Q3, 2026-07."""

import re
from datetime import date

from ltc.calendars.periods import Period, months_from
from ltc.calendars.terms import add_months

PERIOD_KEY = r"^\d{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$"


def period_of_key(key: str, *, fiscal_year_start_month: int = 1) -> Period:
    """The days of a year, a quarter or a calendar month. Quarters and years are those of the fiscal year, named for the calendar
    year in which it begins. Raises ValueError."""
    if not re.match(PERIOD_KEY, key) or not int(key[:4]):
        raise ValueError(f"{key!r} is no period: write 2026, 2026-Q3 or 2026-07.")
    year, part = int(key[:4]), key[5:]
    if part and not part.startswith("Q"):
        return months_from(date(year, int(part), 1), 1)
    begins = date(year, fiscal_year_start_month, 1)
    if not part:
        return months_from(begins, 12)
    return months_from(add_months(begins, 3 * (int(part[1]) - 1)), 3)
