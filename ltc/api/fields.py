"""Fields that take exactly the JSON type that they name, and references that do not leave the tenant."""

import re
import unicodedata
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import models
from rest_framework import serializers

LONGEST_TEXT: Final = 20_000
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII)
NUMBER: Final = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
IDENTIFIER: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
JOINERS: Final = frozenset("\u200c\u200d")


def without_invisible(text: str) -> str:
    """The text without characters that only steer its display (bidi overrides, zero width); joiners that scripts and emoji need stay."""
    if text.isascii():
        return text
    return "".join(letter for letter in text if letter in JOINERS or unicodedata.category(letter) != "Cf")


class TextField(serializers.CharField):
    default_error_messages = {"not_text": "Give text."}

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.get("max_length") is None:
            kwargs["max_length"] = LONGEST_TEXT
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None:
            if not isinstance(data, str):
                self.fail("not_text")
            data = without_invisible(data)
        return super().run_validation(data)


class EmailField(TextField, serializers.EmailField):
    pass


class SlugField(TextField, serializers.SlugField):
    pass


class URLField(TextField, serializers.URLField):
    pass


class IntegerField(serializers.IntegerField):
    default_error_messages = {"not_integer": "Give a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_integer")
        return data


class BooleanField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DecimalField(serializers.DecimalField):
    """An exact number: JSON text such as "12.50", or a JSON number. Written as text."""

    def to_internal_value(self, data: Any) -> Decimal:
        if (
            isinstance(data, bool)
            or not isinstance(data, (str, int, Decimal))
            or not NUMBER.fullmatch(f"{data:f}" if isinstance(data, Decimal) else str(data))
        ):
            self.fail("invalid")
        return super().to_internal_value(data)


class DateField(serializers.DateField):
    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not DATE.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class MomentField(serializers.DateTimeField):
    """An instant, with its offset from UTC: 2026-05-01T09:00:00+08:00. Written in UTC."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not MOMENT.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+hh:mm")
        return super().to_internal_value(value)

    def to_representation(self, value: Any) -> Any:
        if value is None:
            return None
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return text[:-6] + "Z" if text.endswith("+00:00") else text


class ChoiceField(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class UUIDField(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str) or not IDENTIFIER.fullmatch(data):
            self.fail("invalid", value=data)
        return uuid.UUID(data)


class ObjectField(serializers.JSONField):
    """A small JSON object of the caller's own."""

    default_error_messages = {"not_object": "Give an object.", "too_large": "Give at most 100 keys."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("not_object")
        if len(data) > 100:
            self.fail("too_large")
        return super().to_internal_value(_with_floats(data))


def _with_floats(value: Any) -> Any:
    """Free JSON is stored as JSON, whose numbers are no decimals."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _with_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_floats(item) for item in value]
    return value


def referable(queryset: Any, actor: Any) -> Any:
    """The records that an actor may name in another record: those that it sees, and the tenant's directory."""
    if getattr(queryset.model, "open_to_reference", False) or not hasattr(queryset, "visible_to"):
        return queryset
    return queryset.visible_to(actor)


class TenantRelatedField(serializers.PrimaryKeyRelatedField):
    """A record by its id. One that the caller does not see is refused in the words for one that does not exist."""

    default_error_messages = {"does_not_exist": "There is no such record.", "incorrect_type": "Give an id."}

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        return None if queryset is None else referable(queryset, self.context["request"].actor)

    def to_internal_value(self, data: Any) -> models.Model:
        if not isinstance(data, str) or not IDENTIFIER.fullmatch(data):
            self.fail("does_not_exist")
        record: models.Model | None = self.get_queryset().filter(pk=data).first()
        if record is None:
            self.fail("does_not_exist")
        return record

    def to_representation(self, value: Any) -> Any:
        return str(value.pk)
