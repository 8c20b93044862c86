"""The state machines as Mermaid diagrams, drawn from their declarations."""

from typing import Any

from django.apps import apps
from django.db import models
from django.utils import translation

from ltc.workflow.declare import Declared, state_field, transitions_of

HEAD = """# State machines

Drawn from the code by `./dev manage state_diagrams`; a test fails when this page is out of date. An arrow is a transition: its name,
and `*` if it is automatic (done by the system and offered to nobody). A transition that keeps the state is not drawn, but listed below
the diagram; where the target depends on the record, every possible one is drawn.
"""


def page() -> str:
    """All machines as one Markdown page, in the order of the layers."""
    with translation.override("en"):
        return "\n".join([HEAD, *(_section(model) for model in apps.get_models() if transitions_of(model))])


def _section(model: type[models.Model]) -> str:
    fields: dict[str, list[Declared]] = {}
    for found in transitions_of(model).values():
        fields.setdefault(state_field(model, found.name).name, []).append(found)
    title = str(model._meta.verbose_name)
    return "\n".join(_machine(model, title, name, declared, alone=len(fields) == 1) for name, declared in fields.items())


def _machine(model: type[models.Model], title: str, name: str, declared: list[Declared], *, alone: bool) -> str:
    field: Any = model._meta.get_field(name)
    states = [str(value) for value, _label in field.flatchoices]
    lines = [f"## {title[:1].upper()}{title[1:]}{'' if alone else f': {name}'}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {field.get_default()}"] if field.has_default() else []
    arrows, still = [], []
    for found in declared:
        mark = found.name + ("*" if found.declaration.automatic else "")
        for source, target in _arcs(found, states):
            if target in (None, source):
                still.append((mark, source))
            else:
                arrows.append((source, target, mark))
    lines += [f"    {source} --> {target}: {mark}" for source, target, mark in arrows]
    lines += ["```", ""]
    by_name: dict[str, list[str]] = {}
    for mark, source in still:
        by_name.setdefault(mark, []).append(source)
    lines += [f"- `{mark}` keeps the state ({', '.join(sources)})." for mark, sources in by_name.items()]
    lines += [f"- `{found.name}` needs `{found.permission}`: {_first_line(model, found)}" for found in declared]
    return "\n".join([*lines, ""])


def _arcs(found: Declared, states: list[str]) -> list[tuple[str, str | None]]:
    arcs: list[tuple[str, str | None]] = []
    for source, arc in found.arcs.items():
        targets = getattr(arc.target, "allowed_states", None) or [arc.target]
        for start in states if source in ("*", "+") else [source]:
            arcs += [(str(start), str(target) if target is not None else None) for target in targets]
    return arcs


def _first_line(model: type[models.Model], found: Declared) -> str:
    return (getattr(model, found.name).__doc__ or str(found.declaration.label)).strip().splitlines()[0]
