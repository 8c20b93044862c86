"""`./dev lint`: every check that reads the code rather than runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ltc.embedded import services
from ltc.embedded.assets import build
from ltc.embedded.demo import environment_of, say
from ltc.embedded.ground import PROJECT, state

PACKAGES = ("ltc", "leads", "opportunities", "orders", "delivery", "collections/receivables", "bench")


def lint() -> int:
    """Runs every check although an earlier one failed; 0 only if all are content."""
    build(say)
    place = state("test")
    up = services.start(place)
    try:
        environment = environment_of(up)
        failed = [name for name, check in checks(environment) if not passes(name, check)]
    finally:
        services.stop(place, up.started)
    if failed:
        print(f"Not content: {', '.join(failed)}.")
        return 1
    print("Every check is content.")
    return 0


def checks(environment: dict[str, str]) -> list[tuple[str, Callable[[], list[str]]]]:
    present = [package for package in PACKAGES if (PROJECT / package).is_dir()]
    commands = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy", *present],
        "import-linter": ["lint-imports", "--no-cache"],
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    }
    tsc = PROJECT / "node_modules/.bin/tsc"
    if tsc.exists() and (PROJECT / "frontend/tsconfig.json").exists():
        commands["tsc"] = [str(tsc), "--noEmit", "-p", "frontend"]

    def command(words: list[str]) -> Callable[[], list[str]]:
        return lambda: complaints_of(words, environment)

    ours: list[tuple[str, Callable[[], list[str]]]] = [("layout", lambda: layout(PROJECT)), ("lock files", lambda: lock_files(PROJECT))]
    return ours + [(name, command(words)) for name, words in commands.items()]


def passes(name: str, check: Callable[[], list[str]]) -> bool:
    began = time.monotonic()
    complaints = check()
    say(f"· {name}: {'failed' if complaints else 'ok'} ({time.monotonic() - began:.1f} s)")
    for complaint in complaints:
        print(complaint, flush=True)
    return not complaints


def complaints_of(words: list[str], environment: dict[str, str]) -> list[str]:
    done = subprocess.run(words, cwd=PROJECT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return [] if done.returncode == 0 else [(done.stdout + done.stderr).strip() or f"{words[0]} ended with {done.returncode}"]


def layout(project: Path) -> list[str]:
    """`collections` must stay no package, or it would replace the standard library's."""
    found = project / "collections/__init__.py"
    return [f"{found} exists and would replace the standard library's collections: remove it."] if found.exists() else []


def lock_files(project: Path) -> list[str]:
    """A lock file that names a host would be of no use behind a mirror."""
    complaints = []
    for lock in sorted((project / "requirements").glob("*.txt")):
        text = lock.read_text()
        if "://" in text or "index-url" in text:
            complaints.append(f"{lock.relative_to(project)} names a package registry: remove the line.")
        pins = [line for line in text.splitlines() if "==" in line]
        if not pins or text.count("--hash=sha256:") < len(pins):
            complaints.append(f"{lock.relative_to(project)} has a package without a hash.")
    node = project / "package-lock.json"
    if node.exists() and '"resolved": "http' in node.read_text():
        complaints.append("package-lock.json names a package registry: make it with omit-lockfile-registry-resolved=true.")
    return complaints


def in_continuous_integration() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")
