"""Servers of these tests' own, so that they may be killed: never those that the rest of the suite runs on."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltc.embedded import services
from ltc.embedded.bootstrap import VARIABLES
from ltc.embedded.ground import State


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A directory that the servers' account can reach, which pytest's own is not."""
    directory = Path(tempfile.mkdtemp(prefix="ltc-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def place(ground: Path) -> Iterator[State]:
    state = State("test", ground / "test")
    yield state
    services.stop(state)


@pytest.fixture
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "SECRET_KEY", "PORT", *VARIABLES.values()):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def up(place: State, nothing_given: None) -> services.Services:
    return services.start(place)
