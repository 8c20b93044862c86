"""The ways out of the house: who takes a message to its reader, and what is known of it afterwards.

`send` returns the provider's reference once the message is taken over, raises `NotAccepted` when it certainly was not, and anything else
when nobody can say. `find` answers for a key whether the provider took it: None if it cannot be asked.
"""

import json
import smtplib
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

CONSOLE: Final = "django.core.mail.backends.console.EmailBackend"
TIMEOUT: Final = 15
# Refused before the server took the message over: it certainly did not go out.
REFUSED: Final = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    ConnectionRefusedError,
)


@dataclass(frozen=True)
class Parcel:
    """A message as it is handed over. `key` is the message's own: the provider may know it again by it."""

    key: str
    to: str
    subject: str
    body: str
    html: str = ""
    copies: tuple[str, ...] = field(default=())
    attachments: tuple[tuple[str, bytes, str], ...] = field(default=(), repr=False)  # name, content, media type
    headers: tuple[tuple[str, str], ...] = field(default=())
    reply_to: str = ""

    @property
    def message_id(self) -> str:
        """The Message-ID of the mail; by it an answer is known again."""
        return dict(self.headers).get("Message-ID", f"<{self.key}@reminders.ltc>")


class NotAccepted(Exception):
    """The provider refused the message before it took it over, so it may be handed over again."""


class Provider(Protocol):
    """Someone who takes messages. `keyed`: a second hand-over with the same key is no second message."""

    name: str
    keyed: bool

    def send(self, parcel: Parcel) -> str: ...

    def find(self, key: str) -> bool | None: ...


class MailServer:
    """The mail server of the settings. It cannot be asked what became of a message."""

    name, keyed = "smtp", False
    backend: str | None = None

    def send(self, parcel: Parcel) -> str:
        """Hand a mail over; its Message-ID is its key."""
        mail = EmailMultiAlternatives(
            subject=parcel.subject, body=parcel.body, from_email=settings.DEFAULT_FROM_EMAIL, to=[parcel.to], cc=list(parcel.copies),
            headers={**dict(parcel.headers), "Message-ID": parcel.message_id}, connection=get_connection(self.backend),
            reply_to=[parcel.reply_to] if parcel.reply_to else None,
        )  # fmt: skip
        if parcel.html:
            mail.attach_alternative(parcel.html, "text/html")
        for name, content, media_type in parcel.attachments:
            mail.attach(name, content, media_type)
        try:
            mail.send()
        except REFUSED as error:
            raise NotAccepted(f"{type(error).__name__}: {error}") from error
        return parcel.message_id

    def find(self, key: str) -> bool | None:
        return None


class Rehearsal(MailServer):
    """A demo tenant's mail is written to the console and no provider is called, whatever the settings say."""

    name = "simulated"
    backend = CONSOLE

    def send(self, parcel: Parcel) -> str:
        """Write it to the console; files by their names only."""
        files = "".join(f"\n[{name}, {len(content)} bytes]" for name, content, _type in parcel.attachments)
        return super().send(replace(parcel, body=parcel.body + files, attachments=()))


class Gateway:
    """A message gateway of the operator's (`REMINDER_GATEWAY_URL`): POST /messages with an Idempotency-Key, GET /messages/<key>."""

    name, keyed = "gateway", True

    def __init__(self, channel: str) -> None:
        self.channel, self.address = channel, settings.REMINDER_GATEWAY_URL.rstrip("/")

    def send(self, parcel: Parcel) -> str:
        """Hand a message over under its key; any answer but a 2xx means that it was not taken."""
        body = {"channel": self.channel, "to": parcel.to, "subject": parcel.subject, "text": parcel.body}
        try:
            answer = self._call("POST", "/messages", body, {"Idempotency-Key": parcel.key})
        except HTTPError as error:
            raise NotAccepted(f"{error.code}") from error
        except URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                raise NotAccepted(str(error.reason)) from error
            raise
        return str(answer.get("id", ""))[:200]

    def find(self, key: str) -> bool | None:
        """Whether the gateway has taken a message with this key."""
        try:
            self._call("GET", f"/messages/{quote(key, safe='')}")
        except HTTPError as error:
            return False if error.code == 404 else None
        except URLError:
            return None
        return True

    def _call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        known = {"Content-Type": "application/json", **(headers or {})}
        request = Request(self.address + path, data=data, headers=known, method=method)  # noqa: S310  (the operator's own address)
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            return dict(json.loads(response.read() or b"{}"))


def provider_for(channel: str, *, simulated: bool) -> Provider:
    """Who takes messages of a channel."""
    if simulated:
        return Rehearsal()
    return MailServer() if channel == "email" else Gateway(channel)
