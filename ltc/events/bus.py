"""News between the stages. Publishing runs the subscribers inside the publisher's transaction: they take part or undo it."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ltc.events.past import is_past


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a record. `record` is its id, `actor` who did it (an Actor)."""

    record: uuid.UUID
    at: datetime
    actor: Any


E = TypeVar("E", bound=Event)
_subscribers: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a handler for an event: `@subscribe(OrderConfirmed)`."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _subscribers[event].append(handler)
        return handler

    return register


def publish(event: Event) -> None:
    """Tell every subscriber, now, in this transaction. The past is told to nobody."""
    if is_past():
        return
    for handler in _subscribers[type(event)]:
        handler(event)
