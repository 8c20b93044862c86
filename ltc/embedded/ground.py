"""Where the bundled servers keep their state, and as whom they run.

As root both servers run as an unprivileged account, because PostgreSQL refuses uid 0. The account must reach the
binaries: a virtual environment below a closed home is out of its reach, and its packages are then copied beside the state.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import locale
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
RUNS_AS_ROOT = os.geteuid() == 0
SECRETS = ("postgres_password", "redis_password", "role_key", "secret_key")


class CannotStart(Exception):
    """What stands in the way, and the way out, in one sentence for the person at the terminal."""


@dataclass(frozen=True)
class State:
    """One set of servers with its data: `demo` is durable, `test` trades safety for speed."""

    profile: str
    path: Path

    @property
    def fast(self) -> bool:
        return self.profile == "test"

    def prepare(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        for directory in (self.path.parent, self.path):
            with contextlib.suppress(PermissionError):
                directory.chmod(0o755)

    def settings(self) -> dict[str, Any]:
        """Ports and generated secrets of these servers; made once and kept, so that addresses and sessions survive a restart."""
        file = self.path / "services.json"
        known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return {name: secrets.token_urlsafe(48) for name in SECRETS} | known

    def save(self, settings: dict[str, Any]) -> None:
        draft = self.path / f"services.json.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(settings, indent=1))
        draft.replace(self.path / "services.json")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Two starts at once: the second waits, and finds the servers of the first."""
        with open(self.path / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def state(profile: str) -> State:
    """Root keeps state below /var/lib, since a closed home is out of reach for the servers' account; anyone else in the checkout."""
    given = os.environ.get("LTC_STATE_DIR")
    if given:
        root = Path(given).absolute()
    elif RUNS_AS_ROOT:
        root = Path("/var/lib") / f"ltc-{hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]}"
    else:
        root = PROJECT / ".state"
    return State(profile, root / profile)


def account(data: Path) -> pwd.struct_passwd | None:
    """The account that the servers run as; None when this process is not root and they simply run as it does."""
    if not RUNS_AS_ROOT:
        return None
    names = ["postgres", "nobody"]
    if data.exists() and data.stat().st_uid:
        with contextlib.suppress(KeyError):
            names.insert(0, pwd.getpwuid(data.stat().st_uid).pw_name)
    why = "it has no account 'postgres' or 'nobody'"
    for name in names:
        try:
            found = pwd.getpwnam(name)
            data.parent.mkdir(parents=True, exist_ok=True)
            os.chown(data.parent, found.pw_uid, found.pw_gid)
            subprocess.run(["true"], cwd="/", check=True, **switch_to(found))
        except KeyError:
            continue
        except (OSError, subprocess.SubprocessError) as refused:
            why = f"switching to {name} is refused here ({refused})"
        else:
            return found
    raise CannotStart(f"Running as root, which PostgreSQL refuses, and {why}: set DATABASE_URL and REDIS_URL, or run as a normal user.")


def switch_to(found: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if found is None else {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def clean_environment() -> dict[str, str]:
    """Without what steers libpq or the loader; LC_ALL keeps macOS from starting threads inside the postmaster."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LD_", "DYLD_"))}
    return kept | {"LC_ALL": "C", "HOME": "/"}


def runs(executable: Path, who: pwd.struct_passwd | None) -> bool:
    try:
        done = subprocess.run(
            [executable, "--version"], cwd="/", env=clean_environment(), capture_output=True, timeout=30, **switch_to(who)
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def reachable(executable: Path, trees: list[Path], who: pwd.struct_passwd | None, state_path: Path) -> Path:
    """The executable, or its copy below the state directory when the account cannot reach it."""
    if runs(executable, who):
        return executable
    if who is None:
        raise CannotStart(f"{executable} does not run on this machine (wrong platform or C library?): install PostgreSQL and Redis.")
    key = hashlib.sha256(f"{executable}{executable.stat().st_mtime_ns}".encode()).hexdigest()[:10]
    copy = state_path / f"bin-{key}"
    if not copy.exists():
        draft = state_path / f".{key}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        for tree in trees:  # siblings stay siblings: their RPATH is relative
            shutil.copytree(tree, draft / tree.name, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | stat.S_IRGRP | stat.S_IROTH | (0o111 if path.is_dir() or mode & 0o100 else 0))
        draft.rename(copy)
    copied = copy / executable.relative_to(trees[0].parent)
    if not runs(copied, who):
        raise CannotStart(f"{copied} does not run as {who.pw_name}: is {state_path} on a file system without execution?")
    return copied


def package_directory(name: str) -> Path | None:
    """Found and not imported: these packages do things of their own at import."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def free_port(first: int) -> int:
    """Below 32768, where no outgoing connection of somebody else can sit."""
    for port in range(first, first + 200):
        if port_is_free(port):
            return port
    raise CannotStart(f"No port between {first} and {first + 199} is free: stop something, or set DATABASE_URL and REDIS_URL.")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else "(no log)"


def own(path: Path, who: pwd.struct_passwd | None, mode: int) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    if who is not None:
        os.chown(path, who.pw_uid, who.pw_gid)
    path.chmod(mode)
    return path


def process_state(pid: int) -> str:
    """'' for gone, 'Z' for a zombie that its parent has not reaped yet, 'A' for alive."""
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    with contextlib.suppress(OSError):
        return "Z" if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z" else "A"
    return "A"


def command_of(pid: int) -> str:
    """The command line of a process, '' when it cannot be told."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    if shutil.which("ps") is None:
        return ""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def utf8_ctype() -> str:
    """pg_trgm asks the C library which characters are letters, and under LC_CTYPE=C it sees no Chinese at all."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
