"""The geometry of the figures that the server draws."""

from decimal import Decimal

from ltc.web import figures


def test_a_sparkline_ends_at_its_last_value_and_one_value_draws_nothing() -> None:
    drawn = figures.spark([1, 3, 2])
    assert drawn is not None
    assert drawn.line == "0.0,25.0 48.0,3.0 96.0,14.0"
    assert (drawn.x, drawn.y) == ("96.0", "14.0")
    assert figures.spark([5]) is None


def test_a_funnel_keeps_its_last_steps_visible_and_gives_the_rate_to_the_step_before() -> None:
    leads, won = figures.funnel([{"n": 400}, {"n": 4}])
    assert (leads["h"], leads["rate"]) == (120.0, None)
    assert (won["h"], won["rate"]) == (12.0, 1)
    assert leads["tail"] == "58,0.0 100,108.0 100,120 58,120"


def test_an_empty_funnel_draws_its_baseline_and_no_rate() -> None:
    assert [(step["h"], step["rate"]) for step in figures.funnel([{"n": 0}, {"n": 0}])] == [(1.5, None), (1.5, None)]


def test_the_parts_of_a_bar_lie_side_by_side_and_never_outside_it() -> None:
    parts = figures.stack([{"value": Decimal(60)}, {"value": Decimal(60)}], Decimal(100))
    assert [(part["x"], part["width"]) for part in parts] == [("0.00", "60.00"), ("60.00", "40.00")]


def test_the_greatest_row_of_a_bar_list_is_full() -> None:
    assert [row["width"] for row in figures.ranked([{"value": 38}, {"value": 19}])] == [100, 50]


def test_a_share_of_nothing_is_nothing() -> None:
    assert figures.share(5, 0) == 0
    assert figures.share(7, 5) == 100
