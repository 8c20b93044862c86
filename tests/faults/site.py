"""A whole installation of its own to break: servers in a temporary directory, real worker, relay, beat and web processes.

It kills nothing but processes that it started, and what it looks at it reads as the schema's owner, past every scope.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg2

from ltc.embedded import postgres, services, valkey
from ltc.embedded.bootstrap import VARIABLES
from ltc.embedded.ground import PROJECT, State, port_is_free

PLACES, WEB_PORT, BROKER_PORT, DATABASE_PORT = 200, 18200, 18400, 18600
WORKER = ["-m", "celery", "-A", "tests.faults.worker", "worker", "--loglevel", "WARNING", "--concurrency", "2", "--without-mingle"]
COMMANDS: dict[str, list[str]] = {
    "worker": WORKER,
    "relay": ["manage.py", "relay"],
    "brisk relay": ["-m", "tests.faults.brisk_relay"],
    "beat": ["-m", "celery", "-A", "tests.faults.worker", "beat", "--loglevel", "WARNING", "--pidfile="],
    "web": ["-m", "gunicorn", "ltc.wsgi:application", "--config", "deploy/gunicorn.py"],
}


def stores_of(path: Path) -> State:
    """The durable profile: what a crash may take is what is under test."""
    return State("demo", path / "demo")


@contextlib.contextmanager
def nothing_given() -> Iterator[None]:
    """Without the addresses of the servers that the rest of the suite runs on: these tests must never reach them."""
    hidden = {name: os.environ.pop(name) for name in ("REDIS_URL", "SECRET_KEY", *VARIABLES.values()) if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def start_servers(path: Path) -> services.Services:
    with nothing_given():
        return services.start(stores_of(path))


def held_place() -> tuple[int, IO[str]]:
    """A number that no other test process of this machine has, for the ports of an installation, and the lock that keeps it.

    A port that is merely free now is another's while a server that was killed on purpose is down.
    """
    for number in range(PLACES):
        try:
            lock = Path(tempfile.gettempdir(), f"ltc-place-{os.getuid()}-{number}").open("w")  # noqa: SIM115 (held as long as the site)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        if all(port_is_free(first + number) for first in (WEB_PORT, BROKER_PORT, DATABASE_PORT)):
            return number, lock
        lock.close()
    raise AssertionError(f"All ports of {PLACES} installations from {WEB_PORT} on are taken: stop what runs there.")


def make_stores(path: Path) -> None:
    """Servers with an empty, migrated database, stopped again, so that a copy of them is a fresh installation."""
    state = stores_of(path)
    up = start_servers(path)
    try:
        run(["manage.py", "migrate", "--noinput", "--verbosity", "0"], environment(up.environment))
    finally:
        services.stop(state)


def environment(also: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"LTC_TEST_DB_SUFFIX", "PGOPTIONS", *VARIABLES.values()}}
    path = os.pathsep.join([str(PROJECT), str(PROJECT / "collections")])
    return inherited | {"DJANGO_SETTINGS_MODULE": "ltc.settings", "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | dict(also)


def run(words: list[str], env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *words], cwd=PROJECT, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@dataclass
class Site:
    """One installation. `start("worker")` twice gives two workers; `kill` takes the oldest of a name, with its children."""

    path: Path
    processes: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    web_port: int = 0
    lock: IO[str] | None = None

    @property
    def state(self) -> State:
        return stores_of(self.path)

    def open(self) -> None:
        if not self.web_port:
            number, self.lock = held_place()
            self.web_port = WEB_PORT + number
            mine = {
                "redis_port": BROKER_PORT + number,
                "postgres_port": DATABASE_PORT + number,
                "redis_password": secrets.token_urlsafe(32),
            }
            self.state.save(self.state.settings() | mine)
        up = start_servers(self.path)
        self.env = environment(up.environment | {"PORT": str(self.web_port), "LOG_LEVEL": "WARNING"})

    def close(self) -> None:
        for name in list(self.processes):
            while self.processes[name]:
                self.kill(name)
        services.stop(self.state)
        shutil.rmtree(self.path, ignore_errors=True)
        if self.lock:
            self.lock.close()

    def keep_running(self, name: str, number: int) -> None:
        self.revive()
        for _ in range(number - len(self.processes.get(name, []))):
            self.start(name)

    def start(self, name: str, **also: str) -> None:
        logs = self.path / "logs"
        logs.mkdir(exist_ok=True)
        number = len(self.processes.setdefault(name, []))
        words = [*COMMANDS[name], *(["-n", f"w{number}-{time.monotonic_ns()}@%h"] if name == "worker" else [])]
        if name == "web":
            words += ["--bind", f"127.0.0.1:{self.web_port}"]
        with open(logs / f"{name}.log", "ab") as out:
            started = subprocess.Popen(
                [sys.executable, *words], cwd=PROJECT, env=self.env | also, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        self.processes[name].append(started)

    def kill(self, name: str) -> None:
        """kill -9 of the oldest process of that name and everything that it started."""
        victim = self.processes[name].pop(0)
        try:
            os.killpg(victim.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        victim.wait(10)

    def kill_and_restart(self, name: str) -> None:
        self.kill(name)
        self.start(name)

    def revive(self) -> list[str]:
        """Start again whatever ended by itself, as a supervisor does; the names."""
        ended = []
        for name, running in self.processes.items():
            for process in [process for process in running if process.poll() is not None]:
                running.remove(process)
                self.start(name)
                ended.append(name)
        return ended

    def broker_pid(self) -> int:
        return valkey.running_process(self.state.path / "redis")

    def wipe_broker(self) -> None:
        """The broker is killed and forgets everything that it held."""
        directory = self.state.path / "redis"
        kill_and_wait(self.broker_pid())
        for kept in (directory / "data").iterdir():
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        start_servers(self.path)

    def kill_database(self) -> None:
        """The postmaster is killed; its backends notice and end, and a new one recovers from the log."""
        data = self.state.path / "pg/data"
        info = postgres.postmaster(data)
        assert info is not None
        kill_and_wait(info[0])
        deadline = time.monotonic() + 30
        while True:
            try:
                start_servers(self.path)
                return
            except Exception:  # "pre-existing shared memory block is still in use": a backend has not noticed yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.env["DATABASE_OWNER_URL"], connect_timeout=5)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def number(self, statement: str, values: tuple[Any, ...] = ()) -> int:
        return int(self.rows(statement, values)[0][0])

    def wait_for(self, holds: Callable[[], bool], seconds: float, each: float = 0.2) -> float | None:
        """Seconds until it held, reviving what ended meanwhile; None if it never did."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            try:
                if holds():
                    return time.monotonic() - began
            except (psycopg2.OperationalError, OSError):
                pass
            self.revive()
            time.sleep(each)
        return None

    def wait_for_web(self, seconds: float = 90) -> None:
        address = f"http://127.0.0.1:{self.web_port}/healthz/live"

        def answers() -> bool:
            urllib.request.urlopen(address, timeout=5).close()
            return True

        assert self.wait_for(answers, seconds) is not None, self.logs()

    def web_workers(self) -> list[int]:
        """The processes that the web server has started to answer requests."""
        parents = [process.pid for process in self.processes["web"] if process.poll() is None]
        said = subprocess.run(["pgrep", "-P", ",".join(map(str, parents))], capture_output=True, text=True).stdout if parents else ""
        return [int(line) for line in said.split()]

    def logs(self) -> str:
        """The ends of all logs, for a failure's message."""
        return "\n".join(f"{file.name}:\n{file.read_text(errors='replace')[-1500:]}" for file in (self.path / "logs").glob("*.log"))


def kill_and_wait(pid: int) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while postgres.process_state(pid) == "A" and time.monotonic() < deadline:
        time.sleep(0.02)


def a_tenant(site: Site, time_zone: str = "UTC") -> int:
    """A bare tenant, without what services give a new one; its id."""
    code = f"t{uuid.uuid4().hex[:8]}"
    statement = """
        INSERT INTO tenancy_tenant (code, name, sales_motion, locale, time_zone, base_currency, fiscal_year_start_month, settings, state,
                                    is_demo, created_at)
        VALUES (%s, %s, 'b2b', 'en', %s, 'USD', 1, '{}', 'active', false, now()) RETURNING id"""
    return int(site.rows(statement, (code, code, time_zone))[0][0])
