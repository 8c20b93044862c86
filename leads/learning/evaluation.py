"""How good probabilities are against what became true: ranking, size of error, calibration, and whether the leads are still the same kind.

Source: docs/scoring.md; Brier 1950 (score), Hanley and McNeil 1982 (area), Naeini et al. 2015 (calibration error).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

BINS = 5
DECILES = 10
TOP = 0.2
LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Bin:
    """Rows whose probability lies in one of equal ranges: how many, the mean probability, the share that came true."""

    low: float
    high: float
    count: int
    expected: float | None
    observed: float | None


def auc(scores: Sequence[float], y: Sequence[int]) -> float | None:
    """The chance that a positive row scores above a negative one, ties counting half. None without one of both."""
    positives, negatives = sum(y), len(y) - sum(y)
    if not positives or not negatives:
        return None
    rank_sum, passed = 0.0, 0
    for _score, group in groupby(sorted(zip(scores, y, strict=True)), key=lambda pair: pair[0]):
        tied = [label for _score, label in group]
        rank_sum += sum(tied) * (passed + (len(tied) + 1) / 2)
        passed += len(tied)
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def log_loss(p: Sequence[float], y: Sequence[int]) -> float | None:
    """The mean of minus the log of the probability given to what came true."""
    if not y:
        return None
    safe = [min(max(each, 1e-15), 1 - 1e-15) for each in p]
    return -sum(math.log(each if label else 1 - each) for each, label in zip(safe, y, strict=True)) / len(y)


def brier(p: Sequence[float], y: Sequence[int]) -> float | None:
    """The mean squared error of the probabilities."""
    return sum((each - label) ** 2 for each, label in zip(p, y, strict=True)) / len(y) if y else None


def brier_skill(p: Sequence[float], y: Sequence[int]) -> float | None:
    """How much better than always saying the base rate: 1 is perfect, 0 no better. None where the base rate is 0 or 1."""
    error = brier(p, y)
    share = sum(y) / len(y) if y else 0
    return 1 - error / (share * (1 - share)) if error is not None and 0 < share < 1 else None


def bins(p: Sequence[float], y: Sequence[int], count: int = BINS) -> list[Bin]:
    """The calibration table: equal ranges from 0 to 1, the last one closed."""
    found: list[list[int]] = [[] for _ in range(count)]
    for index, each in enumerate(p):
        found[min(int(each * count), count - 1)].append(index)
    table = []
    for number, rows in enumerate(found):
        expected = sum(p[row] for row in rows) / len(rows) if rows else None
        observed = sum(y[row] for row in rows) / len(rows) if rows else None
        table.append(Bin(number / count, (number + 1) / count, len(rows), expected, observed))
    return table


def ece(p: Sequence[float], y: Sequence[int], count: int = BINS) -> float | None:
    """The expected calibration error: how far the bins' mean probability is from what came true, weighted by their rows."""
    if not y:
        return None
    return sum(each.count * abs((each.expected or 0) - (each.observed or 0)) for each in bins(p, y, count)) / len(y)


def lift(scores: Sequence[float], y: Sequence[int], ids: Sequence[str], share: float = TOP) -> float | None:
    """How many times more often the best-scored share came true than all did. The count is rounded up, ties go by id."""
    if not y or not sum(y):
        return None
    order = sorted(range(len(y)), key=lambda row: (-scores[row], ids[row]))
    top = order[: math.ceil(round(share * len(y), 9))]
    return (sum(y[row] for row in top) / len(top)) / (sum(y) / len(y))


def deciles(p: Sequence[float]) -> tuple[list[float], list[float]]:
    """The inner edges of ten equally filled ranges of probabilities, and the share of rows in each range that they make."""
    ordered = sorted(p)
    edges = sorted({ordered[min(len(ordered) * number // DECILES, len(ordered) - 1)] for number in range(1, DECILES)}) if ordered else []
    return edges, shares(p, edges)


def shares(p: Sequence[float], edges: Sequence[float]) -> list[float]:
    """The share of rows in each range between edges; a row on an edge belongs above it."""
    counts = [0] * (len(edges) + 1)
    for each in p:
        counts[sum(edge <= each for edge in edges)] += 1
    return [count / len(p) for count in counts] if p else []


def psi(expected: Sequence[float], actual: Sequence[float]) -> float:
    """The population stability index of two distributions over the same ranges: 0 is the same, above 0.25 another population."""
    pairs = [(max(e, LEAST_SHARE), max(a, LEAST_SHARE)) for e, a in zip(expected, actual, strict=True)]
    return sum((a - e) * math.log(a / e) for e, a in pairs)


def metrics_of(p: Sequence[float], y: Sequence[int], ids: Sequence[str]) -> dict[str, Any]:
    """All figures of a set of probabilities, by name."""
    share = sum(y) / len(y) if y else None
    return {
        "rows": len(y),
        "positives": sum(y),
        "base_rate": share,
        "auc": auc(p, y),
        "log_loss": log_loss(p, y),
        "base_log_loss": log_loss([share] * len(y), y) if share is not None else None,
        "brier": brier(p, y),
        "brier_skill": brier_skill(p, y),
        "ece": ece(p, y),
        "lift_20": lift(p, y, ids),
        "lift_curve": [[step * 10, lift(p, y, ids, step / 10)] for step in range(1, 11)],
        "calibration": [[each.low, each.high, each.count, each.expected, each.observed] for each in bins(p, y)],
    }


def ranking_of(scores: Sequence[int], y: Sequence[int], ids: Sequence[str]) -> dict[str, Any]:
    """The figures of a score that ranks without being a probability."""
    return {
        "rows": len(y),
        "positives": sum(y),
        "auc": auc(scores, y),
        "lift_20": lift(scores, y, ids),
        "lift_curve": [[step * 10, lift(scores, y, ids, step / 10)] for step in range(1, 11)],
    }
