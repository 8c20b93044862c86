"""The golden schedules GD-8: every business day the planner runs, and the first table says what came of each level."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ltc.calendars.business_days import WorkCalendar
from ltc.calendars.holidays import chinese_holidays_2026
from ltc.notifications.sending import back_off
from receivables.dunning import Circumstances, Dunnable, Level, Suppressed, next_window, plan

DAYS = chinese_holidays_2026()
CALENDAR = WorkCalendar(holidays=frozenset(DAYS.holidays), workdays=frozenset(DAYS.workdays))
OFFSETS = {1: -7, 2: 0, 3: 3, 4: 7, 5: 14, 6: 30, 7: 60}
STEPS = [Level(level, offset, Decimal(10_000) if level == 1 else Decimal(0)) for level, offset in OFFSETS.items()]
AMOUNT = Decimal(100_000)


def walk(due, *, start, days=100, closed=(), step=timedelta(days=1), **fields):
    """What becomes of each level if the planner runs on every business day: {level: (outcome, MM-DD)}."""
    outcome, last, day = {}, None, start
    for _ in range(days):
        if CALENDAR.is_business_day(day) and day not in closed:
            item = Dunnable("X", due, AMOUNT, AMOUNT, used=frozenset(outcome), **fields)
            today = plan([item], STEPS, CALENDAR, Circumstances(day, Decimal(100), 3, last))
            for _item, level in today.superseded:
                outcome[level] = ("superseded", f"{day:%m-%d}")
            for candidate in today.candidates:
                outcome |= dict.fromkeys(candidate.lower, ("superseded", f"{day:%m-%d}"))
                outcome[candidate.level], last = ("sent", f"{day:%m-%d}"), day
        day += step
    return outcome


def sent(outcome):
    return {level: day for level, (what, day) in outcome.items() if what == "sent"}


def test_an_invoice_due_before_national_day():
    outcome = walk(date(2026, 9, 30), start=date(2026, 9, 1))
    assert sent(outcome) == {1: "09-23", 2: "09-30", 4: "10-08", 5: "10-14", 6: "10-30", 7: "11-30"}
    assert outcome[3] == ("superseded", "10-08")


def test_an_invoice_due_in_the_holiday():
    outcome = walk(date(2026, 10, 3), start=date(2026, 9, 1))
    assert sent(outcome) == {1: "09-24", 3: "10-08", 4: "10-12", 5: "10-19", 6: "11-02", 7: "12-02"}
    assert outcome[2] == ("superseded", "10-08")


def test_an_invoice_due_on_a_normal_weekend():
    outcome = walk(date(2026, 7, 11), start=date(2026, 6, 25))
    assert sent(outcome) == {1: "07-03", 2: "07-13", 3: "07-16", 4: "07-20", 5: "07-27", 6: "08-10", 7: "09-09"}


def test_after_an_outage_only_the_highest_level_is_sent():
    down = {date(2026, 10, day) for day in range(8, 14)}
    outcome = walk(date(2026, 9, 30), start=date(2026, 9, 1), closed=down)
    assert outcome[5] == ("sent", "10-14")
    assert (outcome[3], outcome[4]) == (("superseded", "10-14"), ("superseded", "10-14"))


def test_a_courtesy_note_is_for_large_items_only():
    item = Dunnable("X", date(2026, 7, 13), Decimal("9999.99"), Decimal("9999.99"))
    assert plan([item], STEPS, CALENDAR, Circumstances(date(2026, 7, 6), Decimal(100), 3)).candidates == ()


@pytest.mark.parametrize(
    ("item", "around", "why"),
    [
        ({"released": False}, {}, Suppressed.NOTHING_DUE),
        ({"dunnable": Decimal(0), "dunnable_base": Decimal(0)}, {}, Suppressed.NOTHING_DUE),
        ({"dunnable": Decimal("99.99"), "dunnable_base": Decimal("99.99")}, {}, Suppressed.TOO_SMALL),
        ({}, {"paused": True}, Suppressed.PAUSED),
        ({"invoice_sent": False}, {}, Suppressed.NOT_SENT),
        ({}, {"tenant_suspended": True}, Suppressed.TENANT_SUSPENDED),
        ({}, {"reachable": False}, Suppressed.NO_CONTACT),
    ],
)
def test_a_suppressed_item_keeps_its_level_for_later(item, around, why):
    day = date(2026, 7, 20)
    dunnable = Dunnable(**{"id": "X", "due_on": date(2026, 7, 13), "dunnable": AMOUNT, "dunnable_base": AMOUNT, **item})
    result = plan([dunnable], STEPS, CALENDAR, Circumstances(day, Decimal(100), 3, **around))
    assert result.suppressed == {"X": why}
    assert result.candidates == ()
    assert plan([Dunnable("X", date(2026, 7, 13), AMOUNT, AMOUNT)], STEPS, CALENDAR, Circumstances(day, Decimal(100), 3)).candidates


def test_a_message_waits_for_the_next_window_of_the_tenants_day():
    windows, zone = [(time(9, 30), time(11, 30)), (time(14), time(17))], ZoneInfo("Asia/Shanghai")

    def at(*parts):
        return next_window(CALENDAR, datetime(2026, *parts, tzinfo=UTC), zone, windows).strftime("%m-%d %H:%M")

    assert at(7, 20, 0, 0) == "07-20 09:30"
    assert at(7, 20, 2, 0) == "07-20 10:00"
    assert at(7, 20, 4, 0) == "07-20 14:00"
    assert at(7, 24, 10, 0) == "07-27 09:30"
    assert at(9, 30, 10, 0) == "10-08 09:30"


def test_a_refused_message_is_tried_five_times_more_and_then_no_more():
    assert [back_off(n) and back_off(n).total_seconds() / 60 for n in range(1, 7)] == [1, 5, 15, 60, 240, None]
