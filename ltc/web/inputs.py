"""What a transition asks for, as a form: the same `Input`s that the API publishes as a schema."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.apps import apps
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ltc.web.choices import FirstRecords, RecordSelect, choosable, without_idle_zeros
from ltc.workflow.inputs import Input, Kind

FORMSET_LIMIT = 200


class RecordField(forms.ModelChoiceField):
    """A choice among records. It lists the first ones and accepts every one of its queryset."""

    iterator = FirstRecords
    widget = RecordSelect


class ActionForm(forms.Form):
    """The form of one transition; rows are formsets beside its fields."""

    template_name = "records/input_form.html"

    def __init__(self, *args: Any, inputs: Sequence[Input], record: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inputs = inputs
        self.rows: list[tuple[Input, Any]] = []
        for each in inputs:
            if each.kind == Kind.ROWS:
                self.rows.append((each, _formset(each, record, actor, self.data if self.is_bound else None)))
            else:
                self.fields[each.name] = field(each, record, actor)

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(formset.is_valid() for _input, formset in self.rows)])

    def get_context(self) -> dict[str, Any]:
        return {**super().get_context(), "rows": [{"input": each, "formset": formset} for each, formset in self.rows]}

    def values(self) -> dict[str, Any]:
        """What perform() is given: every input that has a value."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        for each, formset in self.rows:
            given[each.name] = [
                {name: value for name, value in row.items() if name != "DELETE" and value not in (None, "")}
                for row in formset.cleaned_data
                if row and not row.get("DELETE")
            ]
        return given


def field(each: Input, record: Any, actor: Any) -> forms.Field:
    """The form field of one input."""
    given: dict[str, Any] = {
        "label": each.label,
        "required": each.required,
        "help_text": each.help,
        "initial": each.initial_for(record, actor),
    }
    match each.kind:
        case Kind.LONG_TEXT:
            return forms.CharField(**given, max_length=each.max_length, widget=forms.Textarea(attrs={"rows": 3}))
        case Kind.DATE:
            return forms.DateField(**given, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        case Kind.MOMENT:
            given["initial"] = timezone.localtime(given["initial"]) if given["initial"] else None
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return forms.DateTimeField(**given, widget=widget)
        case Kind.MONEY | Kind.DECIMAL:
            entry = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
            given["initial"] = without_idle_zeros(given["initial"])
            return forms.DecimalField(**given, max_digits=20, decimal_places=6, localize=False, widget=entry)
        case Kind.INTEGER:
            return forms.IntegerField(**given)
        case Kind.BOOLEAN:
            return forms.BooleanField(**{**given, "required": False})
        case Kind.CHOICE:
            choices = list(each.choices_for(record, actor))
            return forms.ChoiceField(**given, choices=choices if each.required and given["initial"] else [("", "–"), *choices])
        case Kind.RECORD:
            return RecordField(**given, queryset=_records(each, record, actor), empty_label="–")
        case _:
            return forms.CharField(**given, max_length=each.max_length)


def _records(each: Input, record: Any, actor: Any) -> Any:
    model: Any = apps.get_model(each.model)
    queryset = choosable(model.objects.all(), actor)
    return each.limit(queryset, record, actor) if each.limit else queryset


class _Row(forms.Form):
    """One row of a ROWS input."""

    def __init__(self, *args: Any, inputs: Sequence[Input], record: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in inputs:
            made = field(each, record, actor)
            if each.name in (kwargs.get("initial") or {}):
                made.initial = None
            self.fields[each.name] = made
        self.empty_permitted = False


def _formset(each: Input, record: Any, actor: Any, data: Any) -> Any:
    initial = list(each.initial_for(record, actor) or [])
    made = forms.formset_factory(_Row, extra=0 if initial else 1, max_num=FORMSET_LIMIT, can_delete=True, absolute_max=FORMSET_LIMIT + 1)
    return made(
        data,
        prefix=each.name,
        initial=initial,
        form_kwargs={"inputs": each.rows, "record": record, "actor": actor},
        error_messages={"missing_management_form": str(_("The rows did not arrive. Reload the page and try again."))},
    )


def form_for(inputs: Sequence[Input], record: Any, actor: Any, data: Any = None) -> ActionForm:
    """The form of a transition of a record for an actor."""
    return ActionForm(data, inputs=inputs, record=record, actor=actor)
