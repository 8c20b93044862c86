"""How long work lies between two hands: the median of the days, and the share that passed within the days that the company aims at."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Counted, Question, Reader, median, share
from ltc.analytics.options import options
from ltc.analytics.registry import SLICES, metric


def lag(code: str, *, target: str, label: Any, formula: Any, slices: tuple[str, ...] = SLICES) -> Any:
    """Register a lag and its share in time: decorate a reader whose records tell their days as `part`.

    `target` is the name under which the company keeps the days that it aims at.
    """

    def register(read: Reader) -> Reader:
        def in_time(question: Question) -> Iterator[Counted]:
            most = options().lag_targets[target]
            return (replace(each, part=int(each.part <= most), whole=1) for each in read(question))

        metric(code, label=label, formula=formula, unit="days", direction="down", reduce=median, slices=slices)(read)
        metric(
            f"{code}.in_time", label=format_lazy(_("{lag}, in time"), lag=label), unit="rate", reduce=share, slices=slices,
            formula=format_lazy(_("Those that took no more days than the company aims at ÷ all of these: {lag}"), lag=formula),
        )(in_time)  # fmt: skip
        return read

    return register
