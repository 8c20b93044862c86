"""What stands in a mail, however broken it is. Pure: bytes in, plain values out; nothing in them can raise."""

import codecs
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses
from html import unescape
from typing import Any, Final

LONGEST_TEXT: Final = 20_000
MOST_PARTS: Final = 200
MOST_NAMED: Final = 20
LONGEST_HEADER, LONGEST_DESCRIPTION = 20_000, 4_000  # of headers, and of those that describe a part; longer ones take minutes to take apart
SLOW: Final = frozenset({"punycode", "idna"})  # no charsets of mails, and slow on purpose
WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030"}
GUESSED: Final = ("utf-8", "gb18030")
DAEMONS: Final = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounce[s]?)([-+_.].*)?@", re.IGNORECASE)
BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
MESSAGE_ID: Final = re.compile(r"<([^<>\s]{1,280})>")
NAME: Final = re.compile(r"/?\s*([a-z][a-z0-9]*)", re.IGNORECASE)
BREAKING: Final = frozenset({"br", "/p", "/div", "/tr", "/li", *(f"/h{size}" for size in range(1, 7))})
UNSEEN: Final = {name: re.compile(rf"<\s*/\s*{name}\s*>", re.IGNORECASE) for name in ("style", "script", "head", "title")}
LONGEST_TAG: Final = 5_000


class _Brief(Compat32):
    """Headers as they came, but none longer than any program writes it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: LONGEST_DESCRIPTION if name.lower().startswith("content-") else LONGEST_HEADER]


BRIEF: Final = _Brief()


class Unreadable(ValueError):
    """The mail cannot be taken apart."""


@dataclass(frozen=True)
class Mail:
    """A mail as we use it. `answers` are the Message-IDs that it names as answered; `kind` says what it is instead of a message."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    answers: tuple[str, ...] = ()
    kind: str = ""
    attachments: tuple[str, ...] = field(default=())


def read(raw: bytes) -> Mail:
    """A mail from its bytes. Raises Unreadable."""
    try:
        message = email.message_from_bytes(raw, policy=BRIEF)
        name, sender = _sender(message)
        text, attachments = _content(message)
        mentioned = f"{_head(message, 'In-Reply-To')} {_head(message, 'References')}"
        answers = [*MESSAGE_ID.findall(mentioned)[-50:], *_undelivered(message)]
        return Mail(
            message_id=next(iter(MESSAGE_ID.findall(_head(message, "Message-ID"))), "")[:300],
            sender=sender,
            sender_name=name[:120],
            subject=_head(message, "Subject")[:300],
            text=text,
            answers=tuple(dict.fromkeys(answers)),
            kind=_kind(message, sender),
            attachments=tuple(attachments),
        )
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error


def _kind(message: Message, sender: str) -> str:
    """bounce, automatic, list, spam or no_sender; empty for what a person wrote to us."""
    reported = _reported(message)
    if reported and "failed" not in reported:
        return "automatic"  # it is late, or has arrived: nothing has come back
    if reported or DAEMONS.match(sender):
        return "bounce"
    submitted = _head(message, "Auto-Submitted").lower().partition(";")[0].strip()
    answered = any(message.get(name) for name in ("X-Autoreply", "X-Autorespond"))
    precedence = _head(message, "Precedence").lower()
    answered |= _head(message, "Return-Path") == "<>"  # RFC 3834 has automatic answers sent like that
    if (submitted and submitted != "no") or answered or precedence == "auto_reply":
        return "automatic"
    if message.get("List-Id") or message.get("List-Unsubscribe") or precedence in BULK:
        return "list"
    if _head(message, "X-Spam-Flag").lower() == "yes":
        return "spam"
    return "" if sender else "no_sender"


def _reported(message: Message) -> set[str]:
    """What a report of delivery says of each recipient (RFC 3464); "failed" if it does not say, nothing if it is no such report."""
    if message.get_content_type() != "multipart/report" or "delivery-status" not in str(message.get("Content-Type", "")).lower():
        return set()
    parts = message.get_payload()
    statuses = [part.get_payload() for part in parts if isinstance(part, Message)] if isinstance(parts, list) else []
    blocks = [block for status in statuses if isinstance(status, list) for block in status if isinstance(block, Message)]
    return {_head(block, "Action").lower() for block in blocks if block.get("Action")} or {"failed"}


def _sender(message: Message) -> tuple[str, str]:
    """Name and address: of Reply-To if it is given, for forms of other websites write it there; else of From."""
    found = ("", "")
    for header in ("From", "Reply-To"):
        raw = [value if isinstance(value, str) else _text_of(value) for value in message.get_all(header, [])]
        for name, address in getaddresses(raw):
            address = address.strip().lower()
            if re.fullmatch(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,189}\.[^@\s<>\"]{1,60}", address) and address.isascii():
                found = (_clean(_text_of(name)) or found[0], address)
                break
    return found


def _content(message: Message) -> tuple[str, list[str]]:
    """The text (of HTML what is to be read), and the names of what hangs on it. What is attached is not kept."""
    plain, markup, attached = "", "", []
    for part in _parts(message):
        name = _clean(_text_of(part.get_filename() or ""))[:120]
        if name or part.get_content_disposition() == "attachment" or part.get_content_maintype() != "text":
            attached.append(name or part.get_content_type())
        elif part.get_content_subtype() == "html":
            markup = markup or _body(part)
        else:
            plain = plain or _body(part)
    text = plain if plain.strip() else _readable(markup)
    lines = [line.rstrip() for line in _clean(text, keep="\n\t").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT], attached[:MOST_NAMED]


def _parts(message: Message) -> Iterator[Message]:
    """The leaves of a mail, at most two hundred, without recursion; a mail inside a mail counts as attached."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        inside = part.get_payload()
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting = [each for each in inside if isinstance(each, Message)] + waiting
        elif not isinstance(inside, list):
            yield part


def _body(part: Message) -> str:
    raw: Any = part.get_payload(decode=True)
    return _decoded(raw if isinstance(raw, bytes) else b"", part.get_content_charset() or "")


def _decoded(raw: bytes, charset: str) -> str:
    """Bytes as text: by the charset that is told if it fits, else by the likely ones."""
    wished = charset.lower().strip("\"' ")
    for candidate in (WIDER.get(wished, wished), *GUESSED):
        try:
            return raw.decode(candidate if candidate and codecs.lookup(candidate).name not in SLOW else "utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("utf-8", errors="replace")


def _head(message: Message, name: str) -> str:
    return _clean(_text_of(message.get(name, "")))


def _text_of(value: Any) -> str:
    """A header's text: encoded words by their charset, bare bytes of old programs by guess."""
    try:
        parts = decode_header(value.replace("\r", "").replace("\n", "") if isinstance(value, str) else value)
    except (ValueError, LookupError):
        return str(value)
    known = ((part, "" if charset in (None, "unknown-8bit") else str(charset)) for part, charset in parts)
    return "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in known)


def _clean(text: str, keep: str = "") -> str:
    """Without what a database or a page cannot show: control characters, halves of characters, marks that steer the display."""
    kept = "".join(letter if letter in keep or letter.isprintable() else " " if letter in "\t\r\n" else "" for letter in text)
    return kept if keep else " ".join(kept.split())


def _readable(markup: str) -> str:
    """What is to be read of HTML, in lines."""
    text = unescape("".join(_shown(" ".join(markup[: 10 * LONGEST_TEXT].split()))))
    return "\n".join(line.strip() for line in text.splitlines())


def _shown(markup: str) -> Iterator[str]:
    """HTML without its tags and what is never shown; each letter is looked at a few times only, whatever somebody sends."""
    at, end = 0, -1
    unclosed: set[str] = set()
    while (start := markup.find("<", at)) >= 0:
        yield markup[at:start]
        end = markup.find(">", start) if end < start else end
        if end < 0:
            at = start
            break
        if end - start > LONGEST_TAG:
            yield "<"
            at = start + 1
            continue
        at = end + 1
        named = NAME.match(markup, start + 1 if markup[start + 1] != " " else start + 2, end)
        name = "".join(named[0].split()).lower() if named else ""
        if name in BREAKING:
            yield "\n"
        elif name in UNSEEN and name not in unclosed:
            closing = UNSEEN[name].search(markup, at)
            if closing is None:
                unclosed.add(name)
            else:
                yield " "
                at = closing.end()
    yield markup[at:]


def _undelivered(message: Message) -> list[str]:
    """The Message-IDs of the mails that a report of non-delivery carries along."""
    found: list[str] = []
    if message.get_content_type() != "multipart/report":
        return found
    parts = message.get_payload()
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, Message):
            continue
        inside = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inside, list):
            found += MESSAGE_ID.findall(" ".join(_head(each, "Message-ID") for each in inside if isinstance(each, Message)))
        elif part.get_content_type() == "text/rfc822-headers":
            found += MESSAGE_ID.findall(_head(email.message_from_string(_body(part), policy=BRIEF), "Message-ID"))
    return found
