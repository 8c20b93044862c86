"""Public holidays to start a tenant's calendar with. Data: a tenant edits its own days afterwards."""

from dataclasses import dataclass
from datetime import date, timedelta

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6


@dataclass(frozen=True)
class PublicHolidays:
    """Days off and make-up workdays by date, each with the name of the holiday that it belongs to."""

    holidays: dict[date, str]
    workdays: dict[date, str]


NAMES = {"CN": "中国大陆", "US": "United States"}

# General Office of the State Council, notice on the arrangement of holidays in 2026: name, first and last day off,
# make-up workdays.
CN_2026 = (
    ("元旦", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)


def public_holidays(country: str, year: int) -> PublicHolidays:
    """The public holidays of a country in a year, as far as we know them: China's are announced each autumn for the next year."""
    if country == "US":
        return us_federal_holidays(year)
    if (country, year) == ("CN", 2026):
        return chinese_holidays_2026()
    return PublicHolidays({}, {})


def chinese_holidays_2026() -> PublicHolidays:
    """The public holidays of mainland China in 2026, and the weekend days that are worked in exchange."""
    holidays: dict[date, str] = {}
    workdays: dict[date, str] = {}
    for name, first, last, made_up in CN_2026:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            holidays[day] = name
            day += timedelta(days=1)
        workdays.update((date.fromisoformat(worked), name) for worked in made_up)
    return PublicHolidays(holidays, workdays)


def us_federal_holidays(year: int) -> PublicHolidays:
    """The federal holidays of the United States by rule (5 U.S.C. 6103), on the days on which they are observed.

    One that falls on a Saturday is observed the Friday before, on a Sunday the Monday after; so the New Year of a
    year that starts on a Saturday is observed in the year before.
    """
    fixed = {
        "New Year's Day": date(year, 1, 1),
        "Juneteenth National Independence Day": date(year, 6, 19),
        "Independence Day": date(year, 7, 4),
        "Veterans Day": date(year, 11, 11),
        "Christmas Day": date(year, 12, 25),
    }
    floating = {
        "Birthday of Martin Luther King, Jr.": nth_weekday(year, 1, MONDAY, 3),
        "Washington's Birthday": nth_weekday(year, 2, MONDAY, 3),
        "Memorial Day": last_weekday(year, 5, MONDAY),
        "Labor Day": nth_weekday(year, 9, MONDAY, 1),
        "Columbus Day": nth_weekday(year, 10, MONDAY, 2),
        "Thanksgiving Day": nth_weekday(year, 11, THURSDAY, 4),
    }
    days = {observed(day): name for name, day in {**fixed, **floating}.items()}
    days[observed(date(year + 1, 1, 1))] = "New Year's Day"
    return PublicHolidays({day: days[day] for day in sorted(days) if day.year == year}, {})


def observed(day: date) -> date:
    """The working day on which a holiday is taken that falls on a weekend."""
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th Monday (or other weekday) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def last_weekday(year: int, month: int, weekday: int) -> date:
    """The last Monday (or other weekday) of a month that has 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() - weekday) % 7)
