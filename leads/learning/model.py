"""A learned model and the score that it gives: probability, points, grade and the reasons, which add up. Pure.

Ten points more double the odds, and the base rate is 50. Source: docs/scoring.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from leads.learning.features import Column, Feature, Kind, Layout, Row, cell

POINTS = 10 / math.log(2)
MIDDLE = 50.0
GRADES = ((65, "A"), (50, "B"), (35, "C"))


@dataclass(frozen=True)
class Reason:
    """What one feature adds to a score or takes from it, in points, and the value that it has."""

    feature: str
    value: Any
    points: float


@dataclass(frozen=True)
class Prediction:
    """A learned score: the probability, the score as points before and after limits and rounding, its grade, and why.

    baseline + the points of all reasons = exact, to 1e-9.
    """

    probability: float
    exact: float
    score: int
    grade: str
    baseline: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Model:
    """Coefficients with what is needed to use them: the columns with their weights and averages, and the calibration a + b · logit."""

    layout: Layout
    intercept: float
    base_rate: float
    a: float = 0.0
    b: float = 1.0

    @property
    def baseline(self) -> float:
        """The score of a lead that is average in every column."""
        at_average = self.intercept + sum(column.weight * column.average for column in self.layout.columns)
        return MIDDLE + POINTS * (self.a + self.b * at_average - logit(self.base_rate))

    def predict(self, row: Row) -> Prediction:
        place = {feature.code: index for index, feature in enumerate(self.layout.features)}
        kinds = {feature.code: feature.kind for feature in self.layout.features}
        total, parts = self.intercept, dict.fromkeys((column.feature for column in self.layout.columns), 0.0)
        for column in self.layout.columns:
            value = row[place[column.feature]]
            number = cell(column, kinds[column.feature], value, self.layout.values.get(column.feature, ()))
            total += column.weight * number
            parts[column.feature] += POINTS * self.b * column.weight * (number - column.average)
        chance = self.a + self.b * total
        exact = MIDDLE + POINTS * (chance - logit(self.base_rate))
        score = points_of(exact)
        reasons = tuple(Reason(feature, row[place[feature]], points) for feature, points in parts.items())
        return Prediction(sigmoid(chance), exact, score, grade_of(score), self.baseline, reasons)

    def as_json(self) -> dict[str, Any]:
        return {
            "features": [asdict(feature) for feature in self.layout.features],
            "columns": [asdict(column) for column in self.layout.columns],
            "values": {code: list(values) for code, values in self.layout.values.items()},
            "intercept": self.intercept,
            "base_rate": self.base_rate,
            "a": self.a,
            "b": self.b,
        }


def model_from(said: Mapping[str, Any]) -> Model:
    """The model that `as_json` wrote."""
    features = tuple(Feature(each["code"], Kind(each["kind"]), each["may_be_missing"]) for each in said["features"])
    columns = tuple(Column(**each) for each in said["columns"])
    layout = Layout(features, columns, {code: tuple(values) for code, values in said["values"].items()})
    return Model(layout, said["intercept"], said["base_rate"], said["a"], said["b"])


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def sigmoid(z: float) -> float:
    """The logistic function, without overflow at either end."""
    return 0.5 * (1.0 + math.tanh(0.5 * z))


def points_of(exact: float) -> int:
    """A score in points, half up, from 0 to 100."""
    return int(max(Decimal(0), min(Decimal(100), Decimal(exact).quantize(Decimal(1), ROUND_HALF_UP))))


def grade_of(score: int) -> str:
    """The letter of a learned score: A from 65, B from 50, C from 35, else D."""
    return next((grade for low, grade in GRADES if score >= low), "D")


def weightiest(reasons: Sequence[Reason], count: int = 3) -> tuple[list[Reason], list[Reason]]:
    """The largest reasons for and against."""
    ordered = sorted(reasons, key=lambda reason: (-abs(reason.points), reason.feature))
    return [each for each in ordered if each.points > 0][:count], [each for each in ordered if each.points < 0][:count]
