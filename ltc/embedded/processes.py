"""The processes of a running demo, watched: one that ends is started again, and none outlives its launcher."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ltc.embedded.ground import PROJECT, CannotStart, State, command_of, end_of, process_state

PATIENCE = 32.0
QUICK_DEATH = 5.0
QUICK_DEATHS_ALLOWED = 4


@dataclass
class Watched:
    """One command line that must be running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    quick_deaths: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd=PROJECT, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        self.since = time.monotonic()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@dataclass
class Supervisor:
    """kombu lets a worker exit when the broker dies under an unacknowledged message; here it comes back."""

    state: State
    say: Callable[[str], None]
    watched: list[Watched] = field(default_factory=list)
    asked_to_stop: bool = False

    def add(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        logs = self.state.path / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        one = Watched(name, command, environment, logs / f"{name}.log")
        one.start()
        self.watched.append(one)
        self.remember()

    def remember(self) -> None:
        """So that the next start can end what a killed launcher left behind."""
        running = {one.name: one.process.pid for one in self.watched if one.process is not None}
        (self.state.path / "processes.json").write_text(json.dumps(running))

    def stop_on_signals(self) -> None:
        def asked(number: int, frame: FrameType | None) -> None:
            self.asked_to_stop = True

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, asked)

    def look(self) -> None:
        """One round: restart what has ended. Raises CannotStart when something ends again and again at once."""
        now = time.monotonic()
        for one in self.watched:
            if not one.has_ended() or now < one.not_before or one.process is None:
                continue
            one.quick_deaths = one.quick_deaths + 1 if now - one.since < QUICK_DEATH else 0
            if one.quick_deaths >= QUICK_DEATHS_ALLOWED:
                raise CannotStart(f"The {one.name} process cannot stay up; the end of {one.log}:\n{end_of(one.log)}")
            if one.not_before < one.since:
                one.not_before = now + min(one.quick_deaths, 5)
                self.say(f"· The {one.name} process ended (code {one.process.returncode}); starting it again")
                if one.not_before > now:
                    continue
            send(one, signal.SIGKILL)  # children of its own that it left
            one.start()
            self.remember()

    def watch(self) -> None:
        while not self.asked_to_stop:
            self.look()
            time.sleep(0.25)

    def stop(self) -> None:
        """Asks all at once and waits for each, then insists."""
        for one in self.watched:
            send(one, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for one in self.watched:
            if one.process is None:
                continue
            try:
                one.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                send(one, signal.SIGKILL)
                one.process.wait()
            send(one, signal.SIGKILL)  # what is left of its group
        (self.state.path / "processes.json").unlink(missing_ok=True)


def send(one: Watched, number: signal.Signals) -> None:
    if one.process is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL or one.process.poll() is None:
                os.killpg(one.process.pid, number) if number == signal.SIGKILL else os.kill(one.process.pid, number)


def end_orphans(state: State) -> list[str]:
    """Ends the processes of a launcher that was killed. Only those that still are what was noted, by their command line."""
    file = state.path / "processes.json"
    if not file.exists():
        return []
    ended = []
    for name, pid in json.loads(file.read_text() or "{}").items():
        if process_state(pid) == "A" and is_ours(pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while process_state(pid) == "A" and time.monotonic() < deadline:
                time.sleep(0.05)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            ended.append(name)
    file.unlink(missing_ok=True)
    return ended


def is_ours(pid: int) -> bool:
    said = command_of(pid)
    return "ltc." in said or "manage.py" in said


@contextlib.contextmanager
def only_one(state: State, address: str) -> Iterator[None]:
    """One demo of a checkout at a time; the second is told where the first one is."""
    with open(state.path / "demo.lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            _, _, where = file.read().partition(" ")
            raise CannotStart(
                f"The demo of this checkout is already running at {where or address}: use it, or end it with ./dev stop."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()} {address}")
        file.flush()
        yield


def launcher(state: State) -> int:
    """Process id of the running demo's launcher, 0 for none."""
    path = state.path / "demo.lock"
    if not path.exists():
        return 0
    with open(path, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().partition(" ")[0] or 0)
    return 0
