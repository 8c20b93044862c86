"""What the learned score looks at, in its fixed order, and the columns that a matrix of it has. Pure.

Never looked at: owner, team, first response, state, what our own staff did (leakage), and sex, age, name, nationality (fairness).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from leads.learning.logistic import Matrix

RARE = 10
OTHER, UNKNOWN = "other", "unknown"
STAFF_TYPES = frozenset({"call_connected", "meeting_held", "no_show"})
REQUEST_TYPES = frozenset({"quote_request", "demo_request", "form_submit"})


class Kind(StrEnum):
    CHOICE = "choice"
    RARE_CHOICE = "rare_choice"
    NUMBER = "number"
    LOG = "log"
    FLAG = "flag"


@dataclass(frozen=True)
class Feature:
    """One thing that is known of a lead. Of a `rare_choice`, values with fewer than ten rows become `other`; `log` takes log(1 + x)."""

    code: str
    kind: Kind
    may_be_missing: bool = False


FEATURES = (
    Feature("industry_match", Kind.CHOICE),
    Feature("seniority", Kind.CHOICE),
    Feature("budget", Kind.CHOICE),
    Feature("timeline", Kind.CHOICE),
    Feature("channel", Kind.RARE_CHOICE),
    Feature("region", Kind.RARE_CHOICE),
    Feature("size_employees", Kind.LOG, may_be_missing=True),
    Feature("engagement", Kind.NUMBER),
    Feature("requests", Kind.LOG),
    Feature("personal_mail", Kind.FLAG),
    Feature("has_phone", Kind.FLAG),
    Feature("is_existing_customer", Kind.FLAG),
)
Row = tuple[Any, ...]
"""The values of one lead, in the order of the features: text, a number, a truth value, or None where it is missing."""


@dataclass(frozen=True)
class Column:
    """One number of a lead as the regression takes it: (x - mean)/sd of a number, else 0 or 1. `average`: its mean in training."""

    name: str
    feature: str
    kind: str
    value: str = ""
    mean: float = 0.0
    sd: float = 1.0
    average: float = 0.0
    weight: float = 0.0


@dataclass(frozen=True)
class Layout:
    """How rows become columns: the features, their columns, and for each choice the values that have a meaning of their own."""

    features: tuple[Feature, ...]
    columns: tuple[Column, ...]
    values: dict[str, tuple[str, ...]]

    def matrix(self, rows: Sequence[Row]) -> Matrix:
        """The rows as numbers, a column each."""
        place = {feature.code: index for index, feature in enumerate(self.features)}
        kinds = {feature.code: feature.kind for feature in self.features}
        numbers = np.zeros((len(rows), len(self.columns)), dtype=np.float64)
        for at, column in enumerate(self.columns):
            index, kind = place[column.feature], kinds[column.feature]
            for line, row in enumerate(rows):
                numbers[line, at] = cell(column, kind, row[index], self.values.get(column.feature, ()))
        return numbers


def cell(column: Column, kind: str, value: Any, known: Sequence[str]) -> float:
    """What one value is in one column."""
    if column.kind == "choice":
        return float(chosen(value, kind, known) == column.value)
    if column.kind == "missing":
        return float(value is None)
    if column.kind == "flag":
        return float(bool(value))
    return 0.0 if value is None else (size(value, kind) - column.mean) / column.sd


def size(value: float, kind: str) -> float:
    return math.log1p(max(float(value), 0.0)) if kind == Kind.LOG else float(value)


def chosen(value: Any, kind: str, known: Sequence[str]) -> str:
    """The value of a choice by which it is known: missing is `unknown`, a rare or new one `other`."""
    text = str(value) if value not in (None, "") else UNKNOWN
    return text if text in known or kind == Kind.CHOICE else OTHER


def layout_of(features: Sequence[Feature], rows: Sequence[Row]) -> Layout:
    """The columns that these rows give, with means and deviations from them. Columns that are the same in every row are left out."""
    columns: list[Column] = []
    values: dict[str, tuple[str, ...]] = {}
    for index, feature in enumerate(features):
        found = [row[index] for row in rows]
        if feature.kind in (Kind.CHOICE, Kind.RARE_CHOICE):
            columns += _choices(feature, found, values)
        elif feature.kind == Kind.FLAG:
            columns.append(Column(feature.code, feature.code, "flag"))
        else:
            columns.append(_number(feature, found))
            if feature.may_be_missing:
                columns.append(Column(f"{feature.code}_missing", feature.code, "missing"))
    layout = Layout(tuple(features), tuple(columns), values)
    return kept(layout, [at for at, column in enumerate(layout.matrix(rows).T) if column.size and column.min() != column.max()])


def kept(layout: Layout, places: Iterable[int]) -> Layout:
    """A layout with only the columns in these places."""
    return replace(layout, columns=tuple(layout.columns[at] for at in sorted(places)))


def with_averages(layout: Layout, rows: Sequence[Row]) -> Layout:
    """The same columns, measured on other rows: means and deviations of numbers, averages of all."""
    place = {feature.code: index for index, feature in enumerate(layout.features)}
    kinds = {feature.code: feature for feature in layout.features}
    measured = [
        replace(column, mean=again.mean, sd=again.sd)
        if column.kind == "number" and (again := _number(kinds[column.feature], [row[place[column.feature]] for row in rows]))
        else column
        for column in layout.columns
    ]
    fresh = replace(layout, columns=tuple(measured))
    averages = fresh.matrix(rows).mean(axis=0)
    return replace(fresh, columns=tuple(replace(column, average=float(averages[at])) for at, column in enumerate(fresh.columns)))


def _choices(feature: Feature, found: Sequence[Any], values: dict[str, tuple[str, ...]]) -> list[Column]:
    """A column for each value but the most frequent one, which the intercept stands for; of equals the first by name."""
    counts = Counter(str(value) if value not in (None, "") else UNKNOWN for value in found)
    if feature.kind == Kind.RARE_CHOICE:
        known = {value for value, count in counts.items() if count >= RARE}
        values[feature.code] = tuple(sorted(known))
        counts = Counter({value: count for value, count in counts.items() if value in known}) + Counter(
            {OTHER: sum(count for value, count in counts.items() if value not in known)}
        )
    if not counts:
        return []
    reference = min(counts, key=lambda value: (-counts[value], value))
    return [Column(f"{feature.code}={value}", feature.code, "choice", value=value) for value in sorted(counts) if value != reference]


def _number(feature: Feature, found: Sequence[Any]) -> Column:
    numbers = np.array([size(value, feature.kind) for value in found if value is not None], dtype=np.float64)
    if not numbers.size:
        return Column(feature.code, feature.code, "number")
    sd = float(numbers.std())
    return Column(feature.code, feature.code, "number", mean=float(numbers.mean()), sd=sd if sd > 0 else 1.0)


def correlations(columns: Matrix, y: Matrix) -> list[float]:
    """The size of each column's point-biserial correlation with the outcome; 0 where there is none to speak of."""
    centred, outcome = columns - columns.mean(axis=0), y - y.mean()
    spread = np.sqrt((centred**2).sum(axis=0) * (outcome**2).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.abs(centred.T @ outcome) / spread
    return [float(each) if np.isfinite(each) else 0.0 for each in found]
