"""The golden values of the learned score (GD-9b to GD-9d), unchanged."""

import math

import numpy as np
import pytest

from leads.learning.evaluation import auc, bins, brier, brier_skill, ece, lift, log_loss, psi
from leads.learning.features import Column, Feature, Kind, Layout
from leads.learning.logistic import fit, probability
from leads.learning.model import Model, grade_of, model_from, points_of

P = [0.90, 0.80, 0.70, 0.60, 0.55, 0.40, 0.35, 0.30, 0.20, 0.10]
Y = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0]
IDS = [f"{number:02}" for number in range(10)]

WORKED = Model(
    Layout(
        (
            Feature("industry_match", Kind.CHOICE),
            Feature("size_employees", Kind.LOG, may_be_missing=True),
            Feature("engagement", Kind.NUMBER),
            Feature("channel", Kind.RARE_CHOICE),
            Feature("personal_mail", Kind.FLAG),
        ),
        (
            Column("industry_match=target", "industry_match", "choice", "target", average=0.40, weight=0.90),
            Column("size_employees", "size_employees", "number", mean=4.5, sd=1.5, weight=0.40),
            Column("engagement", "engagement", "number", mean=20, sd=15, weight=0.75),
            Column("channel=referral", "channel", "choice", "referral", average=0.15, weight=0.60),
            Column("personal_mail", "personal_mail", "flag", average=0.20, weight=-0.50),
        ),
        {"channel": ("referral", "website")},
    ),
    intercept=-1.80,
    base_rate=0.20,
)
LEAD = ("target", 320, 38.0, "website", True)


def test_the_worked_lead_scores_68_and_is_an_a() -> None:
    found = WORKED.predict(LEAD)
    assert found.probability == pytest.approx(0.459849, abs=5e-7)
    assert math.log(found.probability / (1 - found.probability)) == pytest.approx(-0.160949, abs=5e-7)
    assert (round(found.exact, 3), found.score, found.grade) == (67.678, 68, "A")


def test_the_worked_leads_reasons_are_those_of_the_book_and_add_up() -> None:
    found = WORKED.predict(LEAD)
    assert round(found.baseline, 3) == 49.081
    assert {reason.feature: round(reason.points, 2) for reason in found.reasons} == {
        "industry_match": 7.79, "size_employees": 4.89, "engagement": 12.98, "channel": -1.30, "personal_mail": -5.77,
    }  # fmt: skip
    assert found.baseline + sum(reason.points for reason in found.reasons) == pytest.approx(found.exact, abs=1e-9)


def test_a_model_that_was_stored_scores_the_same() -> None:
    assert model_from(WORKED.as_json()).predict(LEAD) == WORKED.predict(LEAD)


@pytest.mark.parametrize(
    ("penalty", "intercept", "weight", "with_it", "without"),
    [
        (0, -2.197225, 1.349927, 0.300000, 0.100000),
        (1, -1.689147, 0.558881, 0.244112, 0.155888),
        (10, -1.433235, 0.092595, 0.207405, 0.192595),
    ],
)
def test_the_fit_finds_the_books_coefficients(penalty: float, intercept: float, weight: float, with_it: float, without: float) -> None:
    columns = np.array([[1.0]] * 10 + [[0.0]] * 10)
    y = np.array([1.0] * 3 + [0.0] * 7 + [1.0] + [0.0] * 9)
    found = fit(columns, y, penalty)
    assert found.intercept == pytest.approx(intercept, abs=5e-7)
    assert found.weights[0] == pytest.approx(weight, abs=5e-7)
    p = probability(found.logits(np.array([[1.0], [0.0]])))
    assert list(p) == pytest.approx([with_it, without], abs=5e-7)
    assert probability(found.logits(columns)).mean() == pytest.approx(0.2, abs=1e-9)


def test_the_figures_of_a_holdout_are_those_of_the_book() -> None:
    assert auc(P, Y) == pytest.approx(20 / 24, abs=1e-12)
    assert brier(P, Y) == pytest.approx(0.1725, abs=1e-12)
    assert brier_skill(P, Y) == pytest.approx(0.28125, abs=1e-12)
    assert log_loss(P, Y) == pytest.approx(0.508764, abs=5e-7)
    assert log_loss([0.4] * 10, Y) == pytest.approx(0.673012, abs=5e-7)
    assert lift(P, Y, IDS) == pytest.approx(2.5, abs=1e-12)
    assert lift(P, Y, IDS, 0.3) == pytest.approx(1.6667, abs=5e-5)
    assert ece(P, Y) == pytest.approx(0.18, abs=1e-12)


def test_the_stability_index_is_that_of_the_book() -> None:
    assert psi([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.040547, abs=5e-7)


def test_an_empty_range_counts_as_a_ten_thousandth() -> None:
    assert psi([1.0, 0.0], [1.0, 0.0]) == 0
    assert psi([0.5, 0.5], [1.0, 0.0]) == pytest.approx(0.5 * math.log(2) + (0.0001 - 0.5) * math.log(0.0001 / 0.5))


def test_the_last_bin_is_closed_and_equal_scores_count_half() -> None:
    assert [each.count for each in bins([0.0, 0.2, 1.0], [0, 0, 1])] == [1, 1, 0, 0, 1]
    assert auc([0.5, 0.5], [0, 1]) == 0.5
    assert auc([0.5, 0.6], [1, 1]) is None


def test_lift_rounds_the_count_up_and_decides_between_equals_by_id() -> None:
    assert lift([0.5] * 6, [0, 0, 1, 0, 0, 0], ["f", "e", "a", "d", "c", "b"]) == pytest.approx(3.0)  # two of six: a and b
    assert lift([0.5] * 3, [0, 0, 0], ["a", "b", "c"]) is None


@pytest.mark.parametrize(
    ("points", "score", "grade"), [(-3.0, 0, "D"), (34.4999, 34, "D"), (34.5, 35, "C"), (64.5, 65, "A"), (130.0, 100, "A")]
)
def test_points_are_rounded_half_up_and_limited(points: float, score: int, grade: str) -> None:
    assert (points_of(points), grade_of(points_of(points))) == (score, grade)
