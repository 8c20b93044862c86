"""A state that changes only through a transition, whose legal values the database knows."""

from typing import Any

import django_fsm
from django.db import models

from ltc.tenancy.fields import add_to_meta


class StateDescriptor(django_fsm.FSMFieldDescriptor):
    def __set__(self, instance: models.Model, value: Any) -> None:
        held = instance.__dict__.get(self.field.name, value)
        if value != held and not getattr(instance, "_reloading", False):
            raise AttributeError(f"{instance._meta.object_name}.{self.field.name} changes only through a transition: use perform().")
        self.field.set_state(instance, value)


class StateField(django_fsm.FSMField):
    """The state of a record. `choices` are the legal states; a check constraint holds them in the database."""

    descriptor_class = StateDescriptor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 30)
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False, **kwargs: Any) -> None:
        if cls.__module__ == "__fake__":  # a migration rebuilds models by the thousand, and django-fsm would listen to each for ever
            models.CharField.contribute_to_class(self, cls, name, private_only, **kwargs)
            return
        super().contribute_to_class(cls, name, private_only, **kwargs)
        states = [value for value, _label in self.flatchoices]
        rule = models.CheckConstraint(condition=models.Q(**{f"{name}__in": states}), name=f"{cls._meta.db_table}_{name}_is_legal")
        add_to_meta(cls, "constraints", rule)
