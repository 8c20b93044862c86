"""The metrics and funnel steps that the stages offer. Analytics itself knows no stage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

from django.db.models import Model

from ltc.analytics.counted import Answer, Counted, Question, Reader, Reducer, Tally
from ltc.analytics.periods import Days, Period
from ltc.users.actors import Actor

Unit = Literal["count", "rate", "days", "minutes", "money", "score"]
Direction = Literal["up", "down"]
SLICES: Final = ("owner", "team", "channel", "campaign", "product", "region", "segment")


@dataclass(frozen=True)
class Metric:
    """A number that the product answers for: its code, name, formula in words, unit, and which direction is good.

    `read` gives the records that are counted, `reduce` makes the number of them: so the list behind a number is always the number's own.
    `slices` are the dimensions by which its records can be told apart.
    """

    code: str
    label: Any
    formula: Any
    unit: Unit
    direction: Direction
    read: Reader = field(repr=False)
    reduce: Reducer = field(repr=False)
    slices: tuple[str, ...] = SLICES
    is_table: bool = False

    def compute(self, question: Question) -> Answer:
        """The answer, over the records that the asker may see."""
        tally = Tally(self.read(question))
        answer = self.reduce(tally, question)
        return replace(answer, counted=tally.exhausted())

    def sliced(self, question: Question, by: str) -> dict[str, Answer]:
        """The answer of each slice, by its key; the records of all slices together are those of the whole."""
        groups: dict[str, list[Counted]] = {}
        for counted in self.read(replace(question, by=by)):
            groups.setdefault(counted.fact.dimension(by), []).append(counted)
        return {key: replace(self.reduce(group, question), counted=len(group)) for key, group in sorted(groups.items())}


@dataclass(frozen=True)
class StepFact:
    """Of the leads captured on `day` through `channel`: how many reached the step, their worth (base currency), their days to it in sum."""

    day: date
    channel: str
    count: int
    amount: Decimal = Decimal(0)
    days: Decimal = Decimal(0)


class StepFacts(Protocol):
    """What a step counts: its facts one after the other, and the leads behind them."""

    def __iter__(self) -> Iterator[StepFact]: ...

    def leads(self, channel: str = "") -> Any: ...


StepCounter = Callable[[Period | Days, Actor], StepFacts]


@dataclass(frozen=True)
class Step:
    """One of the steps from lead to cash, in order. `facts` counts it for the leads captured in a period, as far as the actor sees."""

    code: str
    label: Any
    hue: str
    position: int
    facts: StepCounter = field(repr=False)
    page: str = ""


_metrics: dict[str, Metric] = {}
_steps: dict[str, Step] = {}


def metric(
    code: str,
    *,
    label: Any,
    formula: Any,
    unit: Unit,
    reduce: Reducer,
    direction: Direction = "up",
    slices: tuple[str, ...] = SLICES,
    is_table: bool = False,
) -> Callable[[Reader], Reader]:
    """Register a metric: decorate the function of a Question that gives the counted records. Several metrics may share one."""

    def register(read: Reader) -> Reader:
        _metrics[code] = Metric(code, label, formula, unit, direction, read, reduce, slices, is_table)
        return read

    return register


def step(code: str, *, label: Any, hue: str, position: int, page: str = "") -> Callable[[Any], Any]:
    """Register a step: decorate a function of a Period and an Actor that gives StepFacts. `page` names the list that its bar opens."""

    def register(facts: StepCounter) -> StepCounter:
        _steps[code] = Step(code, label, hue, position, facts, page)
        return facts

    return register


@dataclass(frozen=True)
class Origin:
    """How a table's row leads to the lead that it stems from: lookups to the instant of the capture."""

    model: type[Model]
    captured: tuple[str, ...]


_origins: dict[str, Origin] = {}


def stems_from(model: type[Model], *captured: str) -> None:
    """Say which lead a row belongs to, so that a change of it makes the roll-up count that lead's day again."""
    _origins[model._meta.db_table] = Origin(model, captured)


def origins() -> dict[str, Origin]:
    """By table."""
    return dict(_origins)


def metrics() -> list[Metric]:
    return [_metrics[code] for code in sorted(_metrics)]


def metric_named(code: str) -> Metric | None:
    return _metrics.get(code)


def step_named(code: str) -> Step | None:
    return _steps.get(code)


def steps() -> list[Step]:
    return sorted(_steps.values(), key=lambda each: each.position)


@dataclass(frozen=True)
class Panel:
    """A list of bars on a dashboard: `rows` gives {label, value, shown ...} for a question, largest first.

    `metric` is the code of the metric whose records a bar opens; a row's `role`, or `by` and `slice`, say which of them.
    """

    code: str
    label: Any
    position: int
    note: Any
    rows: Callable[[Question], list[dict[str, Any]]] = field(repr=False)
    metric: str = ""


_panels: dict[str, Panel] = {}


def panel(code: str, *, label: Any, position: int, note: Any = "", metric: str = "") -> Callable[[Any], Any]:
    """Register a bar list of the dashboard."""

    def register(rows: Callable[[Question], list[dict[str, Any]]]) -> Callable[[Question], list[dict[str, Any]]]:
        _panels[code] = Panel(code, label, position, note, rows, metric)
        return rows

    return register


def panels() -> list[Panel]:
    return sorted(_panels.values(), key=lambda each: each.position)
