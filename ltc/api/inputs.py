"""The inputs of a transition as a serializer that reads them and as a JSON schema that describes them."""

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from rest_framework import serializers

from ltc.api import fields
from ltc.api.serializers import MAX_ROWS, Strict
from ltc.workflow.inputs import Input, Kind

NOTE: Final = Input("note", "Note", Kind.LONG_TEXT, required=False, max_length=2000)
AMOUNT_DIGITS: Final[dict[str, Any]] = {"max_digits": 20, "decimal_places": 6}


class RecordInput(fields.TenantRelatedField):
    """A record that the actor sees, narrowed to what the transition allows."""

    def __init__(self, asked: Input, record: Any, **kwargs: Any) -> None:
        self.asked, self.record, self.options = asked, record, kwargs
        super().__init__(queryset=apps.get_model(asked.model)._default_manager.all(), **kwargs)

    def get_queryset(self) -> Any:
        queryset, actor = super().get_queryset(), self.context["request"].actor
        return self.asked.limit(queryset, self.record, actor) if self.asked.limit else queryset

    def __deepcopy__(self, memo: Any) -> "RecordInput":
        """DRF copies declared fields by their arguments; `queryset` is made from the input."""
        return RecordInput(self.asked, self.record, **self.options)


def _field(asked: Input, record: Any, actor: Any) -> serializers.Field:
    options: dict[str, Any] = {"required": asked.required, "label": asked.label}
    if not asked.required:
        options["allow_null"] = True
    match asked.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return fields.TextField(max_length=asked.max_length, allow_blank=not asked.required, **options)
        case Kind.DATE:
            return fields.DateField(**options)
        case Kind.MOMENT:
            return fields.MomentField(**options)
        case Kind.MONEY | Kind.DECIMAL:
            return fields.DecimalField(**AMOUNT_DIGITS, **options)
        case Kind.INTEGER:
            return fields.IntegerField(**options)
        case Kind.BOOLEAN:
            return fields.BooleanField(**options)
        case Kind.CHOICE:
            choices = [(str(value), label) for value, label in asked.choices_for(record, actor)]
            return fields.ChoiceField(choices=choices, allow_blank=not asked.required, **options)
        case Kind.RECORD:
            return RecordInput(asked, record, **options)
        case Kind.ROWS:
            row: Any = serializer_class(asked.rows, record, actor)
            return row(many=True, max_length=MAX_ROWS, allow_empty=not asked.required, **options)
    raise TypeError(f"No field is known for inputs of the kind {asked.kind}.")


def serializer_class(inputs: Iterable[Input], record: Any, actor: Any) -> type[Strict]:
    """A serializer that takes exactly these inputs."""
    return type("Inputs", (Strict,), {asked.name: _field(asked, record, actor) for asked in inputs})


def read(inputs: Iterable[Input], data: Any, *, record: Any, request: Any) -> dict[str, Any]:
    """The values of the inputs, checked; those that were not given are left out. Every transition takes a `note` too."""
    inputs = tuple(inputs)
    asked = inputs if any(each.name == "note" for each in inputs) else (*inputs, NOTE)
    reader = serializer_class(asked, record, request.actor)(data=data, context={"request": request})
    reader.is_valid(raise_exception=True)
    return {name: value for name, value in reader.validated_data.items() if value is not None}


def described(asked: Input, record: Any, actor: Any) -> dict[str, Any]:
    """An input as the list of actions tells it to a program that makes a form of it."""
    said: dict[str, Any] = {
        "name": asked.name,
        "label": str(asked.label),
        "kind": asked.kind.value,
        "required": asked.required,
        "help": str(asked.help),
    }
    if asked.kind == Kind.CHOICE:
        said["choices"] = [{"value": str(value), "label": str(label)} for value, label in asked.choices_for(record, actor)]
    if asked.kind == Kind.RECORD:
        said["model"] = asked.model
    if asked.kind == Kind.ROWS:
        said["rows"] = [described(row, record, actor) for row in asked.rows]
    if (initial := asked.initial_for(record, actor)) is not None:
        said["initial"] = initial if isinstance(initial, (int, list, dict)) else str(getattr(initial, "pk", initial))
    return said


SCHEMAS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.TEXT: {"type": "string"},
    Kind.LONG_TEXT: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.MONEY: {"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"},
    Kind.DECIMAL: {"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.CHOICE: {"type": "string"},
    Kind.RECORD: {"type": "string", "format": "uuid"},
}


def schema_of(inputs: Iterable[Input]) -> dict[str, Any]:
    """The JSON schema of a transition's body."""
    inputs = tuple(inputs)
    asked = inputs if any(each.name == "note" for each in inputs) else (*inputs, NOTE)
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {each.name: _schema(each) for each in asked},
    }
    if required := [each.name for each in asked if each.required]:
        schema["required"] = required
    return schema


def _schema(asked: Input) -> dict[str, Any]:
    if asked.kind == Kind.ROWS:
        row = {**schema_of(asked.rows)}
        row["properties"].pop("note", None)
        found: dict[str, Any] = {"type": "array", "items": row, "maxItems": MAX_ROWS}
    else:
        found = dict(SCHEMAS[asked.kind])
    if asked.kind in {Kind.TEXT, Kind.LONG_TEXT}:
        found["maxLength"] = asked.max_length
    if asked.kind == Kind.CHOICE and not callable(asked.choices):
        found["enum"] = [str(value) for value, _label in asked.choices]
    if not asked.required:
        found["type"] = [found["type"], "null"]
    return {**found, "title": str(asked.label), **({"description": str(asked.help)} if asked.help else {})}
