"""The filters of a list as the page shows them: for each, its choices as links that keep everything else in the address.

The page uses the FilterSet of the API. A filter has choices if its form field has them, or if it names a record by id.
"""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms.models import ModelChoiceField
from django.http import QueryDict

from ltc.web.choices import choosable

MOST_CHOICES = 50
Choices = list[tuple[str, Any]]


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


def chips(filterset: django_filters.FilterSet, names: Any, query: QueryDict, actor: Any) -> list[dict[str, Any]]:
    """The named filters, each {name, label, value_label, options, clear_url}; one without choices is left out."""
    made = []
    for name in names:
        choices = _choices(filterset, name, actor)
        if choices:
            made.append(_chip(name, filterset, choices, query))
    return made


def _chip(name: str, filterset: django_filters.FilterSet, choices: Choices, query: QueryDict) -> dict[str, Any]:
    bound = filterset.form[name]
    chosen = [value for value in query.getlist(name) if value]
    several = isinstance(bound.field, (forms.MultipleChoiceField, forms.ModelMultipleChoiceField))
    options = [
        {
            "value": value,
            "label": label,
            "selected": value in chosen,
            "url": link(query, **{name: _toggled(chosen, value) if several else (None if value in chosen else value)}),
        }
        for value, label in choices
    ]
    labels = [str(option["label"]) for option in options if option["selected"]]
    return {
        "name": name,
        "label": _label(filterset, name),
        "value_label": ", ".join(labels[:2]) + (f" +{len(labels) - 2}" if len(labels) > 2 else ""),
        "options": options,
        "clear_url": link(query, **{name: None}) if chosen else None,
    }


def _toggled(chosen: list[str], value: str) -> list[str]:
    return [other for other in chosen if other != value] if value in chosen else [*chosen, value]


def _model_field(filterset: django_filters.FilterSet, name: str) -> Any:
    """The column that a filter looks at, by its name or by that of its id."""
    model: Any = filterset._meta.model
    wanted = str(filterset.filters[name].field_name)
    for candidate in (wanted, wanted.removesuffix("_id")):
        try:
            found: Any = model._meta.get_field(candidate)
        except FieldDoesNotExist:
            continue
        return found
    return None


def _label(filterset: django_filters.FilterSet, name: str) -> Any:
    column = _model_field(filterset, name)
    if filterset.filters[name]._label is None and column is not None:
        return str(column.verbose_name)[:1].upper() + str(column.verbose_name)[1:]
    return filterset.form[name].label


def _choices(filterset: django_filters.FilterSet, name: str, actor: Any) -> Choices:
    field = filterset.form.fields[name]
    if isinstance(field, ModelChoiceField):
        return _records(field.queryset.model if field.queryset is not None else None, actor)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return [(str(value), label) for value, label in choices if value not in ("", None)]
    column = _model_field(filterset, name)
    return _records(column.related_model, actor) if isinstance(column, models.ForeignKey) else []


def _records(model: Any, actor: Any) -> Choices:
    if model is None:
        return []
    records = choosable(model.objects.all(), actor)
    order = next((name for name in ("name", "title", "number") if any(field.name == name for field in model._meta.fields)), "pk")
    return [(str(record.pk), str(record)) for record in records.order_by(order)[:MOST_CHOICES]]
