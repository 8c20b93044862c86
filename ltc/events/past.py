"""Telling the past: what a history import writes has happened long ago, so nobody is told and no work is left behind."""

import contextlib
import contextvars
from collections.abc import Iterator

_telling: contextvars.ContextVar[bool] = contextvars.ContextVar("telling_the_past", default=False)


def is_past() -> bool:
    """Whether what is written now is history."""
    return _telling.get()


@contextlib.contextmanager
def telling_the_past() -> Iterator[None]:
    """Inside, no event is published, no work enqueued, nobody notified, and timeline entries say `source: import`."""
    token = _telling.set(True)
    try:
        yield
    finally:
        _telling.reset(token)
