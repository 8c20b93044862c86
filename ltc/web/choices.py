"""Which records a person may choose from when a form, a dialog or a filter asks for one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.urls import NoReverseMatch, reverse

from ltc.users.visibility import Visible
from ltc.web.records import page_of

MOST_RECORDS = 200


def choosable(queryset: Any, actor: Any) -> Any:
    """The records that the actor may name: those that they see, and those that everyone may name (colleagues and teams)."""
    model = queryset.model
    if not issubclass(model, Visible) or getattr(model, "open_to_reference", False):
        return queryset
    return queryset.visible_to(actor)


def without_idle_zeros(value: Any) -> Any:
    """What an input shows for an amount: 117000, not 117000.0000."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) and value.is_finite() else value


class FirstRecords(ModelChoiceIterator):
    """The first records of a queryset only: a menu of ten thousand customers helps nobody."""

    def __init__(self, field: Any) -> None:
        super().__init__(field)
        self.queryset = self.queryset[:MOST_RECORDS]


class RecordSelect(forms.Select):
    """A menu of the first records that always holds the chosen one too; a page with script can search the others (`ltc-combobox`)."""

    template_name = "django/forms/widgets/record_select.html"

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        groups = super().optgroups(name, value, attrs)
        listed = {str(option["value"]) for _label, options, _index in groups for option in options}
        for each in self._records([text for text in value if text and text not in listed]):
            index, field = len(groups), self.choices.field  # type: ignore[attr-defined]
            option = self.create_option(name, field.prepare_value(each), field.label_from_instance(each), True, index, attrs=attrs)
            groups.append((None, [option], index))
        return groups

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        field = getattr(self.choices, "field", None)
        page = page_of(field.queryset.model) if field is not None else None
        try:
            context["url"] = reverse("options", args=[page.key]) if page else ""
        except NoReverseMatch:
            context["url"] = ""
        return context

    def _records(self, values: list[str]) -> list[Any]:
        field = getattr(self.choices, "field", None)
        if not values or field is None:
            return []
        try:
            return list(field.queryset.filter(pk__in=values))
        except (ValidationError, ValueError):
            return []
