"""A mail server that counts: how often it took each message over. It refuses some, and of others it takes it and then says nothing."""

import random
import re
import socketserver
import threading
from collections import Counter
from email import message_from_bytes

REFUSES, FALLS_SILENT = 0.10, 0.05


class MailSink(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine until it is closed."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: Counter[str] = Counter()
        self.refused = self.silent = 0
        self.chance, self.lock = random.Random(seed), threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def decide(self, data: bytes) -> str:
        """What becomes of a message that has arrived: refused before it counts, taken in silence, or taken."""
        key = re.sub(r"[<>]|@.*", "", str(message_from_bytes(data)["Message-ID"]))
        with self.lock:
            luck = self.chance.random()
            if luck < REFUSES:
                self.refused += 1
                return "refuse"
            self.taken[key] += 1
            if luck < REFUSES + FALLS_SILENT:
                self.silent += 1
                return "silent"
            return "take"


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs to hand a message over."""

    server: MailSink

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        try:
            self.converse()
        except (ConnectionError, ValueError):
            pass  # the client was killed in the middle

    def converse(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                match self.server.decide(self.message()):
                    case "refuse":
                        self.say("451 try again later")
                    case "silent":
                        return
                    case _:
                        self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line)
        if not lines or line != b".\r\n":
            raise ValueError("The message ends in the middle.")
        return b"".join(lines)
