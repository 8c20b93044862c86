"""The metrics and funnel steps that the stages offer. Analytics itself knows no stage."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from ltc.analytics.periods import Period
from ltc.users.actors import Actor

Unit = Literal["count", "rate", "days", "money"]


@dataclass(frozen=True)
class Question:
    """What is asked of a metric: a period, the instant up to which facts count, and who asks (their rights narrow the records)."""

    period: Period
    as_of: datetime
    actor: Actor


@dataclass(frozen=True)
class Answer:
    """A metric's value. `value` is None where the denominator is zero."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    flags: tuple[str, ...] = ()
    currency: str = ""


@dataclass(frozen=True)
class Metric:
    """A number that the product answers for: its code, name, formula in words, unit, and which direction is good."""

    code: str
    label: Any
    formula: Any
    unit: Unit
    direction: Literal["up", "down"]
    compute: Callable[[Question], Answer] = field(repr=False)


@dataclass(frozen=True)
class StepFact:
    """Of the leads captured on `day` through `channel`: how many reached the step, their worth (base currency), their days to it in sum."""

    day: date
    channel: str
    count: int
    amount: Decimal = Decimal(0)
    days: Decimal = Decimal(0)


StepCounter = Callable[[Period, Actor], Iterable[StepFact]]


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


def metric(code: str, *, label: Any, formula: Any, unit: Unit, direction: Literal["up", "down"] = "up") -> Callable[[Any], Any]:
    """Register a metric: decorate a function of a Question that gives an Answer."""

    def register(compute: Callable[[Question], Answer]) -> Callable[[Question], Answer]:
        _metrics[code] = Metric(code, label, formula, unit, direction, compute)
        return compute

    return register


def step(code: str, *, label: Any, hue: str, position: int, page: str = "") -> Callable[[Any], Any]:
    """Register a step: decorate a function of a Period and an Actor that gives StepFacts. `page` names the list that its bar opens."""

    def register(facts: StepCounter) -> StepCounter:
        _steps[code] = Step(code, label, hue, position, facts, page)
        return facts

    return register


def metrics() -> list[Metric]:
    return [_metrics[code] for code in sorted(_metrics)]


def metric_named(code: str) -> Metric | None:
    return _metrics.get(code)


def steps() -> list[Step]:
    return sorted(_steps.values(), key=lambda each: each.position)


def rate(numerator: int | Decimal, denominator: int | Decimal) -> Answer:
    """A ratio to four decimals, half up; null with flag no_data where there is nothing to divide by."""
    numerator, denominator = Decimal(numerator), Decimal(denominator)
    if not denominator:
        return Answer(None, numerator, denominator, ("no_data",))
    value = (numerator / denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return Answer(value, numerator, denominator)


@dataclass(frozen=True)
class Panel:
    """A list of bars on the dashboard: `rows` gives {label, value, shown, url ...} for a question, largest first."""

    code: str
    label: Any
    position: int
    note: Any
    rows: Callable[[Question], list[dict[str, Any]]] = field(repr=False)


_panels: dict[str, Panel] = {}


def panel(code: str, *, label: Any, position: int, note: Any = "") -> Callable[[Any], Any]:
    """Register a bar list of the dashboard."""

    def register(rows: Callable[[Question], list[dict[str, Any]]]) -> Callable[[Question], list[dict[str, Any]]]:
        _panels[code] = Panel(code, label, position, note, rows)
        return rows

    return register


def panels() -> list[Panel]:
    return sorted(_panels.values(), key=lambda each: each.position)
