from datetime import UTC, datetime, timedelta

from opportunities import path
from opportunities.path import Step, time_in_stages

DAY = timedelta(days=1)
START = datetime(2026, 4, 1, tzinfo=UTC)


def on(day: int) -> datetime:
    return START + day * DAY


def test_time_in_a_stage_is_the_time_between_entering_and_leaving_it() -> None:
    steps = [Step(on(0), "discovery", True), Step(on(4), "solution", True), Step(on(12), "bidding", True)]
    assert time_in_stages(steps, until=on(15)) == {"discovery": 4 * DAY, "solution": 8 * DAY, "bidding": 3 * DAY}


def test_all_visits_of_a_stage_are_added() -> None:
    steps = [Step(on(0), "discovery", True), Step(on(4), "solution", True), Step(on(6), "discovery", True), Step(on(9), "solution", True)]
    assert time_in_stages(steps, until=on(10)) == {"discovery": 7 * DAY, "solution": 3 * DAY}


def test_time_suspended_or_closed_is_not_time_in_a_stage() -> None:
    steps = [Step(on(0), "discovery", True), Step(on(5), "discovery", False), Step(on(25), "discovery", True)]
    assert time_in_stages(steps, until=on(26)) == {"discovery": 6 * DAY}
    assert time_in_stages(steps[:2], until=on(99)) == {"discovery": 5 * DAY}


def test_a_stage_that_was_skipped_has_no_time() -> None:
    steps = [Step(on(0), "discovery", True), Step(on(5), "bidding", True)]
    assert time_in_stages(steps, until=on(6)) == {"discovery": 5 * DAY, "bidding": DAY}


def test_the_stages_follow_one_another() -> None:
    assert [path.next_stage(stage) for stage in path.PATH] == ["solution", "bidding", "negotiation", "signing", None]
    assert path.furthest("bidding", "discovery") == "bidding"
