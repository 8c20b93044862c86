"""How a model declares its transitions."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import django_fsm
from django.db import models

from ltc.events.bus import Event
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input

F = TypeVar("F", bound=Callable[..., Any])


def guard(sentence: Any) -> Callable[[F], F]:
    """A condition of a transition, with the sentence that a user reads when it does not hold."""

    def mark(condition: F) -> F:
        condition.sentence = sentence  # type: ignore[attr-defined]
        return condition

    return mark


@dataclass(frozen=True)
class Declaration:
    """What is known of a transition beside its states: how it is called, what it asks for, what it tells."""

    label: Any
    inputs: tuple[Input, ...] = ()
    event: type[Event] | None = None
    icon: str = "arrow-right"
    primary: bool = False
    danger: bool = False
    automatic: bool = False
    confirm: Any = ""


def transition(
    field: StateField,
    *,
    source: Any,
    target: Any,
    permission: str,
    label: Any,
    conditions: Sequence[Callable[..., bool]] = (),
    inputs: Iterable[Input] = (),
    event: type[Event] | None = None,
    icon: str = "arrow-right",
    primary: bool = False,
    danger: bool = False,
    automatic: bool = False,
    confirm: Any = "",
) -> Callable[[F], F]:
    """Declare a transition. `target=None` keeps the state. `automatic` ones are done by the system and offered to nobody.

    The method gets the inputs, and `actor` and `at` if it names them.
    """
    declaration = Declaration(label, tuple(inputs), event, icon, primary, danger, automatic, confirm)
    return django_fsm.transition(
        field=field, source=source, target=target, conditions=list(conditions), permission=permission, custom={"declaration": declaration}
    )


@dataclass(frozen=True)
class Declared:
    """One transition of one model: all its arcs, by source state."""

    name: str
    declaration: Declaration
    permission: str
    arcs: dict[str, Any]

    def arc(self, state: str) -> Any | None:
        """The arc that leaves `state`, or None."""
        return self.arcs.get(state) or self.arcs.get("*")


_cache: dict[type[models.Model], dict[str, Declared]] = {}


def transitions_of(model: type[models.Model]) -> dict[str, Declared]:
    """All declared transitions of a model, by name, in the order of their declaration."""
    if model not in _cache:
        _cache[model] = {declared.name: declared for declared in _collect(model)}
    return _cache[model]


def _collect(model: type[models.Model]) -> Iterator[Declared]:
    methods = [member for member in vars(model).values() if inspect.isfunction(member) and hasattr(member, "_django_fsm")]
    for base in model.__mro__[1:]:
        methods += [member for member in vars(base).values() if inspect.isfunction(member) and hasattr(member, "_django_fsm")]
    for method in methods:
        arcs = method._django_fsm.transitions
        first = next(iter(arcs.values()))
        yield Declared(method.__name__, first.custom["declaration"], first.permission, dict(arcs))


def state_field(model: type[models.Model], name: str) -> StateField:
    """The state field that a transition moves."""
    field = getattr(model, name)._django_fsm.field
    assert isinstance(field, StateField)
    return field
