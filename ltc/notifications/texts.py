"""Texts with variables that people write for mails: checked when they are saved, filled in when a mail is written. Pure.

A missing value is an error: a mail with a hole in it is not sent. What may be missing stands inside an `if` that asks for it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from django.template import Context, Engine, Template, TemplateSyntaxError, Variable
from django.template.base import FilterExpression, TextNode, VariableNode
from django.template.defaulttags import ForNode, IfNode

PLAIN: Final = Engine(autoescape=False)
HTML: Final = Engine(autoescape=True)


class MissingValue(ValueError):
    """A mail needs something that nobody has entered."""


class UnknownVariable(ValueError):
    """A text names a variable that there is not, or uses more than variables and conditions."""


class Hole:
    """A value that is not there: false in a condition, and an error where it would be written."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        raise MissingValue(f"Enter {self.name} first.")

    def __getitem__(self, name: str) -> "Hole":
        return Hole(f"{self.name}.{name}")


def check_text(text: str, variables: Iterable[str], *, parts: Collection[str] = ()) -> None:
    """Raise UnknownVariable, with what is wrong in words, unless a text uses these variables and conditions on them only.

    `parts` are what each item of a list has; without them there are no lists to go through. A list inside a list is none of ours: what
    grows with every level would keep whoever fills it in busy for days.
    """
    try:
        template = Template(text, engine=PLAIN)
    except TemplateSyntaxError as error:
        raise UnknownVariable(str(error)) from error
    if unknown := sorted(set(_unknown(template.nodelist, frozenset(variables), parts))):
        raise UnknownVariable(", ".join(unknown))


def filled(engine: Engine, text: str, values: Mapping[str, Any]) -> str:
    """A text with its values; safe to stand in HTML only if the engine escapes. Raises MissingValue, UnknownVariable."""
    try:
        rendered = Template(text, engine=engine).render(Context(dict(values), autoescape=engine.autoescape))
    except TemplateSyntaxError as error:
        raise UnknownVariable(str(error)) from error
    return rendered if engine.autoescape else str.__str__(rendered)  # Django calls whatever it has rendered safe


def _unknown(nodes: Iterable[Any], known: frozenset[str], parts: Collection[str]) -> Iterator[str]:
    for node in nodes:
        match node:
            case TextNode():
                yield from (mark for mark in ("{{", "}}", "{%", "%}") if mark in node.s)
            case VariableNode():
                yield from _unknown_in(node.filter_expression, known)
            case IfNode():
                for condition, inner in node.conditions_nodelists:
                    yield from _unknown_condition(condition, known)
                    yield from _unknown(inner, known, parts)
            case ForNode():
                if not parts or not isinstance(getattr(node.sequence, "var", None), Variable):
                    yield "for"
                yield from _unknown_in(node.sequence, known)
                rows = {f"{name}.{part}" for name in node.loopvars for part in parts}
                yield from _unknown(node.nodelist_loop, known | rows, ())
                yield from _unknown(node.nodelist_empty, known, ())
            case _:
                token = getattr(node, "token", None)
                yield str(token.contents.split()[0]) if token is not None else type(node).__name__


def _unknown_condition(condition: Any, known: frozenset[str]) -> Iterator[str]:
    if condition is None:
        return
    if (value := getattr(condition, "value", None)) is not None:
        yield from _unknown_in(value, known)
    for side in (getattr(condition, "first", None), getattr(condition, "second", None)):
        yield from _unknown_condition(side, known)


def _unknown_in(expression: Any, known: frozenset[str]) -> Iterator[str]:
    if not isinstance(expression, FilterExpression):
        return
    if expression.filters:
        yield "|" + expression.filters[0][0].__name__
    if isinstance(expression.var, Variable) and expression.var.literal is None and str(expression.var.var) not in known:
        yield str(expression.var.var)
