"""How work really goes: the ways that records take through their steps, how often, how long, where they turn back and where they wait.

Pure but for the registry: the stages register their processes, each with its steps in order and the traces of its records.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from ltc.analytics.counted import Fact, Question, days_between, median_of, quotient

ENDED, BEGUN = "ended", "begun"
SEPARATOR: Final = ">"


@dataclass(frozen=True, slots=True)
class Trace:
    """A record's way: each step that it entered, with the instant."""

    fact: Fact
    steps: tuple[tuple[str, datetime], ...]

    @property
    def way(self) -> tuple[str, ...]:
        return tuple(step for step, _at in self.steps)

    @property
    def days(self) -> Decimal:
        """From the first step to the last."""
        return days_between(self.steps[0][1], self.steps[-1][1])


TraceReader = Callable[[Question], Iterable[Trace]]


@dataclass(frozen=True)
class Process:
    """A kind of work: `path` are its steps in order, the last of them the good end; `aside` are steps and ends beside the path."""

    code: str
    label: Any
    path: Mapping[str, Any]
    aside: Mapping[str, Any]
    ends: frozenset[str]
    read: TraceReader = field(repr=False)

    @property
    def steps(self) -> dict[str, Any]:
        return {**self.path, **self.aside}

    def traces(self, question: Question, of: str = ENDED) -> Iterator[Trace]:
        """The ways of the records that ended in the period, or of those that began in it."""
        for trace in self.read(question):
            last, at = trace.steps[-1]
            if question.covers(at if of == ENDED else trace.steps[0][1]) and (of == BEGUN or last in self.ends):
                yield trace

    def turns(self, way: Iterable[str]) -> tuple[int, int]:
        """How often a way turns back to a step that it had reached, and how many steps it leaves out."""
        place = {step: number for number, step in enumerate(self.path)}
        furthest, back, left_out = -1, 0, 0
        for step in way:
            if (here := place.get(step)) is None:
                continue
            if here <= furthest:
                back += 1
            else:
                left_out += here - furthest - 1
                furthest = here
        return back, left_out


_processes: dict[str, Process] = {}


def process(code: str, *, label: Any, path: Mapping[str, Any], aside: Mapping[str, Any], ends: Iterable[str]) -> Any:
    """Register a process: decorate a function of a Question that gives the traces of the records that the asker may see."""

    def register(read: TraceReader) -> TraceReader:
        _processes[code] = Process(code, label, path, aside, frozenset(ends), read)
        return read

    return register


def processes() -> list[Process]:
    return list(_processes.values())


def process_named(code: str) -> Process | None:
    return _processes.get(code)


@dataclass
class Variant:
    """One way, and the records that took it."""

    way: tuple[str, ...]
    days: list[Decimal] = field(default_factory=list)
    rework: int = 0
    skips: int = 0

    @property
    def key(self) -> str:
        return SEPARATOR.join(self.way)

    @property
    def count(self) -> int:
        return len(self.days)


@dataclass
class Waits:
    """How long records took from one step to the next, or stood in a step."""

    days: list[Decimal] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.days)

    @property
    def total(self) -> Decimal:
        return sum(self.days, Decimal(0))

    @property
    def median(self) -> Decimal | None:
        return median_of(self.days)


@dataclass
class Map:
    """What all ways together say."""

    cases: int = 0
    variants: list[Variant] = field(default_factory=list)
    steps: dict[str, Waits] = field(default_factory=dict)
    moves: dict[tuple[str, str], Waits] = field(default_factory=dict)
    reworked: int = 0
    skipping: int = 0

    @property
    def bottleneck(self) -> str:
        """The step in which the records together stood longest; "" if none stood anywhere."""
        waited = {step: waits.total for step, waits in self.steps.items() if waits.total}
        return max(waited, key=lambda step: waited[step], default="")

    def share(self, number: int | Decimal, whole: int | Decimal | None = None) -> Decimal | None:
        return quotient(number, self.cases if whole is None else whole)

    @property
    def waited(self) -> Decimal:
        return sum((waits.total for waits in self.steps.values()), Decimal(0))


def mapped(found: Process, traces: Iterable[Trace]) -> Map:
    """The map of some traces: variants by frequency, the time in each step and between each two, rework and skips."""
    drawn = Map(steps={step: Waits() for step in found.steps})
    variants: dict[tuple[str, ...], Variant] = {}
    for trace in traces:
        drawn.cases += 1
        way = trace.way
        variant = variants.get(way)
        if variant is None:
            back, left_out = found.turns(way)
            variant = variants[way] = Variant(way, rework=back, skips=left_out)
        variant.days.append(trace.days)
        drawn.reworked += variant.rework > 0
        drawn.skipping += variant.skips > 0
        for (step, start), (following, end) in pairwise(trace.steps):
            took = days_between(start, end)
            drawn.moves.setdefault((step, following), Waits()).days.append(took)
            if step not in found.ends:
                drawn.steps[step].days.append(took)
    drawn.variants = sorted(variants.values(), key=lambda each: (-each.count, each.way))
    return drawn


def plain(steps: Iterable[tuple[datetime, str]]) -> tuple[tuple[str, datetime], ...]:
    """Steps in order of time, each once until another one begins."""
    found: list[tuple[str, datetime]] = []
    for at, step in steps:
        if not found or found[-1][0] != step:
            found.append((step, at))
    return tuple(found)
