"""Installations to break. The stores are made once for all workers of a test run, and each module gets a copy of them."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.site import Site, make_stores


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with open(file, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The migrated stores, stopped. The last worker of the run that used them removes them."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if shared.name.startswith("popen-") else shared
    noted = shared / "stores"
    with locked(shared / "stores.lock"):
        if not noted.exists():
            made = Path(tempfile.mkdtemp(prefix="ltc-faults-"))  # the servers' account cannot reach pytest's own directories
            make_stores(made)
            noted.write_text(f"{made}\n0")
        path, users = noted.read_text().split("\n")
        noted.write_text(f"{path}\n{int(users) + 1}")
    yield Path(path)
    with locked(shared / "stores.lock"):
        path, users = noted.read_text().split("\n")
        noted.write_text(f"{path}\n{int(users) - 1}")
        if users == "1":
            noted.unlink()
            shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def site(stores: Path) -> Iterator[Site]:
    path = Path(tempfile.mkdtemp(prefix="ltc-faults-"))
    subprocess.run(["cp", "-a", f"{stores}/.", str(path)], check=True)
    place = Site(path)
    place.open()
    yield place
    place.close()
