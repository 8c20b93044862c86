"""How a record is read, worked out once for each serializer class instead of once for each field of each row.

A page of 50 leads has 2,700 values; asking the serializer's fields for each of them costs more than the database does.
"""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from rest_framework import serializers
from rest_framework.relations import PKOnlyObject

from ltc.api import fields

Reader = Callable[[Any], Any]
MISSING: Final = object()
"""What a reader gives for a value that is left out, such as the name of an owner whom there is not."""

AS_THEY_ARE: Final = {
    *(fields.TextField, fields.EmailField, fields.SlugField, fields.URLField, fields.IntegerField, fields.BooleanField),
    *(fields.ChoiceField, fields.ObjectField, serializers.CharField, serializers.IntegerField, serializers.BooleanField),
    *(serializers.ChoiceField, serializers.JSONField, serializers.ReadOnlyField),
}
"""Fields whose values are JSON already when they come from a column."""

BY_THEMSELVES: Final = {fields.DecimalField, fields.DateField, fields.MomentField, fields.UUIDField}
"""Fields that write a value without knowing who asks."""


def readers_of(serializer: Any) -> tuple[dict[str, Reader], bool]:
    """A function for each readable field, and whether all of them may be kept for other requests."""
    found, lasting = {}, True
    for field in serializer._readable_fields:
        found[field.field_name] = _reader(field, serializer.Meta.model)
        lasting = lasting and _is_lasting(field)
    return found, lasting


def _is_lasting(field: Any) -> bool:
    return type(field) in AS_THEY_ARE | BY_THEMSELVES or (type(field) is fields.TenantRelatedField)


def _reader(field: Any, model: Any) -> Reader:
    kind, attribute = type(field), _column(field, model)
    if attribute is not None:
        if kind in AS_THEY_ARE:
            return lambda record: getattr(record, attribute)
        if kind is fields.TenantRelatedField:
            return lambda record: _text(getattr(record, attribute))
        if kind in BY_THEMSELVES:
            return lambda record: None if (value := getattr(record, attribute)) is None else field.to_representation(value)
    return lambda record: _asked(field, record)


def _column(field: Any, model: Any) -> str | None:
    """The attribute that holds the field's value, if it is a column of the record itself."""
    try:
        found: Any = model._meta.get_field(field.source)
    except FieldDoesNotExist:
        return None
    return found.attname if found.concrete and not found.many_to_many else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _asked(field: Any, record: Any) -> Any:
    """The value as Django REST framework finds it."""
    try:
        value = field.get_attribute(record)
    except serializers.SkipField:
        return MISSING
    key = value.pk if isinstance(value, PKOnlyObject) else value
    return None if key is None else field.to_representation(value)
