"""What the pure rules of the pool say, day by day."""

from datetime import date, timedelta

import pytest

from leads.pool import Cause, Fate, Held, Leave, PoolRules, judge

TODAY = date(2026, 11, 23)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "fate"),
    [(0, Fate.KEEP), (11, Fate.KEEP), (12, Fate.WARN), (13, Fate.KEEP), (14, Fate.KEEP), (15, Fate.RECLAIM), (40, Fate.RECLAIM)],
)
def test_a_record_without_a_touch_is_warned_of_after_12_days_and_goes_back_after_15(days: int, fate: Fate) -> None:
    assert judge(Held(ago(days), ago(days)), PoolRules(), TODAY).fate is fate


@pytest.mark.parametrize(("days", "fate"), [(44, Fate.KEEP), (45, Fate.RECLAIM)])
def test_a_record_that_makes_no_progress_goes_back_after_45_days_however_often_it_is_called(days: int, fate: Fate) -> None:
    verdict = judge(Held(ago(1), ago(days)), PoolRules(), TODAY)
    assert (verdict.fate, verdict.cause) == (fate, Cause.NO_PROGRESS if fate is Fate.RECLAIM else None)


@pytest.mark.parametrize(
    ("spared", "cause"),
    [
        ({"protected_until": TODAY}, Cause.PROTECTED),
        ({"leave": Leave(TODAY, None)}, Cause.ON_LEAVE),
        ({"has_open_business": True}, Cause.OPEN_BUSINESS),
        ({"is_fresh": True}, Cause.FRESH),
    ],
)
def test_what_keeps_a_record_although_its_time_is_up(spared: dict, cause: Cause) -> None:
    verdict = judge(Held(ago(30), ago(30), **spared), PoolRules(), TODAY)
    assert (verdict.fate, verdict.cause) == (Fate.KEEP, cause)


def test_a_protection_that_ended_yesterday_keeps_nothing() -> None:
    assert judge(Held(ago(30), ago(30), protected_until=ago(1)), PoolRules(), TODAY).fate is Fate.RECLAIM


@pytest.mark.parametrize(
    ("leave", "idle"),
    [
        (Leave(ago(10), ago(6)), 15),
        (Leave(ago(25), ago(18)), 18),
        (Leave(ago(20), ago(20)), 20),
        (Leave(ago(2), ago(1)), 18),
        (Leave(ago(40), ago(30)), 20),
    ],
)
def test_days_of_leave_do_not_count(leave: Leave, idle: int) -> None:
    assert judge(Held(ago(20), ago(20), leave=leave), PoolRules(), TODAY).idle == idle


def test_other_rules_give_other_days() -> None:
    rules = PoolRules(idle_days=7, warn_before_days=2)
    assert [judge(Held(ago(days), ago(days)), rules, TODAY).fate for days in (4, 5, 6, 7)] == [
        Fate.KEEP,
        Fate.WARN,
        Fate.KEEP,
        Fate.RECLAIM,
    ]


def test_without_days_of_warning_nobody_is_warned() -> None:
    rules = PoolRules(warn_before_days=0)
    assert {judge(Held(ago(days), ago(days)), rules, TODAY).fate for days in range(15)} == {Fate.KEEP}
