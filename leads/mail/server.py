"""A mailbox on its server, over IMAP: only looked into, never changed; each mail at most so large, each answer within its time."""

import contextlib
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from leads.models.mailboxes import MOST_KEPT, Mailbox
from ltc.notifications.outward import addresses_of, is_own
from ltc.refusals import Refusal
from ltc.users.sealing import Unreadable, unseal

PURPOSE: Final = "mailbox"
TIMEOUT: Final = 20.0
LONGEST: Final = 120.0  # that a connection lasts, however little at a time its server says
MOST_ADDRESSES: Final = 4
MOST_HEARD: Final = 4 * MOST_KEPT  # in answer to one command
WINDOW: Final = 20_000  # numbers that are asked for at once, so that the answer stays short
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SIZE: Final = re.compile(rb"RFC822\.SIZE (\d{1,12})")
BROKEN: Final = (imaplib.IMAP4.error, OSError, ssl.SSLError, EOFError)


class MailboxFailed(Refusal):
    """The mailbox cannot be looked into; the sentence says why."""

    code = "mailbox_failed"


@dataclass(frozen=True)
class Fetched:
    """A mail as the server gave it; `raw` is its beginning if it is larger than what is read."""

    uid: int
    raw: bytes
    size: int
    received_at: datetime

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.raw)


class _Connection(imaplib.IMAP4):
    """IMAP to an address that was looked up and judged before; the certificate must be the name's."""

    def __init__(self, mailbox: Mailbox, addresses: list[str], within: float) -> None:
        self.mailbox, self.addresses, self.heard = mailbox, addresses[:MOST_ADDRESSES], 0
        self.until = time.monotonic() + within
        self.wire: socket.socket | None = None
        self.alarm = threading.Timer(within, self._cut)
        self.alarm.daemon = True
        self.alarm.start()
        try:
            super().__init__(mailbox.host, mailbox.port, timeout=TIMEOUT)
        except BaseException:
            self.end()
            raise

    def _cut(self) -> None:
        """Time is up: whatever is being waited for ends."""
        if self.wire is not None:
            with contextlib.suppress(OSError):
                self.wire.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Nobody waits any more."""
        self.alarm.cancel()
        if self.wire is not None:
            self.wire.close()

    def _create_socket(self, timeout: float | None) -> socket.socket:
        last: OSError = OSError("no address")
        for address in self.addresses:
            left = min(TIMEOUT, self.until - time.monotonic())
            if left <= 0:
                break
            try:
                plain = socket.create_connection((address, self.mailbox.port), left)
            except OSError as error:
                last = error
                continue
            try:
                plain.settimeout(timeout)
                self.wire = plain.dup()
                if time.monotonic() >= self.until:
                    raise TimeoutError("timed out")
                if self.mailbox.security != Mailbox.Security.TLS:
                    return plain
                return ssl.create_default_context().wrap_socket(plain, server_hostname=self.mailbox.host)
            except BaseException:
                plain.close()
                raise
        raise last

    def _command(self, name: str, *args: Any) -> Any:
        self.heard = 0
        self.untagged_responses.clear()  # what nobody asked for is not kept
        return super()._command(name, *args)  # type: ignore[misc]

    def read(self, size: int) -> bytes:
        """So much of an answer; a server that announces more than was asked for is not believed."""
        self._hear(size)
        return super().read(size)

    def readline(self) -> bytes:
        """A line of an answer."""
        line = super().readline()
        self._hear(len(line))
        return line

    def _hear(self, size: int) -> None:
        self.heard += size
        if self.heard > MOST_HEARD:
            raise self.abort("The answer is too large.")


@contextlib.contextmanager
def opened(mailbox: Mailbox, *, within: float = LONGEST) -> Iterator["Folder"]:
    """The folder of a mailbox, read-only, for so many seconds. Raises MailboxFailed, NotReachable."""
    addresses = addresses_of(mailbox.host, mailbox.port)
    if mailbox.security == Mailbox.Security.NONE and not is_own(mailbox.host, mailbox.port):
        raise MailboxFailed(_("Without encryption only a server of the operator's own may be used."), field="security")
    try:
        secret = unseal(mailbox.secret, purpose=PURPOSE)
    except Unreadable as error:
        raise MailboxFailed(_("Enter the password again."), field="password") from error
    connection = None
    try:
        connection = _Connection(mailbox, addresses, within)
        if mailbox.security == Mailbox.Security.STARTTLS:
            connection.starttls(ssl.create_default_context())
        if mailbox.login.isascii() and secret.isascii():
            connection.login(f'"{_quoted(mailbox.login)}"', secret)
        else:
            connection.authenticate("PLAIN", lambda _challenge: f"\0{mailbox.login}\0{secret}".encode())
        yield Folder(connection, mailbox.folder)
    except BROKEN as error:
        raise MailboxFailed(_("The mailbox could not be looked into: %(why)s") % {"why": _said(error)}) from error
    finally:
        if connection is not None:
            with contextlib.suppress(*BROKEN):
                connection.logout()
            connection.end()


class Folder:
    """One folder that is being looked into."""

    def __init__(self, connection: imaplib.IMAP4, name: str) -> None:
        self.connection = connection
        _need(connection.select(f'"{_quoted(_folder_name(name))}"', readonly=True))
        self.validity, self.next_uid = self._told("UIDVALIDITY"), self._told("UIDNEXT")

    def _told(self, name: str) -> int:
        told = self.connection.response(name)[1]
        return int(told[0]) if told and told[0] else 0

    def newer_than(self, uid: int, since: date, most: int) -> list[int]:
        """The numbers of the first mails after one, from a day on, in their order; at most so many."""
        day = f"{since.day:02d}-{MONTHS[since.month - 1]}-{since.year}"
        found: list[int] = []
        while uid + 1 < self.next_uid and len(found) < most:
            upto = min(uid + WINDOW, self.next_uid - 1)
            (line, *_more) = _need(self.connection.uid("SEARCH", f"UID {uid + 1}:{upto}", "SINCE", day))
            found += sorted(number for number in map(int, (line or b"").split()) if uid < number <= upto)
            uid = upto
        return found[:most]

    def fetch(self, uid: int) -> Fetched | None:
        """One mail, of a huge one the beginning; None if it is gone."""
        answer = _need(self.connection.uid("FETCH", str(uid), f"(RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{MOST_KEPT}>)"))
        for part in answer:
            if isinstance(part, tuple) and len(part) == 2:
                told, raw = part
                size = SIZE.search(told) or SIZE.search(b" ".join(each for each in answer if isinstance(each, bytes)))
                return Fetched(uid, raw, int(size[1]) if size else len(raw), _received(told))
        return None


def _received(told: bytes) -> datetime:
    found = imaplib.Internaldate2tuple(told)
    if found is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromtimestamp(_epoch(found), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
    return min(moment, datetime.now(UTC))


def _epoch(local: Any) -> float:
    """Internaldate2tuple gives local time of this machine."""
    return datetime(*local[:6]).astimezone().timestamp()


def _need(answer: Any) -> Any:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(_said(data[0] if data else b""))
    return data


def _folder_name(name: str) -> str:
    """A folder's name as IMAP4rev1 writes it (modified UTF-7), so that names in Chinese are found."""
    out, waiting = "", ""
    for letter in f"{name}\0":
        if letter.isascii():
            if waiting:
                coded = waiting.encode("utf-7").decode()
                out += "&" + coded[1:].rstrip("-").replace("/", ",") + "-"
                waiting = ""
            out += "&-" if letter == "&" else letter
        else:
            waiting += letter
    return out[:-1]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _said(error: Any) -> str:
    """What a server or a socket said, short and without what cannot be shown."""
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else str(error) or type(error).__name__
    return "".join(letter for letter in text if letter.isprintable())[:200]
