from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer


def plain(value: Any) -> Any:
    """What orjson does not know by itself: translated text and money, both as text."""
    if isinstance(value, (Promise, Decimal)):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form. Give it one in the serializer.")


class JSONRenderer(BaseRenderer):
    """JSON in UTF-8, written by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=plain)


class OnlyJSON(DefaultContentNegotiation):
    """There is one form, and whoever asks for another is told in it (RFC 9110, 12.5.1 allows that)."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
