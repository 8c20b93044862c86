"""A real IMAP server for tests (pymap, in a process of its own), and a wire to it that can be cut."""

import imaplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

LOGIN, PASSWORD = "sales", "open sesame"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The server; mails are put into it as a mail server does, by APPEND."""

    def __init__(self, port: int) -> None:
        self.port = port

    @contextmanager
    def signed_in(self) -> Iterator[imaplib.IMAP4]:
        connection = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        connection.login(LOGIN, PASSWORD)
        yield connection
        connection.logout()

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.signed_in() as connection:
            for raw in mails:
                kind, told = connection.append(folder, "", datetime.now(UTC), raw)
                assert kind == "OK", told

    def flags(self) -> bytes:
        """What is marked on the mails."""
        with self.signed_in() as connection:
            connection.select("INBOX", readonly=True)
            return b" ".join(part for part in connection.fetch("1:*", "(FLAGS)")[1] if isinstance(part, bytes))


@contextmanager
def running() -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += ["dict", "--demo-user", LOGIN, "--demo-password", PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(10)


class Wire:
    """A connection to the server that breaks after so many bytes of answers."""

    def __init__(self, server: Server, breaks_after: int) -> None:
        self.server, self.left, self.listener = server, breaks_after, socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.server.port))
                threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                if counts:
                    data, self.left = data[: max(self.left, 0)], self.left - len(data)
                target.sendall(data)
                if counts and self.left <= 0:
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listener.close()


class Rogue:
    """What listens like a mail server and says one thing over and over, as slowly as it likes."""

    def __init__(self, first: bytes, then: bytes, pause: float) -> None:
        self.first, self.then, self.pause, self.listener = first, then, pause, socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._talk, daemon=True).start()

    def _talk(self) -> None:
        with suppress(OSError):
            near, _address = self.listener.accept()
            near.sendall(self.first)
            while True:
                near.sendall(self.then)
                time.sleep(self.pause)

    def close(self) -> None:
        self.listener.close()
