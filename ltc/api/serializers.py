"""What all serializers of records have in common: strict in what they take, lean in what they give."""

from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from ltc.api import fields
from ltc.api.reading import MISSING, Reader, readers_of

MAX_ROWS = 500


class Strict(serializers.Serializer):
    """Refuses fields that it does not know or does not let callers set, instead of dropping them."""

    default_error_messages = {
        "unknown_field": "There is no such field.",
        "read_only_field": "This field cannot be set.",
        "fixed_field": "This field is set once and stays.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            refused = {}
            for name in data:
                known = self.fields.get(name)
                if known is None:
                    refused[name] = self._refusal("unknown_field")
                elif known.read_only:
                    refused[name] = self._refusal("read_only_field")
                elif self.instance is not None and name in getattr(getattr(self, "Meta", None), "set_once", ()):
                    refused[name] = self._refusal("fixed_field")
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)

    def _refusal(self, code: str) -> serializers.ErrorDetail:
        return serializers.ErrorDetail(str(self.error_messages[code]), code)


class RecordSerializer(Strict, serializers.ModelSerializer):
    """A record as the API shows and takes it. `Meta.fields` lists the fields; what a transition or a rule sets is read-only there;
    `Meta.set_once` lists fields that only a new record takes.

    It validates shape and references; the service that is called with the values keeps the rules, and does the writing.
    """

    serializer_related_field = fields.TenantRelatedField
    serializer_choice_field = fields.ChoiceField
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: fields.TextField,
        models.TextField: fields.TextField,
        models.SlugField: fields.SlugField,
        models.EmailField: fields.EmailField,
        models.URLField: fields.URLField,
        models.IntegerField: fields.IntegerField,
        models.BigIntegerField: fields.IntegerField,
        models.SmallIntegerField: fields.IntegerField,
        models.PositiveIntegerField: fields.IntegerField,
        models.PositiveSmallIntegerField: fields.IntegerField,
        models.BooleanField: fields.BooleanField,
        models.DecimalField: fields.DecimalField,
        models.DateField: fields.DateField,
        models.DateTimeField: fields.MomentField,
        models.UUIDField: fields.UUIDField,
        models.JSONField: fields.ObjectField,
        ArrayField: serializers.ListField,
    }

    def __init__(self, *args: Any, only: frozenset[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._only = only

    def get_fields(self) -> Any:
        found = super().get_fields()
        if self._only is not None:
            found = {name: field for name, field in found.items() if name in self._only}
        return found

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: value for name, read in self._readers.items() if (value := read(instance)) is not MISSING}

    @cached_property
    def _readers(self) -> dict[str, Reader]:
        kept: dict[str, Reader] | None = type(self).__dict__.get("_kept_readers")
        if kept is None:
            kept, lasting = readers_of(type(self)())
            if lasting:
                type(self)._kept_readers = kept  # type: ignore[attr-defined]
            else:
                return readers_of(self)[0]  # some field asks who reads
        return kept if self._only is None else {name: read for name, read in kept.items() if name in self._only}

    def get_unique_together_validators(self) -> list[Any]:
        return []  # the database says it, and says it of rows that the caller does not see too

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        found, kwargs = super().build_standard_field(field_name, model_field)
        kwargs["validators"] = [each for each in kwargs.get("validators", []) if not isinstance(each, UniqueValidator)]
        if not kwargs["validators"]:
            del kwargs["validators"]
        if issubclass(found, serializers.ListField):
            kwargs.setdefault("max_length", MAX_ROWS)
        return found, kwargs

    def create(self, validated_data: Any) -> Any:
        raise TypeError(f"{type(self).__name__} writes nothing: call a service with its validated_data.")

    def update(self, instance: Any, validated_data: Any) -> Any:
        raise TypeError(f"{type(self).__name__} writes nothing: call a service with its validated_data.")
