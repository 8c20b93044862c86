"""The forecast of cash: near to the truth where the truth is known, without losing a cent, and moved by what is promised and paid."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from ltc.analytics.counted import Question
from ltc.analytics.periods import Length, period_of
from ltc.analytics.registry import metric_named
from ltc.calendars.selectors import zone_of
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables import cash_in
from receivables.cash_forecast import cash_forecast, likely_items, look_back
from receivables.cash_in import Habits, Part, Spells, Told, chances, forecast, quality
from receivables.cash_in_facts import UNIT, facts_of
from receivables.company import own_company
from receivables.services.disputes import open_dispute
from receivables.services.promises import make_promise
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.test_rest import Keyed, done
from tests.pages import Browser

TODAY = 10_000  # a day as an ordinal; a Sunday does not matter here
WEEKS = [TODAY + 7 * number for number in range(9)]


def spells(*rows: tuple[int, int, int, bool]) -> Spells:
    """Whole items: payer, delay at which each began to be owed and at which it ended, whether paid."""
    payer, start, end, paid = (np.array(column) for column in zip(*rows, strict=True))
    return Spells(payer, start, end, np.ones(len(rows)), paid)


def drawn_delays(luck: np.random.Generator, payer: int, number: int) -> np.ndarray:
    """Every payer has a habit of its own: from on time to a month late, give or take."""
    return np.rint(luck.normal(3 + 7 * (payer % 5), 4 + payer % 3, number)).astype(int)


def test_nine_of_ten_futures_lie_where_the_forecast_says_when_the_payers_habits_are_known() -> None:
    luck = np.random.default_rng(7)
    history = [(payer, -30, int(delay), True) for payer in range(25) for delay in drawn_delays(luck, payer, 24)]
    habits = Habits(spells(*history), {})
    told = []
    for run in range(40):
        parts, came = [], np.zeros(len(WEEKS))
        for number in range(60):
            payer, due = int(luck.integers(25)), TODAY + int(luck.integers(-10, 30))
            while due + (delay := int(drawn_delays(luck, payer, 1)[0])) <= TODAY:
                due += 1  # it is open today, so it was not paid yet
            parts.append(Part((run, number), payer, int(luck.integers(1, 50)) * UNIT, due))
            came[min(np.searchsorted(WEEKS, due + delay) - 1, len(WEEKS) - 1)] += parts[-1].amount
        found = forecast(parts, habits, WEEKS, draws=300)
        told += [Told(*(found.quantile(week, share) for share in (0.1, 0.5, 0.9)), came[week]) for week in range(5)]
    judged = quality(told)
    assert judged.coverage is not None and judged.error is not None and judged.bias is not None
    assert 0.70 <= judged.coverage <= 0.97
    assert judged.error < 0.5 and abs(judged.bias) < 0.15


def test_no_cent_is_lost_whatever_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cash_in, "MOST_DRAWN", 20)  # the smaller ones are spread by their chances
    luck = np.random.default_rng(3)
    parts = [Part(number, number % 4, int(luck.integers(1, 10**9)), TODAY + int(luck.integers(-300, 200))) for number in range(60)]
    parts += [Part("promised", 1, 777, TODAY, promised=(TODAY + 3, TODAY + 5)), Part("disputed", 2, 333, TODAY - 9, not_before=TODAY + 20)]
    found = forecast(parts, Habits(spells((0, -30, 4, True)), {}), WEEKS, draws=50)
    whole = sum(part.amount for part in parts)
    assert set(found.drawn.sum(axis=1)) == {whole} and found.expected.sum() == whole
    again = forecast(parts[::-1], Habits(spells((0, -30, 4, True)), {}), WEEKS, draws=50)
    assert (again.drawn == found.drawn).all()


def test_chances_sum_to_one_for_items_of_any_age() -> None:
    habits = Habits(spells((0, -30, 5, True), (0, -30, 40, False)), {0: (1.0, 2)})
    for due in (TODAY - 2000, TODAY - 100, TODAY, TODAY + 61, TODAY + 2000):
        for more in ({}, {"promised": (TODAY + 9, TODAY + 11)}, {"not_before": TODAY + 30}, {"promised": (TODAY - 9, TODAY - 7)}):
            found = chances(Part("one", 0, 100, due, **more), habits, WEEKS)  # type: ignore[arg-type]
            assert found.min() >= 0 and found.sum() == pytest.approx(1), (due, more)


def test_a_promise_moves_the_weight_to_its_days_and_less_so_if_promises_are_broken() -> None:
    history = spells(*[(0, -30, 20, True)] * 6)
    part, promised = Part("one", 0, 100, TODAY), Part("one", 0, 100, TODAY, promised=(TODAY + 3, TODAY + 5))
    plain = chances(part, Habits(history, {}), WEEKS)[0]
    trusted, doubted = (chances(promised, Habits(history, {0: kept}), WEEKS)[0] for kept in ((4.0, 4), (0.0, 4)))
    assert plain < doubted < 0.3 < 0.75 < trusted


def test_a_payer_of_whom_little_is_known_pays_like_all_and_a_known_one_like_itself() -> None:
    all_of_them = [(payer, -30, 30, True) for payer in range(2, 12) for _ in range(5)]
    habits = Habits(spells(*all_of_them, *[(0, -30, 2, True)] * 12, (1, -30, 2, True)), {})
    first_week = [chances(Part("one", payer, 100, TODAY), habits, WEEKS)[0] for payer in (0, 1, 99)]
    assert first_week[0] > 0.6 > first_week[1] > first_week[2]


def test_what_is_not_paid_yet_counts_as_slow() -> None:
    paid = [(0, -30, 5, True)] * 5
    quick, slow = (Habits(spells(*paid, *more), {}) for more in ([], [(0, -30, 60, False)] * 5))
    part = Part("one", 0, 100, TODAY)
    assert chances(part, quick, WEEKS)[:2].sum() > 1.4 * chances(part, slow, WEEKS)[:2].sum()


def test_a_disputed_part_does_not_come_before_it_is_answered() -> None:
    found = chances(Part("one", 0, 100, TODAY - 30, not_before=TODAY + 14), Habits(spells((0, -30, 2, True)), {}), WEEKS)
    assert found[0] == found[1] == 0 < found[2]


def test_quality_says_nothing_of_nothing() -> None:
    assert quality([]).coverage is None and quality([Told(0, 0, 0, 0)]).weeks == 0
    judged = quality([Told(80, 100, 120, 110), Told(80, 100, 120, 200)])
    assert (judged.coverage, judged.error, judged.bias) == (0.5, 110 / 310, -110 / 310)
    assert judged.loss == pytest.approx(((0.1 * 30 + 0.5 * 10 + 0.1 * 10) + (0.1 * 120 + 0.5 * 100 + 0.9 * 80)) / 3 / 310)


@pytest.fixture
def items(inside, rep):
    """Two open items of 3,000 each, one due in four days and one ten days late."""
    today = timezone.localdate()
    now = timezone.now() - timedelta(days=40)
    return [cash.owed(rep, due=today + timedelta(days=days), price="1000.00", on=now) for days in (4, -10)]


def test_a_paid_item_leaves_the_forecast_and_a_part_payment_its_part(items) -> None:
    today = timezone.localdate()
    before = cash_forecast(SYSTEM, today)
    assert before.open == Decimal(6000) and sum((week.expected for week in before.weeks), before.later) == Decimal(6000)
    cash.paid(items[0].customer, "3000.00", at=timezone.now())
    cash.paid(items[1].customer, "1000.00", at=timezone.now())
    perform(items[1].customer.payments.get(), "allocate", actor=SYSTEM)
    after = cash_forecast(SYSTEM, today)
    assert after.open == Decimal(2000)
    assert {row.item for week in after.weeks for row in likely_items(SYSTEM, today, week.first, week.last)} == {items[1].pk}


def test_the_items_behind_a_week_sum_to_what_is_expected_of_it(items) -> None:
    today = timezone.localdate()
    make_promise(actor=SYSTEM, items=[{"item": items[1], "amount": Decimal(1200)}], promised_on=today + timedelta(days=3))
    open_dispute(actor=SYSTEM, item=items[0], reason="price", amount=Decimal(500))
    found = cash_forecast(SYSTEM, today)
    assert sum(week.promised for week in found.weeks) == Decimal(1200)
    for week in found.weeks:
        rows = likely_items(SYSTEM, today, week.first, week.last)
        assert abs(sum((row.expected for row in rows), Decimal(0)) - week.expected) <= Decimal("0.02")
    period = period_of(today, Length.YEAR, zone_of(own_company()))
    metric = metric_named("coll.expected")
    assert metric is not None
    answer = metric.compute(Question(period, timezone.now(), SYSTEM))
    assert answer.value is not None and 0 < answer.value < Decimal(6000)
    past = metric.compute(Question(period_of(today, Length.YEAR, zone_of(own_company()), -1), timezone.now(), SYSTEM))
    assert (past.value or 0, past.counted) == (0, 0)


def test_a_past_forecast_is_made_again_as_things_stood(items) -> None:
    today = timezone.localdate()
    earlier = today - timedelta(days=20)
    cash.paid(items[1].customer, "3000.00", at=timezone.now() - timedelta(days=9))
    facts = facts_of(SYSTEM, today)
    assert sum(part.amount for _item, part in facts.parts(earlier.toordinal())) == 6000 * UNIT
    assert sum(part.amount for _item, part in facts.parts(today.toordinal())) == 3000 * UNIT
    came = [week for week in look_back(SYSTEM, today).weeks if week.told.came]
    assert [week.told.came for week in came] == [3000.0]
    assert came[0].first <= today - timedelta(days=9) <= came[0].last


def test_the_page_and_rest_tell_the_same_weeks(items, tenant) -> None:
    browser = Browser(make.member("fin"))
    page = browser.get("/cash-forecast/")
    assert page.status_code == 200
    weeks = page.context["forecast"].weeks
    drilled = browser.get(f"/cash-forecast/?week={weeks[1].first.isoformat()}")
    assert drilled.context["week"] == weeks[1] and drilled.context["likely"]
    assert browser.get("/cash-forecast/?week=2026-02-31").status_code == 200
    told = done(Keyed(caller_of(tenant, role="fin")).get("cash-forecast/"))
    assert [(week["p10"], week["p50"], week["p90"]) for week in told["weeks"]] == [
        (str(week.p10), str(week.p50), str(week.p90)) for week in weeks
    ]
    assert Keyed(caller_of(tenant, role="fin")).get("cash-forecast/?weeks=0").status_code == 400
    own = Browser(make.member("rep")).get("/cash-forecast/")
    assert own.context["forecast"].open == 0
