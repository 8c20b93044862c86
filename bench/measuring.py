"""Requests to the product inside this process, as a WSGI server makes them; several kinds in turn, so that they share the weather."""

import gc
import io
import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import RequestFactory, override_settings

NOTHING: Mapping[str, Any] = MappingProxyType({})
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET CONSTRAINTS")


@dataclass(frozen=True)
class Case:
    """Something to measure: `prepare` makes its argument outside the clock."""

    name: str
    run: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None
    queries: int | None = None


class Server:
    """The product, or Django with a plain set of middlewares, as one worker process runs it."""

    def __init__(self, middleware: list[str] | None = None) -> None:
        if middleware is None:
            self.handler: Any = WSGIHandler()
        else:
            with override_settings(MIDDLEWARE=middleware):
                self.handler = WSGIHandler()
        self.factory: Any = RequestFactory()

    def environ(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        environ = self.factory._base_environ(
            PATH_INFO=path.partition("?")[0],
            QUERY_STRING=path.partition("?")[2],
            REQUEST_METHOD=method,
            CONTENT_TYPE="application/json" if raw else "",
            CONTENT_LENGTH=str(len(raw)),
        )
        environ["wsgi.input"] = io.BytesIO(raw)
        return environ | {f"HTTP_{name.upper()}": value for name, value in headers.items()}

    def answer(self, environ: dict[str, Any]) -> tuple[str, bytes]:
        """Status line and body."""
        told: list[str] = []
        response = self.handler(environ, lambda status, headers, *_: told.append(status))
        try:
            body = b"".join(response)
        finally:
            response.close()
        return told[0], body

    def case(self, name: str, method: str, path: str, headers: Mapping[str, Any] = NOTHING, body: Callable[[], Any] = lambda: None) -> Case:
        """A request to measure; it must succeed."""

        def prepare() -> dict[str, Any]:
            given = {key: value() if callable(value) else value for key, value in headers.items()}
            return self.environ(method, path, body(), **given)

        def run(environ: dict[str, Any]) -> None:
            status, said = self.answer(environ)
            if not status.startswith("2"):
                raise RuntimeError(f"{name}: {method} {environ['PATH_INFO']} answered {status}: {said[:600]!r}")

        return Case(name, run, prepare)


@dataclass(frozen=True)
class Times:
    """What one case took, in milliseconds: the median, and the quickest tenth, which other programs on the machine disturb least.

    Ratios are made of the quickest tenths: on a busy machine each round trip to the database waits for its turn, so a median tells how
    many of them there are and how many others want the processor, and little of the work.
    """

    median: float
    quick: float


def measured(cases: list[Case], rounds: int) -> dict[str, Times]:
    """The times of each case: every round runs each case once, in turn."""
    for case in cases:
        for _warm in range(3):
            case.run(case.prepare())
    times: dict[str, list[float]] = {case.name: [] for case in cases}
    gc.collect()
    for number in range(rounds):
        shift = number % len(cases)
        for case in cases[shift:] + cases[:shift]:
            argument = case.prepare()
            start = time.perf_counter()
            case.run(argument)
            times[case.name].append(time.perf_counter() - start)
    return {name: _times(found) for name, found in times.items()}


def _times(seconds: list[float]) -> Times:
    ordered = sorted(seconds)
    return Times(statistics.median(ordered) * 1000, ordered[len(ordered) // 10] * 1000)


def difference(with_it: Case, without: Case, rounds: int) -> float:
    """How many milliseconds something adds: the median of the differences of runs with it and without it, one right after the other."""
    found = []
    for number in range(rounds + 3):
        took = {}
        for case in (with_it, without) if number % 2 else (without, with_it):
            argument = case.prepare()
            start = time.perf_counter()
            case.run(argument)
            took[case is with_it] = time.perf_counter() - start
        found.append(took[True] - took[False])
    return statistics.median(found[3:]) * 1000


def statements(case: Case) -> int:
    """How many statements one run sends to the database, those that only open and close transactions aside."""
    case.run(case.prepare())
    argument, found = case.prepare(), 0
    watched = list(connections.all())
    for connection in watched:
        connection.force_debug_cursor = True
        connection.queries_log.clear()
    try:
        case.run(argument)
        found = sum(not query["sql"].startswith(CONTROL) for connection in watched for query in connection.queries_log)
    finally:
        for connection in watched:
            connection.force_debug_cursor = False
            connection.queries_log.clear()
    return found
