"""Business days and hours, with holidays and make-up workdays: the calendar of GD-8."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltc.calendars.business_days import (
    NoBusinessDay,
    WorkCalendar,
    add_business_days,
    add_business_minutes,
    business_days_between,
    business_minutes_between,
    next_or_same,
    offset_to_business_day,
    previous_or_same,
)
from ltc.calendars.holidays import chinese_holidays_2026, us_federal_holidays

SEED = chinese_holidays_2026()
CHINA = WorkCalendar(holidays=frozenset(SEED.holidays), workdays=frozenset(SEED.workdays))
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone)


OFFSETS = (-7, 0, 3, 7, 14, 30, 60)


@pytest.mark.parametrize(
    ("due", "scheduled"),
    [
        ("09-30", "09-23 09-30 10-08 10-08 10-14 10-30 11-30"),
        ("10-03", "09-24 10-08 10-08 10-10 10-19 11-02 12-02"),
        ("07-11", "07-03 07-13 07-14 07-20 07-27 08-10 09-09"),
    ],
    ids=["X over the National Day", "Y in the National Day", "Z on a normal weekend"],
)
def test_reminders_are_scheduled_on_business_days(due: str, scheduled: str) -> None:
    assert [offset_to_business_day(CHINA, day(due), offset) for offset in OFFSETS] == [day(d) for d in scheduled.split()]


@pytest.mark.parametrize(
    ("from_day", "previous", "following"),
    [
        ("10-03", "09-30", "10-08"),
        ("09-26", "09-24", "09-28"),
        ("09-20", "09-20", "09-20"),
        ("10-10", "10-10", "10-10"),
        ("10-11", "10-10", "10-12"),
        ("02-20", "02-14", "02-24"),
        ("01-04", "01-04", "01-04"),
    ],
)
def test_a_closed_day_is_moved_and_a_make_up_workday_is_not(from_day: str, previous: str, following: str) -> None:
    assert previous_or_same(CHINA, day(from_day)) == day(previous)
    assert next_or_same(CHINA, day(from_day)) == day(following)


def test_two_business_days_of_grace_on_a_promise_of_tuesday_end_on_thursday() -> None:
    assert add_business_days(CHINA, day("10-20"), 2) == day("10-22")


def test_business_days_are_added_over_a_holiday_in_both_directions() -> None:
    assert add_business_days(CHINA, day("09-30"), 1) == day("10-08")
    assert add_business_days(CHINA, day("09-30"), 3) == day("10-10")
    assert add_business_days(CHINA, day("10-08"), -1) == day("09-30")
    assert add_business_days(CHINA, day("10-03"), 0) == day("10-08")


def test_the_working_days_of_october_2026_are_eighteen() -> None:
    assert business_days_between(CHINA, day("10-01"), day("11-01")) == 18


def test_a_calendar_without_any_working_day_is_refused() -> None:
    with pytest.raises(NoBusinessDay):
        next_or_same(WorkCalendar(weekend=frozenset(range(1, 8))), day("10-01"))


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("10-14T10:00", 60, "10-14T11:00"),
        ("10-14T17:30", 60, "10-15T09:30"),
        ("10-14T07:00", 30, "10-14T09:30"),
        ("10-14T19:00", 30, "10-15T09:30"),
        ("09-30T17:59", 2, "10-08T09:01"),
        ("10-14T09:00", 540, "10-14T18:00"),
        ("10-14T18:00", 0, "10-15T09:00"),
    ],
)
def test_a_response_time_runs_only_in_working_hours(start: str, minutes: int, end: str) -> None:
    assert add_business_minutes(CHINA, at(start), minutes, SHANGHAI) == at(end)


def test_working_minutes_between_two_instants_leave_out_nights_and_holidays() -> None:
    assert business_minutes_between(CHINA, at("09-30T17:30"), at("10-08T09:15"), SHANGHAI) == 45
    assert business_minutes_between(CHINA, at("10-03T10:00"), at("10-04T10:00"), SHANGHAI) == 0
    assert business_minutes_between(CHINA, at("10-08T10:00"), at("10-08T09:00"), SHANGHAI) == 0


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        add_business_minutes(CHINA, datetime(2026, 10, 8, 9), 10, SHANGHAI)


def test_working_hours_over_the_change_of_clocks_are_counted_in_real_time() -> None:
    round_the_clock = WorkCalendar(weekend=frozenset(), work_start=time(0), work_end=time(23, 59))
    before, after = at("03-08T00:00", NEW_YORK), at("03-08T12:00", NEW_YORK)
    assert business_minutes_between(round_the_clock, before, after, NEW_YORK) == 11 * 60
    assert add_business_minutes(round_the_clock, before, 11 * 60, NEW_YORK) == after


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30)).map(lambda t: t.replace(tzinfo=UTC, second=0, microsecond=0)),
    minutes=st.integers(min_value=1, max_value=5_000),
)
def test_adding_working_minutes_and_counting_them_agree(start: datetime, minutes: int) -> None:
    for calendar, zone in ((CHINA, SHANGHAI), (WorkCalendar(), NEW_YORK)):
        end = add_business_minutes(calendar, start, minutes, zone)
        assert business_minutes_between(calendar, start, end, zone) == minutes


@given(start=st.dates(date(2026, 1, 10), date(2026, 11, 1)), count=st.integers(min_value=1, max_value=30))
def test_adding_business_days_and_counting_them_agree(start: date, count: int) -> None:
    end = add_business_days(CHINA, start, count)
    assert CHINA.is_business_day(end)
    assert business_days_between(CHINA, start + timedelta(days=1), end + timedelta(days=1)) == count


def test_china_has_thirty_three_days_off_and_six_make_up_workdays_in_2026() -> None:
    assert len(SEED.holidays) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert sorted(SEED.workdays) == [day(d) for d in ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]]
    assert not any(CHINA.is_business_day(d) for d in SEED.holidays)
    assert all(worked.isoweekday() in (6, 7) for worked in SEED.workdays)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
        (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
    ],
)
def test_us_federal_holidays_are_taken_on_the_day_they_are_observed(year: int, days: str) -> None:
    assert [str(holiday)[5:] for holiday in us_federal_holidays(year).holidays] == days.split()
