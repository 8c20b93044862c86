"""Payment terms and periods, also where the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.calendars.periods import (
    Period,
    day_of,
    fiscal_year_of,
    local_day,
    local_midnight,
    month_of,
    months_in,
    quarter_of,
)
from ltc.calendars.terms import add_months, month_end_due, net_due

NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [NEW_YORK, SHANGHAI, *map(ZoneInfo, ("Europe/London", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo"))]


def test_sixty_days_after_month_end() -> None:
    assert month_end_due(date(2026, 6, 10), 60) == date(2026, 8, 29)


def test_net_days_are_calendar_days() -> None:
    assert net_due(date(2026, 6, 20), 30) == date(2026, 7, 20)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 2, date(2027, 1, 30)),
    ],
)
def test_the_same_day_of_a_shorter_month_is_its_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_march_in_new_york_starts_at_five_and_ends_at_four_utc() -> None:
    start, end = month_of(date(2026, 3, 15)).instants(NEW_YORK)
    assert (start, end) == (datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 1), 24)])
def test_a_new_york_day_has_23_24_or_25_hours(day: date, hours: int) -> None:
    start, end = day_of(day).instants(NEW_YORK)
    assert end - start == timedelta(hours=hours)


def test_a_lead_of_the_last_evening_in_utc_belongs_to_the_next_day_in_shanghai() -> None:
    assert local_day(datetime(2026, 3, 31, 16, 30, tzinfo=UTC), SHANGHAI) == date(2026, 4, 1)
    assert local_day(datetime(2026, 6, 30, 16, 30, tzinfo=UTC), SHANGHAI) == date(2026, 7, 1)


def test_where_midnight_is_skipped_the_day_begins_when_the_clocks_change() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    begin = local_midnight(date(2026, 4, 24), cairo)
    assert local_day(begin, cairo) == date(2026, 4, 24)
    assert local_day(begin - timedelta(seconds=1), cairo) == date(2026, 4, 23)


@given(day=st.dates(date(2020, 1, 1), date(2037, 12, 30)), zone=st.sampled_from(ZONES))
def test_every_instant_of_a_day_is_on_that_day_and_no_other(day: date, zone: ZoneInfo) -> None:
    start, end = day_of(day).instants(zone)
    assert local_day(start, zone) == day == local_day(end - timedelta(microseconds=1), zone)
    assert local_day(start - timedelta(microseconds=1), zone) == day - timedelta(days=1)


def test_a_naive_time_has_no_day() -> None:
    with pytest.raises(ValueError, match="naive"):
        local_day(datetime(2026, 3, 31), SHANGHAI)


def test_the_second_quarter_has_ninety_one_days() -> None:
    quarter = quarter_of(date(2026, 6, 30))
    assert quarter == Period(date(2026, 4, 1), date(2026, 7, 1))
    assert (quarter.days, quarter.last_day) == (91, date(2026, 6, 30))
    assert date(2026, 7, 1) not in quarter


@pytest.mark.parametrize(
    ("day", "start_month", "year", "quarter"),
    [
        (date(2026, 3, 31), 4, Period(date(2025, 4, 1), date(2026, 4, 1)), Period(date(2026, 1, 1), date(2026, 4, 1))),
        (date(2026, 4, 1), 4, Period(date(2026, 4, 1), date(2027, 4, 1)), Period(date(2026, 4, 1), date(2026, 7, 1))),
        (date(2026, 1, 15), 2, Period(date(2025, 2, 1), date(2026, 2, 1)), Period(date(2025, 11, 1), date(2026, 2, 1))),
    ],
)
def test_a_fiscal_year_may_start_in_any_month(day: date, start_month: int, year: Period, quarter: Period) -> None:
    assert fiscal_year_of(day, fiscal_year_start_month=start_month) == year
    assert quarter_of(day, fiscal_year_start_month=start_month) == quarter


def test_a_period_is_cut_into_the_months_it_touches() -> None:
    months = list(months_in(Period(date(2026, 1, 31), date(2026, 4, 1))))
    assert [month.start for month in months] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 4, 1), date(2026, 3, 1))
