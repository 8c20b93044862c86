"""From rows to a model with its verdict: split by time, choose columns and penalty, fit, calibrate, measure, fit again on all. Pure.

n, n1 and n0 are the rows, the positive and the negative ones of the whole population, before it is split.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from leads.learning.evaluation import deciles, metrics_of, ranking_of
from leads.learning.features import FEATURES, Feature, Layout, Row, correlations, kept, layout_of, with_averages
from leads.learning.logistic import (
    ENOUGH_TO_CHOOSE,
    USUAL_PENALTY,
    Fit,
    NoSolution,
    calibration,
    choose_penalty,
    fit,
    probability,
)
from leads.learning.model import Model

CODE_VERSION = "1"
LEAST_ROWS, LEAST_OF_EACH = 200, 40
HOLDOUT_SHARE, HOLDOUT_ROWS, HOLDOUT_POSITIVES = 0.2, 40, 8
FEWEST_COLUMNS, ROWS_PER_COLUMN = 4, 10
CALIBRATION_ROWS, CALIBRATION_POSITIVES = 200, 40
LEAST_AUC, BETTER_BY, LARGEST_ECE = 0.65, 0.02, 0.10


class CannotLearn(Exception):
    """There is no model to be had from these rows. `code` says why, `counts` by which numbers."""

    def __init__(self, code: str, **counts: int) -> None:
        self.code, self.counts = code, counts
        super().__init__(f"{code}: {counts}")


@dataclass
class Sample:
    """The mature leads of a tenant: who, captured when, converted in time or not, what was known of each, and its rule score then."""

    ids: list[str] = field(default_factory=list)
    captured: list[datetime] = field(default_factory=list)
    outcomes: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    rule_scores: list[int] = field(default_factory=list)
    features: tuple[Feature, ...] = FEATURES

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, places: Sequence[int]) -> "Sample":
        """The rows in these places."""

        def chosen(values: list[Any]) -> list[Any]:
            return [values[at] for at in places]

        return Sample(
            ids=chosen(self.ids),
            captured=chosen(self.captured),
            outcomes=chosen(self.outcomes),
            rows=chosen(self.rows),
            rule_scores=chosen(self.rule_scores),
            features=self.features,
        )

    @property
    def positives(self) -> int:
        return sum(self.outcomes)

    def y(self) -> Any:
        return np.array(self.outcomes, dtype=np.float64)

    def digest(self) -> str:
        """A hash of everything that a model is made from."""
        told = [self.ids, [each.isoformat() for each in self.captured], self.outcomes, self.rows, self.rule_scores]
        codes = [[feature.code, feature.kind] for feature in self.features]
        return hashlib.sha256(json.dumps([codes, told], default=str, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Trained:
    """A model with how it came about and how good it is. `accepted` says whether it may score leads; `reasons` why not."""

    model: Model
    penalty: float
    n: int
    n1: int
    training_rows: int
    metrics: dict[str, Any]
    rule_metrics: dict[str, Any]
    accepted: bool
    reasons: tuple[str, ...]
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    digest: str


def train(sample: Sample) -> Trained:
    """Learn from a sample. Raises CannotLearn."""
    n, n1 = len(sample), sample.positives
    if n < LEAST_ROWS or n1 < LEAST_OF_EACH or n - n1 < LEAST_OF_EACH:
        raise CannotLearn("too_few", n=n, n1=n1, n0=n - n1)
    ordered = sample.part(sorted(range(n), key=lambda at: (sample.captured[at], sample.ids[at])))
    early, late = split(ordered)
    if not early.positives or early.positives == len(early):
        raise CannotLearn("one_sided", n=len(early), n1=early.positives)
    layout = choose_columns(early, most=max(FEWEST_COLUMNS, min(n1, n - n1) // ROWS_PER_COLUMN))
    numbers = layout.matrix(early.rows)
    penalty = choose_penalty(numbers, early.y(), early.ids) if n >= ENOUGH_TO_CHOOSE else USUAL_PENALTY
    try:
        found = fit(numbers, early.y(), penalty)
    except NoSolution as error:
        raise CannotLearn("no_solution", n=n, n1=n1) from error
    logits = found.logits(layout.matrix(late.rows))
    a, b = 0.0, 1.0
    if len(late) >= CALIBRATION_ROWS and late.positives >= CALIBRATION_POSITIVES:
        a, b = calibration(logits, late.y())
    metrics = metrics_of([float(each) for each in probability(a + b * logits)], late.outcomes, late.ids)
    rule_metrics = ranking_of(late.rule_scores, late.outcomes, late.ids)
    reasons = objections(metrics, rule_metrics)
    rows = early
    if not reasons:
        rows = ordered
        layout, found = _again(layout, ordered, found)
    model = _model(layout, found, rows, a, b)
    p = probability(a + b * found.logits(model.layout.matrix(rows.rows)))
    edges, parts = deciles([float(each) for each in p])
    return Trained(
        model=model,
        penalty=found.penalty,
        n=n,
        n1=n1,
        training_rows=len(rows),
        metrics=metrics,
        rule_metrics=rule_metrics,
        accepted=not reasons,
        reasons=tuple(reasons),
        edges=tuple(edges),
        shares=tuple(parts),
        digest=ordered.digest(),
    )


def split(ordered: Sample) -> tuple[Sample, Sample]:
    """The training part and the holdout: the latest fifth, at least 40 rows, and so many more as it takes to have eight positives."""
    n = len(ordered)
    size = max(math.ceil(round(HOLDOUT_SHARE * n, 9)), HOLDOUT_ROWS)
    positives = sum(ordered.outcomes[n - size :])
    while positives < HOLDOUT_POSITIVES and size < n:
        size += 1
        positives += ordered.outcomes[n - size]
    return ordered.part(range(n - size)), ordered.part(range(n - size, n))


def choose_columns(sample: Sample, *, most: int) -> Layout:
    """The columns that go best with the outcome, as many as the rows can bear."""
    layout = layout_of(sample.features, sample.rows)
    strength = correlations(layout.matrix(sample.rows), sample.y())
    best = sorted(range(len(layout.columns)), key=lambda at: (-strength[at], layout.columns[at].name))[:most]
    return kept(layout, best)


def objections(metrics: dict[str, Any], rule_metrics: dict[str, Any]) -> list[str]:
    """What stands against letting a model score leads; nothing if it is good enough and better than the rules."""
    found = []
    if metrics["auc"] is None or metrics["auc"] < LEAST_AUC:
        found.append("auc_too_low")
    if metrics["auc"] is not None and rule_metrics["auc"] is not None and metrics["auc"] < rule_metrics["auc"] + BETTER_BY:
        found.append("not_better_than_rules")
    if metrics["brier_skill"] is None or metrics["brier_skill"] <= 0:
        found.append("no_skill")
    if metrics["ece"] is None or metrics["ece"] > LARGEST_ECE:
        found.append("badly_calibrated")
    return found


def _again(layout: Layout, sample: Sample, found: Fit) -> tuple[Layout, Fit]:
    """The same columns at the same penalty, fitted on all rows."""
    measured = with_averages(layout, sample.rows)
    try:
        return measured, fit(measured.matrix(sample.rows), sample.y(), found.penalty)
    except NoSolution as error:
        raise CannotLearn("no_solution", n=len(sample), n1=sample.positives) from error


def _model(layout: Layout, found: Fit, sample: Sample, a: float, b: float) -> Model:
    measured = with_averages(layout, sample.rows)
    columns = tuple(replace(column, weight=weight) for column, weight in zip(measured.columns, found.weights, strict=True))
    return Model(replace(measured, columns=columns), found.intercept, sample.positives / len(sample), a, b)
