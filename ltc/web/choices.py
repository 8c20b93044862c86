"""Which records a person may choose from when a form, a dialog or a filter asks for one."""

from typing import Any

from django.forms.models import ModelChoiceIterator

from ltc.users.visibility import Visible

MOST_RECORDS = 200


def choosable(queryset: Any, actor: Any) -> Any:
    """The records that the actor may name: those that they see, and those that everyone may name (colleagues and teams)."""
    model = queryset.model
    if not issubclass(model, Visible) or getattr(model, "open_to_reference", False):
        return queryset
    return queryset.visible_to(actor)


class FirstRecords(ModelChoiceIterator):
    """The first records of a queryset only: a menu of ten thousand customers helps nobody."""

    def __init__(self, field: Any) -> None:
        super().__init__(field)
        self.queryset = self.queryset[:MOST_RECORDS]
