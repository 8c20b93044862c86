"""What a stage downstream adds to the page of a record upstream: lists of what came of it, and buttons for what can be made of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

Block = dict[str, Any]
Source = Callable[[Any, Any], Iterable[Block]]
_related: dict[Any, list[Source]] = defaultdict(list)
_actions: dict[Any, list[Source]] = defaultdict(list)


def adds_related(model: Any) -> Callable[[Source], Source]:
    """Register a function (record, actor) -> lists beside the record, as RecordView.related() gives them."""

    def register(source: Source) -> Source:
        _related[model].append(source)
        return source

    return register


def adds_actions(model: Any) -> Callable[[Source], Source]:
    """Register a function (record, actor) -> buttons {name, label, icon, url, needs_input (a dialog), link, primary, allowed, reasons}."""

    def register(source: Source) -> Source:
        _actions[model].append(source)
        return source

    return register


def related_to(record: Any, actor: Any) -> list[Block]:
    """The lists that other stages add to a record."""
    return [block for source in _related[type(record)] for block in source(record, actor)]


def actions_on(record: Any, actor: Any) -> list[Block]:
    """The buttons that other stages add to a record."""
    return [{"allowed": True, "reasons": (), **button} for source in _actions[type(record)] for button in source(record, actor)]
