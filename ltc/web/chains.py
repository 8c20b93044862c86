"""The way from lead to cash as a record's page shows it: each stage adds its link for its own records and for those upstream."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Link = dict[str, Any]
Source = Callable[[Any, Any], Link | None]
_sources: dict[Any, list[tuple[int, Source]]] = defaultdict(list)


def adds_link(model: Any, *, place: int) -> Callable[[Source], Source]:
    """Register a function (record, actor) -> {label, detail, status (done, current, todo, lost), icon, url} or None.

    `place` orders the links: 10 lead, 20 opportunity, 30 order, 40 delivery, 50 invoice, 60 cash.
    """

    def register(source: Source) -> Source:
        _sources[model].append((place, source))
        return source

    return register


def chain_of(record: Any, actor: Any) -> list[Link]:
    """The links of a record's chain, first touch first."""
    found = (source(record, actor) for _place, source in sorted(_sources[type(record)], key=lambda each: each[0]))
    return [link for link in found if link is not None]
