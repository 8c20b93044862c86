"""The geometry of the small server-drawn figures: sparkline, funnel, stacked bar. Numbers in, coordinates out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import sqrt
from typing import Any

Number = int | float | Decimal
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 96, 28, 3
FUNNEL_HEIGHT, FUNNEL_BAR, FUNNEL_STEP = 120, 58, 100


@dataclass(frozen=True)
class Spark:
    """A sparkline as SVG points, with its last point."""

    line: str
    area: str
    x: str
    y: str


def spark(values: Iterable[Number]) -> Spark | None:
    """The line through the values, lowest at the bottom; None for fewer than two."""
    series = [float(value) for value in values]
    if len(series) < 2:
        return None
    low, high = min(series), max(series)
    room = SPARK_HEIGHT - 2 * SPARK_MARGIN
    points = [
        (index * SPARK_WIDTH / (len(series) - 1), SPARK_HEIGHT - SPARK_MARGIN - (value - low) / ((high - low) or 1) * room)
        for index, value in enumerate(series)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Spark(line, f"0,{SPARK_HEIGHT} {line} {SPARK_WIDTH},{SPARK_HEIGHT}", f"{points[-1][0]:.1f}", f"{points[-1][1]:.1f}")


def funnel(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    The steps with their bars: height is the share of the first step on a square-root scale, so that the last steps stay visible.

    Each step needs `n`; it gains y, h, tail (the slope to the next bar) and, unless it brings one, `rate`: n in percent of the step before.
    """
    first = max((float(step["n"]) for step in steps), default=0.0) or 1.0
    drawn = []
    for index, step in enumerate(steps):
        height = round(sqrt(max(float(step["n"]), 0.0) / first) * FUNNEL_HEIGHT, 1)
        before = steps[index - 1]["n"] if index else None
        rate = step.get("rate", round(100 * float(step["n"]) / float(before)) if before else None)
        drawn.append({**step, "h": max(height, 1.5), "y": round(FUNNEL_HEIGHT - max(height, 1.5), 1), "rate": rate, "tail": ""})
    for here, there in pairwise(drawn):
        here["tail"] = f"{FUNNEL_BAR},{here['y']} {FUNNEL_STEP},{there['y']} {FUNNEL_STEP},{FUNNEL_HEIGHT} {FUNNEL_BAR},{FUNNEL_HEIGHT}"
    return drawn


def share(value: Number | None, whole: Number | None) -> int:
    """A whole percentage between 0 and 100, for the width of a bar."""
    if not value or not whole:
        return 0
    return max(0, min(100, round(100 * float(value) / float(whole))))


def stack(parts: Sequence[dict[str, Any]], whole: Number | None = None) -> list[dict[str, Any]]:
    """Parts of one bar side by side: each needs `value` and gains x and width in percent, pct as the share for reading."""
    total = float(whole if whole is not None else sum(part["value"] for part in parts)) or 1.0
    at = 0.0
    placed = []
    for part in parts:
        width = min(max(float(part["value"]), 0.0) / total * 100, 100 - at)
        placed.append({**part, "x": f"{at:.2f}", "width": f"{width:.2f}", "pct": round(width)})
        at += width
    return placed


def ranked(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a bar list: each needs `value` and gains `width`, the percentage of the greatest."""
    most = max((row["value"] for row in rows), default=0)
    return [{"width": share(row["value"], most), **row} for row in rows]
