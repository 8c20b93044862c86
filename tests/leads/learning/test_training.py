import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from leads.learning.features import FEATURES, Feature, Kind, layout_of
from leads.learning.logistic import LARGEST_WEIGHT, fit, fold_of, probability
from leads.learning.training import CannotLearn, Sample, choose_columns, objections, split, train

START = datetime(2025, 1, 1, tzinfo=UTC)


def sample(count: int, *, signal: float = 1.0) -> Sample:
    """Leads whose fate goes by their industry, engagement and channel, and for the rest by a fixed sequence without any chance in it."""
    made = Sample()
    for number in range(count):
        draw = (number * 0.6180339887) % 1
        industry = ("target", "adjacent", "other", "unknown")[number % 4]
        channel = "referral" if number % 7 == 0 else "website"
        warmth = float((number * 37) % 50)
        chance = 1 / (1 + math.exp(-signal * (-1.2 + 1.5 * (industry == "target") + 0.04 * (warmth - 25) + 0.9 * (channel == "referral"))))
        made.ids.append(f"{number:08}")
        made.captured.append(START + timedelta(hours=number))
        made.outcomes.append(int(draw < chance))
        row = (
            industry,
            "manager",
            None,
            None,
            channel,
            "guangdong",
            20 * (number % 9) or None,
            warmth,
            number % 3,
            number % 5 == 0,
            True,
            False,
        )
        made.rows.append(row)
        made.rule_scores.append((number * 13) % 100)
    return made


def test_a_signal_is_found_and_the_model_accepted() -> None:
    found = train(sample(1000, signal=2.0))
    assert found.accepted, (found.reasons, found.metrics)
    assert found.metrics["auc"] > 0.75 > found.rule_metrics["auc"]
    assert (found.n, found.training_rows, found.metrics["rows"]) == (1000, 1000, 200)
    assert found.model.base_rate == found.n1 / 1000


def test_the_same_leads_give_the_same_coefficients_in_whatever_order_they_come() -> None:
    one, other = sample(600), sample(600)
    other = other.part(list(reversed(range(600))))
    assert train(one).model == train(other).model
    assert train(one).digest == train(other).digest


def test_without_a_signal_the_model_goes_on_trial() -> None:
    found = train(sample(600, signal=0.0))
    assert not found.accepted and "auc_too_low" in found.reasons
    assert found.training_rows == 480


@pytest.mark.parametrize(("count", "flip"), [(199, False), (400, True)])
def test_too_few_leads_teach_nothing(count: int, flip: bool) -> None:
    few = sample(count)
    if flip:
        few.outcomes = [int(number < 39) for number in range(count)]
    with pytest.raises(CannotLearn, match="too_few"):
        train(few)


def test_the_holdout_is_the_latest_fifth_but_at_least_forty_leads_with_eight_positives() -> None:
    early, late = split(sample(1000))
    assert (len(early), len(late)) == (800, 200) and max(early.captured) < min(late.captured)
    scarce = sample(300)
    scarce.outcomes = [1] * 220 + [0] * 80
    early, late = split(scarce)
    assert (len(late), late.positives) == (88, 8)
    assert len(split(sample(200))[1]) == 40


def test_there_are_no_more_columns_than_the_rarer_outcome_bears() -> None:
    many = sample(400)
    assert len(choose_columns(many, most=4).columns) == 4
    whole = layout_of(FEATURES, many.rows)
    names = [column.name for column in whole.columns]
    assert names == [column.name for column in choose_columns(many, most=99).columns]
    assert "industry_match=adjacent" not in names and "industry_match=target" in names  # of equals the first stands for all
    assert "has_phone" not in names  # the same for every lead
    assert "size_employees_missing" in names


def test_values_of_fewer_than_ten_leads_become_other() -> None:
    features = (Feature("channel", Kind.RARE_CHOICE),)
    layout = layout_of(features, [("web",)] * 30 + [("fair",)] * 9 + [("call",)] * 3)
    assert [column.name for column in layout.columns] == ["channel=other"]
    assert layout.matrix([("fair",), ("web",), ("never seen",)]).tolist() == [[1.0], [0.0], [1.0]]


def test_a_missing_number_is_average_and_says_so() -> None:
    features = (Feature("size_employees", Kind.LOG, may_be_missing=True),)
    layout = layout_of(features, [(10,), (1000,), (None,)])
    missing = layout.matrix([(None,)])[0]
    assert missing.tolist() == [0.0, 1.0]
    assert layout.matrix([(10,), (1000,)])[:, 0].tolist() == pytest.approx([-1.0, 1.0])


@pytest.mark.parametrize("penalty", [0.1, 1.0, 10.0])
def test_the_mean_prediction_is_the_mean_outcome_at_any_penalty(penalty: float) -> None:
    several = sample(300)
    columns = layout_of(FEATURES, several.rows).matrix(several.rows)
    found = fit(columns, several.y(), penalty)
    assert probability(found.logits(columns)).mean() == pytest.approx(several.y().mean(), abs=1e-9)


def test_a_column_that_tells_all_is_held_back_by_a_larger_penalty() -> None:
    columns = np.array([[0.0]] * 100 + [[0.01]] * 100)
    y = np.array([0.0] * 100 + [1.0] * 100)
    found = fit(columns, y, 0.001)
    assert found.penalty > 0.001 and abs(found.weights[0]) <= LARGEST_WEIGHT


def test_folds_go_by_the_leads_id() -> None:
    assert [fold_of(f"{number:08}") for number in range(6)] == [fold_of(f"{number:08}") for number in range(6)]
    assert {fold_of(f"{number:08}") for number in range(50)} == {0, 1, 2, 3, 4}


GOOD = {"auc": 0.72, "brier_skill": 0.1, "ece": 0.05}


@pytest.mark.parametrize(
    ("figures", "rules", "against"),
    [
        ({}, 0.70, []),
        ({"auc": 0.65}, 0.63, []),
        ({"auc": 0.6499}, 0.5, ["auc_too_low"]),
        ({}, 0.7001, ["not_better_than_rules"]),
        ({"brier_skill": 0.0}, 0.5, ["no_skill"]),
        ({"ece": 0.1001}, 0.5, ["badly_calibrated"]),
        ({"ece": 0.10}, 0.5, []),
    ],
)
def test_what_a_model_must_do_to_score_leads(figures: dict[str, float], rules: float, against: list[str]) -> None:
    assert objections({**GOOD, **figures}, {"auc": rules}) == against


def test_reasons_of_any_lead_add_up_to_its_score() -> None:
    several = sample(700)
    model = train(several).model
    for row in several.rows[::50]:
        found = model.predict(row)
        assert found.baseline + sum(reason.points for reason in found.reasons) == pytest.approx(found.exact, abs=1e-9)
