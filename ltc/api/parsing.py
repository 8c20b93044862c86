"""JSON as strict as it is meant: no duplicate keys, no NaN, no NUL, no lone surrogates, no deep nesting, no huge numbers."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser

from ltc.api.problems import Problem

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
MAX_INTEGER: Final = 2**63 - 1


class StrictJSONParser(JSONParser):
    """Reads a body of JSON in UTF-8; numbers with a point stay exact decimals."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        _type, parameters = parse_header_parameters(media_type or "")
        if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(media_type or "")
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Problem("payload_too_large", f"A body has at most {MAX_BYTES} bytes.")
        return parsed(raw)


def parsed(raw: bytes) -> Any:
    """The value of a JSON text. Raises ParseError."""
    if too_deep(raw):
        raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH}.")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        raise ParseError("The body is not valid JSON.") from error
    refuse_unstorable(value)
    return value


def too_deep(raw: bytes) -> bool:
    """Whether brackets are open more than MAX_DEPTH deep; looked at before parsing. A short text without many of them is not walked."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    depth, in_text, escaped = 0, False, False
    for byte in raw:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ParseError(f"The key “{key:.60}” stands twice in one object.")
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise ParseError(f"{name} is not JSON.")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ParseError("A number is out of range.") from error
    if len(text) > 60 or not -60 < number.adjusted() < 60:
        raise ParseError("A number is out of range.")
    return number


def refuse_unstorable(value: Any) -> None:
    """Raise ParseError for what PostgreSQL cannot hold: NUL and lone surrogates in text, integers beyond 64 bits."""
    if isinstance(value, str):
        if "\x00" in value:
            raise ParseError("NUL characters are not allowed.")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ParseError("Unpaired surrogates are not allowed.") from error
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_unstorable(key)
            refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            refuse_unstorable(item)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
        raise ParseError("An integer is out of range.")
