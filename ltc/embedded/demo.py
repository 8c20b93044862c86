"""`./dev demo`: the whole product with a year of invented business, until it is told to stop."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from ltc.embedded import services
from ltc.embedded.assets import build
from ltc.embedded.ground import PROJECT, CannotStart, State, end_of, port_is_free, state
from ltc.embedded.processes import Supervisor, end_orphans, only_one

START_PATIENCE = 60.0
NO_LIMITS = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
JOB_LIMITS = "-c statement_timeout=120s"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run_demo() -> int:
    place = state("demo")
    place.prepare()
    port = port_wanted()
    address = os.environ.get("PUBLIC_URL", f"http://localhost:{port}")  # by name, since passkeys refuse a number
    with only_one(place, address):
        left = end_orphans(place)
        for name in left:
            say(f"· Ended a {name} process that an earlier demo left behind")
        if not port_is_free(port, host()):
            raise CannotStart(f"Port {port} is taken by another program: stop it, or choose another with PORT={port + 1} ./dev demo.")
        say("· Starting PostgreSQL and Valkey")
        supervisor = Supervisor(place, say)
        supervisor.stop_on_signals()
        up = services.start(place)
        ours = None if left else up.started  # what a killed launcher started is ours to stop as well
        try:
            if (place.path / "demo-loading").exists():
                say(
                    "· An earlier loading was cut short: starting over"
                    if services.start_over(place)
                    else "  note: an earlier loading was cut short"
                )
                (place.path / "demo-loading").unlink()
            for shortcoming in up.shortcomings:
                say(f"  note: {shortcoming}")
            environment = environment_of(up) | {"LTC_DEMO": "1", "PORT": str(port)}
            bring_up(supervisor, environment, address, port)
            supervisor.watch()
            say("\n· Stopping")
        except CannotStart:
            if not supervisor.asked_to_stop:  # a step that was told to end has not failed
                raise
        finally:
            supervisor.stop()
            services.stop(place, ours)
    say("  stopped; the data stays for the next ./dev demo")
    return 0


def bring_up(supervisor: Supervisor, environment: dict[str, str], address: str, port: int) -> None:
    def given_up() -> bool:
        return supervisor.asked_to_stop

    steps: list[Callable[[], None]] = [
        lambda: build(say),
        lambda: migrate(environment, given_up),
        lambda: load(supervisor.state, environment, given_up),
        lambda: start_processes(supervisor, environment, port),
        lambda: wait_until_it_answers(supervisor, port),
        lambda: show(address, environment, supervisor.state),
    ]
    for step in steps:
        if not given_up():
            step()


def port_wanted() -> int:
    said = os.environ.get("PORT", "8000")
    if not said.isdigit() or not 0 < int(said) < 65536:
        raise CannotStart(f"PORT is '{said}': it must be a number from 1 to 65535.")
    return int(said)


def host() -> str:
    return os.environ.get("LTC_HOST", "127.0.0.1")


def environment_of(up: services.Services) -> dict[str, str]:
    return os.environ | up.environment | {"DJANGO_SETTINGS_MODULE": "ltc.settings", "PYTHONUNBUFFERED": "1"}


def manage(environment: dict[str, str], *words: str, given_up: Callable[[], bool] = lambda: False, aloud: bool = False) -> str:
    """Runs one command of manage.py; what it printed, unless it does so aloud. A failure becomes one sentence with the last line."""
    command = [sys.executable, "manage.py", *words]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment | {"PGOPTIONS": NO_LIMITS},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if aloud else subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while True:
        try:
            said, complained = process.communicate(timeout=0.5)
            break
        except subprocess.TimeoutExpired:
            if given_up():
                process.terminate()
    if process.returncode:
        lines = [line for line in (complained + (said or "")).splitlines() if line.strip()]
        if any("No space left" in line for line in lines):
            raise CannotStart("The disk is full: make room, then run ./dev again.")
        raise CannotStart(f"manage.py {' '.join(words)} failed: {lines[-1] if lines else 'it said nothing'}")
    return said or ""


def migrate(environment: dict[str, str], given_up: Callable[[], bool]) -> None:
    say("· Bringing the database up to date")
    manage(environment, "migrate", "--noinput", "--verbosity", "0", given_up=given_up)


def load(place: State, environment: dict[str, str], given_up: Callable[[], bool]) -> None:
    """Once a day, because its story ends today. Half a story is thrown away first: a killed loading leaves companies that look complete."""
    stamp = place.path / "demo-loaded"
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    wanted = f"{today} {hashlib.sha256(environment['DATABASE_URL'].encode()).hexdigest()[:12]}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    began = time.monotonic()
    say("· Loading a year of invented business")
    unfinished = place.path / "demo-loading"
    unfinished.touch()
    manage(environment, "seed_demo", given_up=given_up, aloud=True)
    unfinished.unlink()
    stamp.write_text(wanted)
    say(f"  done in {time.monotonic() - began:.0f} s")


def start_processes(supervisor: Supervisor, environment: dict[str, str], port: int) -> None:
    say("· Starting web, worker, beat and relay")
    python = sys.executable
    jobs = environment | {"PGOPTIONS": JOB_LIMITS}
    schedule = str(supervisor.state.path / "celerybeat-schedule")
    supervisor.add("web", web_command(port), environment)
    supervisor.add("worker", [python, "-m", "celery", "-A", "ltc.celery", "worker", "--loglevel", "INFO", "--concurrency", "2"], jobs)
    supervisor.add(
        "beat", [python, "-m", "celery", "-A", "ltc.celery", "beat", "--loglevel", "INFO", "-s", schedule, "--pidfile="], environment
    )
    supervisor.add("relay", [python, "manage.py", "relay"], environment)


def web_command(port: int) -> list[str]:
    bind = f"{host()}:{port}"
    return [sys.executable, "-m", "gunicorn", "ltc.wsgi:application", "--config", "deploy/gunicorn.py", "--bind", bind]


def wait_until_it_answers(supervisor: Supervisor, port: int) -> None:
    address = f"http://{'127.0.0.1' if host() == '0.0.0.0' else host()}:{port}"  # noqa: S104
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and not supervisor.asked_to_stop:
        supervisor.look()
        with contextlib.suppress(OSError, urllib.error.URLError):
            with urllib.request.urlopen(f"{address}/healthz/live", timeout=5):  # noqa: S310
                return
        time.sleep(0.2)
    if not supervisor.asked_to_stop:
        log = supervisor.state.path / "logs/web.log"
        raise CannotStart(f"The web server does not answer at {address}; the end of {log}:\n{end_of(log)}")


def show(address: str, environment: dict[str, str], place: State) -> None:
    print(f"\nLTC is at {address}\n", flush=True)
    print(manage(environment, "demo_logins"), flush=True)
    print(f"Logs: {place.path / 'logs'}    Stop: Ctrl-C (the data stays)", flush=True)
