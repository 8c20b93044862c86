"""What the demo starts stays up, and nothing outlives its launcher."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ltc.embedded import demo
from ltc.embedded.ground import CannotStart, State, process_state
from ltc.embedded.processes import QUICK_DEATHS_ALLOWED, Supervisor, end_orphans, launcher, only_one

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)", "manage.py"]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])",
    "manage.py",
]


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State("demo", tmp_path)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(state: State, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(state, said.append)
    yield made
    made.stop()


def test_a_worker_that_ends_is_started_again(supervisor: Supervisor, said: list[str]):
    supervisor.add("worker", SLEEPER, dict(os.environ))
    first = supervisor.watched[0].process
    assert first is not None
    first.kill()
    first.wait()

    def is_back() -> bool:
        supervisor.look()
        now = supervisor.watched[0].process
        return now is not None and now.pid != first.pid and now.poll() is None

    assert eventually(is_back)
    assert said == ["· The worker process ended (code -9); starting it again"]


def test_one_that_cannot_stay_up_ends_the_demo_with_its_own_words(supervisor: Supervisor):
    supervisor.add("web", [sys.executable, "-c", "import sys; sys.exit('no such setting')"], dict(os.environ))
    with pytest.raises(CannotStart, match="(?s)The web process cannot stay up.*no such setting"):
        for _ in range(600):
            supervisor.look()
            time.sleep(0.05)
    assert supervisor.watched[0].quick_deaths == QUICK_DEATHS_ALLOWED


def test_stopping_ends_children_and_grandchildren(supervisor: Supervisor):
    supervisor.add("web", PARENT, dict(os.environ))
    parent = supervisor.watched[0].process
    assert parent is not None
    group = os.getpgid(parent.pid)
    supervisor.stop()
    assert parent.poll() is not None
    assert eventually(lambda: not group_is_alive(group))


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_a_killed_launcher_left_behind_is_ended(state: State):
    left = subprocess.Popen(SLEEPER, start_new_session=True)
    (state.path / "processes.json").write_text(json.dumps({"worker": left.pid}))
    assert end_orphans(state) == ["worker"]
    assert process_state(left.pid) != "A"
    assert end_orphans(state) == []


def test_a_stranger_that_got_the_same_number_is_left_alone(state: State):
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    (state.path / "processes.json").write_text(json.dumps({"worker": stranger.pid}))
    assert end_orphans(state) == []
    assert process_state(stranger.pid) == "A"
    stranger.kill()
    stranger.wait()


def test_a_second_demo_is_told_where_the_first_one_is(state: State):
    code = f"""
    import time
    from pathlib import Path
    from ltc.embedded.ground import State
    from ltc.embedded.processes import only_one
    with only_one(State("demo", Path({str(state.path)!r})), "http://127.0.0.1:8123"):
        print("held", flush=True)
        time.sleep(600)
    """
    first = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert first.stdout is not None
    assert first.stdout.readline() == b"held\n"
    assert launcher(state) == first.pid
    with pytest.raises(CannotStart, match=r"already running at http://127\.0\.0\.1:8123"), only_one(state, "http://127.0.0.1:9"):
        pass
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert launcher(state) == 0
    with only_one(state, "http://127.0.0.1:9"):
        assert "9" in (state.path / "demo.lock").read_text()


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", ""])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CannotStart, match="it must be a number from 1 to 65535"):
        demo.port_wanted()


def test_a_failed_command_ends_in_its_last_line():
    with pytest.raises(
        CannotStart, match=r"^manage\.py sqlmigrate nothing 0001 failed: CommandError: No installed app with label 'nothing'\.$"
    ):
        demo.manage(dict(os.environ), "sqlmigrate", "nothing", "0001")
