"""When open items are likely to be paid: by the payer's habits, by promises and by disputes. Pure: facts and days are passed in.

A payer's habit is the chance, for each day before or after the due date, that what is still open then is paid on that day (a discrete-time
hazard). What was not paid by the day of the forecast counts as far as it was seen (Kaplan and Meier 1958), so that slow payers are not
mistaken for quick ones. A payer of whom little is known is drawn to the habit of all payers, and that one to a vague guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

EARLIEST, LATEST = -60, 240  # days after the due date of which habits are told apart
SPAN: Final = LATEST - EARLIEST + 1
TAIL: Final = 60  # the last so many days tell how what is later still is paid
GUESS_BEFORE, GUESS_AFTER, GUESS_WEIGHT = 0.003, 0.03, 2.0
SHRINKAGE: Final = 4.0  # items of all payers that weigh as much as a payer's own
NEAR: Final = 7  # days over which what was seen is spread
KEPT_GUESS, KEPT_WEIGHT = 0.7, 2.0
TOGETHER: Final = 0.3  # how often a payer pays an item when it pays its others
DRAWS: Final = 1000
MOST_DRAWN: Final = 5000  # the parts that are drawn by chance; of smaller ones the expected amount is as good
SEED: Final = 20_260_101


@dataclass(frozen=True)
class Spells:
    """How long parts of items stayed open: from one delay to another (days after the due date), as so much of an item, and whether the
    spell ended with a payment or was only seen so far."""

    payer: Ints
    start: Ints
    end: Ints
    weight: Floats
    paid: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """So much of an item (in the smallest unit), due on a day (as an ordinal). A promised part has the days of its promise; one that
    cannot be paid before a day, because it is disputed, has that day."""

    item: Any
    payer: int
    amount: int
    due: int
    promised: tuple[int, int] | None = None
    not_before: int | None = None


class Habits:
    """The habits of all payers. `kept` are, by payer, how many promises were kept (half kept counts half) and how many there were."""

    def __init__(self, spells: Spells, kept: Mapping[int, tuple[float, int]]) -> None:
        order = np.argsort(spells.payer, kind="stable")
        self._spells = Spells(*(column[order] for column in vars(spells).values()))
        self._payers, self._first = np.unique(self._spells.payer, return_index=True)
        paid, seen = _counts(self._spells)
        guess = np.where(np.arange(SPAN) + EARLIEST < 0, GUESS_BEFORE, GUESS_AFTER)
        self._all = (_spread(paid) + GUESS_WEIGHT * guess) / (np.maximum(_spread(seen), _spread(paid)) + GUESS_WEIGHT)
        self._curves: dict[int, Floats] = {}
        self._kept = kept
        total, number = sum(each for each, _n in kept.values()), sum(n for _each, n in kept.values())
        self._all_kept = (total + KEPT_WEIGHT * KEPT_GUESS) / (number + KEPT_WEIGHT)
        self._of_strangers = _survival(self._all)

    def curve(self, payer: int) -> Floats:
        """The logarithm of what is still open after each delay, from the day before the earliest on."""
        if payer not in self._curves:
            place = int(np.searchsorted(self._payers, payer))
            if place == len(self._payers) or self._payers[place] != payer:
                return self._of_strangers
            last = self._first[place + 1] if place + 1 < len(self._first) else len(self._spells.payer)
            own = Spells(*(column[self._first[place] : last] for column in vars(self._spells).values()))
            paid, seen = _counts(own)
            paid = _spread(paid)
            self._curves[payer] = _survival((paid + SHRINKAGE * self._all) / (np.maximum(seen, paid) + SHRINKAGE))
        return self._curves[payer]

    def keeps(self, payer: int) -> float:
        """The chance that the payer keeps a promise."""
        kept, number = self._kept.get(payer, (0.0, 0))
        return (kept + KEPT_WEIGHT * self._all_kept) / (number + KEPT_WEIGHT)


def _counts(spells: Spells) -> tuple[Floats, Floats]:
    """By delay: how much was paid on it, and how much was open up to it."""
    start, end = (np.clip(days, EARLIEST, LATEST) - EARLIEST for days in (spells.start, spells.end))
    paid = np.bincount(end, weights=spells.weight * spells.paid, minlength=SPAN)
    came = np.bincount(np.minimum(start, end), weights=spells.weight, minlength=SPAN)
    went = np.bincount(end, weights=spells.weight, minlength=SPAN)
    return paid.astype(np.float64), (np.cumsum(came) - np.cumsum(went) + went).astype(np.float64)


def _spread(counts: Floats) -> Floats:
    """Each day's number over the days around it; the sum stays."""
    half = NEAR // 2
    wide = np.convolve(counts, np.full(NEAR, 1 / NEAR))
    inside = wide[half : half + SPAN].copy()
    inside[0] += wide[:half].sum()
    inside[-1] += wide[half + SPAN :].sum()
    return inside


def _survival(hazard: Floats) -> Floats:
    steps = np.log1p(-np.clip(hazard, 1e-6, 0.95))
    steps[-1] = steps[-TAIL:].mean()  # and what is later than the latest goes on like that
    return np.concatenate([[0.0], np.cumsum(steps)])


def _open_after(curve: Floats, delays: Ints) -> Floats:
    """The logarithm of what is still open after so many days."""
    place = delays - EARLIEST + 1
    inside = curve[np.clip(place, 0, SPAN)]
    return inside + np.maximum(place - SPAN, 0) * (curve[-1] - curve[-2])


def chances(part: Part, habits: Habits, edges: Sequence[int]) -> Floats:
    """The chance that a part is paid in each span of days, and, last, after them. `edges` are the day of the forecast, at whose end it is
    open, and the last day of each span; they sum to one."""
    curve, ends = habits.curve(part.payer), np.asarray(edges, dtype=np.int64)
    start = edges[0] if part.not_before is None else max(edges[0], part.not_before)
    if part.promised is None:
        return _by_habit(curve, part.due, start, ends)
    first, last = max(part.promised[0], edges[0] + 1), part.promised[1]
    if last < first:
        return _by_habit(curve, part.due, start, ends)
    share = np.clip((ends - first + 1) / (last - first + 1), 0, 1)
    kept = np.append(np.diff(share), 1 - share[-1])
    return habits.keeps(part.payer) * kept + (1 - habits.keeps(part.payer)) * _by_habit(curve, part.due, max(start, last), ends)


def _by_habit(curve: Floats, due: int, start: int, ends: Ints) -> Floats:
    """Of what is open at the end of day `start`."""
    left = np.exp(_open_after(curve, np.maximum(ends, start) - due) - _open_after(curve, np.asarray([start - due])))
    return np.append(-np.diff(left), left[-1])


@dataclass(frozen=True)
class Forecast:
    """What comes in, in the smallest unit: by span (and last, later) the expected amounts; the drawn sums, a row for each draw."""

    expected: Ints
    drawn: Ints = field(repr=False)

    def quantile(self, span: int, share: float) -> float:
        """So much or less comes in with this chance."""
        return float(np.quantile(self.drawn[:, span], share))


def forecast(parts: Sequence[Part], habits: Habits, edges: Sequence[int], *, draws: int = DRAWS) -> Forecast:
    """Draw so many futures and sum up each. In every one each part is paid once or later than the last span: no cent is lost.

    The same parts give the same forecast: the seed is fixed. A payer's items are sometimes paid together (`TOGETHER`).
    """
    ordered = sorted(parts, key=lambda part: (part.payer, str(part.item), part.promised is None, part.not_before or 0, part.amount))
    limit = sorted((part.amount for part in ordered), reverse=True)[MOST_DRAWN] if len(ordered) > MOST_DRAWN else -1
    luck = np.random.default_rng(SEED)
    sums, rows = np.zeros((draws, len(edges)), dtype=np.int64), np.arange(draws)
    expected = np.zeros(len(edges), dtype=np.int64)
    whose, shared = None, np.empty(0)
    for part in ordered:
        chance = chances(part, habits, edges)
        upto = np.cumsum(chance)
        share = _whole(part.amount, upto)
        expected += share
        if part.amount <= limit:
            sums += share
            continue
        if part.payer != whose:
            whose, shared = part.payer, luck.random(draws)
        drawn = np.where(luck.random(draws) < TOGETHER, shared, luck.random(draws))
        sums[rows, np.minimum(np.searchsorted(upto, drawn, side="right"), len(edges) - 1)] += part.amount
    return Forecast(expected, sums)


def _whole(amount: int, upto: Floats) -> Ints:
    """An amount spread by cumulative chances in whole units that sum to it."""
    marks = np.rint(amount * np.clip(upto, 0, 1)).astype(np.int64)
    marks[-1] = amount
    return np.diff(marks, prepend=np.int64(0))


@dataclass(frozen=True)
class Told:
    """What was foretold for a week and what came in."""

    p10: float
    p50: float
    p90: float
    came: float

    @property
    def is_within(self) -> bool:
        return self.p10 <= self.came <= self.p90

    @property
    def loss(self) -> float:
        """The mean pinball loss of the three quantiles: small if they are near, and on the right side as often as they say."""
        pairs = ((0.1, self.p10), (0.5, self.p50), (0.9, self.p90))
        return sum(max(share * (self.came - told), (share - 1) * (self.came - told)) for share, told in pairs) / len(pairs)


@dataclass(frozen=True)
class Quality:
    """How good forecasts were, over some weeks: how often the outcome lay between p10 and p90, the pinball loss and the error of p50 by
    what came in, and whether p50 was too high (above zero) or too low."""

    weeks: int
    coverage: float | None
    loss: float | None
    error: float | None
    bias: float | None


def quality(weeks: Sequence[Told]) -> Quality:
    """The quality of the weeks in which something came in or was foretold; no figure without a denominator."""
    counted = [week for week in weeks if week.came or week.p90]
    came = sum(week.came for week in counted)
    if not counted:
        return Quality(0, None, None, None, None)
    coverage = sum(week.is_within for week in counted) / len(counted)
    if not came:
        return Quality(len(counted), coverage, None, None, None)
    error = sum(abs(week.came - week.p50) for week in counted) / came
    bias = sum(week.p50 - week.came for week in counted) / came
    return Quality(len(counted), coverage, sum(week.loss for week in counted) / came, error, bias)
