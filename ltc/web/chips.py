"""The filters of a list as the page shows them: for each, its choices as links that keep everything else in the address."""

from typing import Any

import django_filters
from django import forms
from django.forms.models import ModelChoiceField
from django.http import QueryDict

MOST_CHOICES = 50
CHOICES = (ModelChoiceField, forms.ChoiceField)


def link(query: QueryDict, **changes: Any) -> str:
    """The list's own address with some parameters changed (None: taken out); it starts again at the first page."""
    changed = query.copy()
    changed.pop("cursor", None)
    for name, value in changes.items():
        changed.pop(name, None)
        if isinstance(value, (list, tuple)):
            changed.setlist(name, list(value))
        elif value is not None:
            changed[name] = value
    return "?" + changed.urlencode()


def chips(filterset: django_filters.FilterSet, query: QueryDict) -> list[dict[str, Any]]:
    """Each filter that has choices: {name, label, value_label, options, clear_url}. The others are for addresses and the API."""
    made = [_chip(name, filterset.form[name], query) for name in filterset.filters if isinstance(filterset.form.fields[name], CHOICES)]
    return [chip for chip in made if chip["options"]]


def _chip(name: str, bound: forms.BoundField, query: QueryDict) -> dict[str, Any]:
    chosen = [value for value in query.getlist(name) if value]
    several = isinstance(bound.field, (forms.MultipleChoiceField, forms.ModelMultipleChoiceField))
    options = [
        {
            "value": value,
            "label": label,
            "selected": value in chosen,
            "url": link(query, **{name: _toggled(chosen, value) if several else (None if value in chosen else value)}),
        }
        for value, label in _choices(bound.field)
    ]
    labels = [str(option["label"]) for option in options if option["selected"]]
    return {
        "name": name,
        "label": bound.label,
        "value_label": ", ".join(labels[:2]) + (f" +{len(labels) - 2}" if len(labels) > 2 else ""),
        "options": options,
        "clear_url": link(query, **{name: None}) if chosen else None,
    }


def _toggled(chosen: list[str], value: str) -> list[str]:
    return [other for other in chosen if other != value] if value in chosen else [*chosen, value]


def _choices(field: forms.Field) -> list[tuple[str, Any]]:
    if isinstance(field, ModelChoiceField):
        records = field.queryset[:MOST_CHOICES] if field.queryset is not None else []
        return [(str(record.pk), field.label_from_instance(record)) for record in records]
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return [(str(value), label) for value, label in choices if value not in ("", None)]
    return []
