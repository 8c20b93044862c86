"""What `./dev` does once the virtual environment stands."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from ltc.embedded import services
from ltc.embedded.assets import build
from ltc.embedded.browser import find_or_install
from ltc.embedded.checks import in_continuous_integration, lint
from ltc.embedded.demo import NO_LIMITS, environment_of, run_demo, say
from ltc.embedded.ground import PROJECT, CannotStart, process_state, state
from ltc.embedded.processes import end_orphans, launcher

APART = "not faults_full and not bench"


def run(words: list[str], profile: str, also: dict[str, str]) -> int:
    """One command with the servers of a profile, which are stopped afterwards if this started them."""
    place = state(profile)
    up = services.start(place)
    try:
        for shortcoming in up.shortcomings:
            say(f"  note: {shortcoming}")
        process = subprocess.Popen(words, cwd=PROJECT, env=environment_of(up) | also)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: process.send_signal(number))
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the terminal told the child as well
                continue
    finally:
        services.stop(place, up.started)


def test(words: list[str]) -> int:
    """The whole suite in random order, or what the arguments name."""
    build(say)
    command, also = [sys.executable, "-m", "pytest"], {}
    if not any(word.startswith(("-n", "--numprocesses")) for word in words):
        command += ["-n", "2"]
    chromium = find_or_install(say)
    if chromium:
        also["LTC_CHROMIUM"] = chromium
    elif in_continuous_integration():
        raise CannotStart("There is no Chromium, so the browser tests cannot run: install chromium or set LTC_CHROMIUM.")
    else:
        say("· No Chromium here: the browser tests are SKIPPED. Install chromium or set LTC_CHROMIUM to run them.")
        if not any(word == "-m" or word.startswith("-m") for word in words):
            command += ["-m", f"not browser and {APART}"]
    return run([*command, *words], "test", also)


def faults(words: list[str]) -> int:
    build(say)
    return run([sys.executable, "-m", "pytest", "tests/faults", "-m", "faults_full", "-p", "no:randomly", *words], "test", {})


def bench(words: list[str]) -> int:
    build(say)
    return run([sys.executable, "-m", "bench", *words], "demo", {"PGOPTIONS": NO_LIMITS})


def manage(words: list[str]) -> int:
    return run([sys.executable, "manage.py", *words], "demo", {"PGOPTIONS": NO_LIMITS})


def build_only(words: list[str]) -> int:
    """For an image: what `demo` and `test` do on the way."""
    build(say)
    return 0


def shell(words: list[str]) -> int:
    return manage(["shell", *words])


def print_services(words: list[str]) -> int:
    up = services.start(state("test" if "--test" in words else "demo"))
    for shortcoming in up.shortcomings:
        say(f"note: {shortcoming}")
    for name, value in up.environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def stop(words: list[str]) -> int:
    """First the demo, which stops what it started; then whatever else of this checkout still runs."""
    place = state("demo")
    running = launcher(place)
    if running:
        say("· Stopping the demo")
        os.kill(running, signal.SIGTERM)
        deadline = time.monotonic() + 60
        while process_state(running) == "A" and time.monotonic() < deadline:
            time.sleep(0.1)
    stopped = (["demo"] if running else []) + end_orphans(place)
    for profile in ("demo", "test"):
        stopped += services.stop(state(profile))
    say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing of this checkout was running.")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": lambda words: run_demo(),
    "test": test,
    "lint": lambda words: lint(),
    "build": build_only,
    "bench": bench,
    "faults": faults,
    "manage": manage,
    "shell": shell,
    "services": print_services,
    "stop": stop,
}
