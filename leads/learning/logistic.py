"""Logistic regression with a ridge penalty, by Newton's method (iteratively re-weighted least squares). Same data, same coefficients.

Source: docs/scoring.md; Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4.1.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SETTLED, MOST_STEPS = 1e-8, 50
LARGEST_WEIGHT, RETRIES = 10.0, 2
PENALTIES, FOLDS = (0.1, 1.0, 10.0), 5
USUAL_PENALTY = 1.0
ENOUGH_TO_CHOOSE = 500
Matrix = np.ndarray[Any, np.dtype[np.float64]]


class NoSolution(ArithmeticError):
    """No coefficients could be found that are small and settled, at any penalty that was tried."""


@dataclass(frozen=True)
class Fit:
    """An intercept, a weight per column, and the penalty at which they were found."""

    intercept: float
    weights: tuple[float, ...]
    penalty: float

    def logits(self, columns: Matrix) -> Matrix:
        return np.asarray(self.intercept + columns @ np.asarray(self.weights, dtype=np.float64), dtype=np.float64)


def probability(logits: Matrix) -> Matrix:
    """The logistic function, without overflow at either end."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), dtype=np.float64)


def log_loss(p: Matrix, y: Matrix) -> float:
    """Minus the log-likelihood, summed over the rows."""
    safe = np.clip(p, 1e-15, 1 - 1e-15)
    return float(-np.sum(y * np.log(safe) + (1 - y) * np.log1p(-safe)))


def newton(columns: Matrix, y: Matrix, penalty: float) -> Fit | None:
    """Minimise the summed log-loss + penalty/2 · |weights|²; the intercept is free. None if it does not settle."""
    design = np.column_stack([np.ones(len(y)), columns])
    ridge = np.full(design.shape[1], float(penalty))
    ridge[0] = 0.0
    beta = np.zeros(design.shape[1])
    for _step in range(MOST_STEPS):
        p = probability(design @ beta)
        gradient = design.T @ (y - p) - ridge * beta
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        try:
            change = np.linalg.solve(curvature, gradient)
        except np.linalg.LinAlgError:
            return None
        if not np.all(np.isfinite(change)):
            return None
        beta = beta + change
        if np.max(np.abs(change)) < SETTLED:
            return Fit(float(beta[0]), tuple(float(each) for each in beta[1:]), float(penalty))
    return None


def fit(columns: Matrix, y: Matrix, penalty: float = USUAL_PENALTY) -> Fit:
    """The coefficients at a penalty; at ten and a hundred times as much if they do not settle or pass ten. Raises NoSolution."""
    for attempt in range(RETRIES + 1):
        found = newton(columns, y, penalty * 10**attempt)
        if found is not None and all(abs(weight) <= LARGEST_WEIGHT for weight in found.weights):
            return found
    raise NoSolution(f"The regression does not settle, even at a penalty of {penalty * 10**RETRIES:g}.")


def fold_of(lead_id: str) -> int:
    """The part of a five-fold cross-validation that a lead belongs to, by a hash of its id: the same on every run and machine."""
    return int.from_bytes(hashlib.sha256(lead_id.encode()).digest()[:8], "big") % FOLDS


def choose_penalty(columns: Matrix, y: Matrix, ids: Sequence[str]) -> float:
    """Of 0.1, 1 and 10 the penalty with the least cross-validated log-loss; of equals the larger."""
    folds = np.array([fold_of(each) for each in ids])
    losses = {}
    for penalty in PENALTIES:
        loss = 0.0
        for fold in range(FOLDS):
            inside, outside = folds != fold, folds == fold
            found = newton(columns[inside], y[inside], penalty) if inside.any() else None
            if found is None:
                loss = float("inf")
                break
            if outside.any():
                loss += log_loss(probability(found.logits(columns[outside])), y[outside])
        losses[penalty] = loss
    best = min(losses.values())
    return max(penalty for penalty, loss in losses.items() if loss == best) if np.isfinite(best) else USUAL_PENALTY


def calibration(logits: Matrix, y: Matrix) -> tuple[float, float]:
    """a and b of logit p' = a + b · logit p, fitted without a penalty; 0 and 1 where that has no answer."""
    found = newton(logits[:, None], y, 0.0)
    return (found.intercept, found.weights[0]) if found is not None and found.weights[0] > 0 else (0.0, 1.0)
