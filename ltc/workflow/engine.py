"""The one way in for every transition: page, API, board, bulk edit, import, automation and jobs all come through here."""

import inspect
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.events.bus import Event, publish
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.timeline.models import Entry
from ltc.timeline.services import entry_of, record
from ltc.workflow.declare import Declaration, Declared, state_field, transitions_of
from ltc.workflow.inputs import Input


class UnknownTransition(LookupError):
    """The model declares no transition of that name."""


class TransitionRefused(Refusal):
    """The state or a guard does not let the transition happen; the message says what to do."""

    code = "invalid_transition"


@dataclass(frozen=True)
class Offer:
    """A transition as an actor finds it on a record now."""

    name: str
    label: Any
    permitted: bool
    reasons: tuple[str, ...]
    declaration: Declaration

    @property
    def allowed(self) -> bool:
        return self.permitted and not self.reasons

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.declaration.inputs


Carrier = Callable[..., dict[str, Any]]
_carriers: dict[tuple[type[models.Model], str], Carrier] = {}


def carries_out(model: type[models.Model], name: str) -> Callable[[Carrier], Carrier]:
    """Register the downstream service that does what a transition stands for: converting a lead makes an opportunity.

    It is called with the locked record, `actor`, `at` and the inputs, in the transition's transaction, and returns the inputs of the
    transition itself. So the door asks the lead to `convert` and need not know who does the work.
    """

    def register(service: Carrier) -> Carrier:
        _carriers[model, name] = service
        return service

    return register


def declared(model: type[models.Model], name: str) -> Declared:
    """The declared transition of that name; names come from URLs, so nothing else is ever looked up."""
    found = transitions_of(model).get(name)
    if found is None:
        raise UnknownTransition(f"{model._meta.object_name} has no transition {name!r}.")
    return found


def _reasons(instance: models.Model, arc: Any) -> tuple[str, ...]:
    return tuple(str(getattr(condition, "sentence", condition.__name__)) for condition in arc.conditions or () if not condition(instance))


def offered(instance: Any, actor: Any) -> list[Offer]:
    """The transitions that leave the record's present state, each with whether the actor may take it and, if not, why."""
    offers = []
    for name, found in transitions_of(type(instance)).items():
        arc = found.arc(state_field(type(instance), name).get_state(instance))
        if arc is None or found.declaration.automatic:
            continue
        permitted = actor.has_perm(found.permission, instance)
        offers.append(Offer(name, found.declaration.label, permitted, _reasons(instance, arc), found.declaration))
    return offers


def perform(instance: Any, name: str, /, *, actor: Any, at: datetime | None = None, version: int | None = None, **inputs: Any) -> Any:
    """Take a transition: lock, permission, state, guards, change, history and event, in one transaction.

    `at` is when it happened in business terms (now, unless history is imported); `version` is the version that the caller saw.
    Raises UnknownTransition, Forbidden, StaleVersion or TransitionRefused, and then nothing has changed. `instance` is brought up to date
    and returned.
    """
    model, at = type(instance), at or timezone.now()
    found = declared(model, name)
    with transaction.atomic():
        _lock_in_order(model, {instance.pk, *(value.pk for value in inputs.values() if type(value) is model)})
        locked = model._default_manager.select_for_update(of=("self",)).get(pk=instance.pk)
        if version is not None and locked.version != version:
            raise StaleVersion(_("Someone changed this record while you had it open. Reload it and try again."))
        _check(locked, found, actor)
        field = state_field(model, name)
        before = field.get_state(locked)
        note = str(inputs.pop("note", "") or "")
        told = {key: _plain(value) for key, value in inputs.items() if value is not None}
        if carrier := _carriers.get((model, name)):
            inputs = carrier(locked, actor=actor, at=at, **inputs)
        getattr(locked, name)(**inputs, **_context(model, name, actor, at))
        if before != field.get_state(locked) and hasattr(locked, "state_changed_at"):
            locked.state_changed_at = at
        locked.save()
        record(
            locked, kind=Entry.Kind.TRANSITION, actor=actor, at=at, name=name,
            from_state=before, to_state=field.get_state(locked), body=note, data=told,
        )  # fmt: skip
        if event := found.declaration.event:
            publish(event(record=locked.pk, at=at, actor=actor))
    instance.__dict__.update(locked.__dict__)
    return instance


def _lock_in_order(model: Any, keys: set[Any]) -> None:
    """Lock the records of one kind that a transition names, in one order for all: two that are merged crosswise do not wait forever."""
    if len(keys) > 1:
        list(model._default_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk"))


def taken_unsaved(
    instance: Any, name: str, /, *, actor: Any, at: datetime, note: str = "", told: dict[str, Any] | None = None, **inputs: Any
) -> tuple[Entry, Event | None]:
    """Take a transition of a record that is not saved yet, by the same permission, state and guards; its history and its event, to be
    written and published when it is. For imports that make many records at once.

    `told` is what the history keeps beside the note. No carrier runs: the caller does what it would do. Raises what `perform` raises.
    """
    model = type(instance)
    found = declared(model, name)
    _check(instance, found, actor)
    field = state_field(model, name)
    before = field.get_state(instance)
    getattr(instance, name)(**inputs, **_context(model, name, actor, at))
    entry = entry_of(
        instance, kind=Entry.Kind.TRANSITION, actor=actor, at=at, name=name,
        from_state=before, to_state=field.get_state(instance), body=note,
        data={key: _plain(value) for key, value in (told or {}).items() if value is not None},
    )  # fmt: skip
    event = found.declaration.event
    return entry, event(record=instance.pk, at=at, actor=actor) if event else None


def _check(locked: Any, found: Declared, actor: Any) -> None:
    locked.refuse_first(found.name, actor)
    if not actor.has_perm(found.permission, locked):
        raise Forbidden(_("You may not do this. Ask the record's owner or your administrator."))
    state = state_field(type(locked), found.name).get_state(locked)
    arc = found.arc(state)
    if arc is None:
        sentence = _("“%(action)s” is not possible while this is “%(state)s”.")
        raise TransitionRefused(sentence % {"action": found.declaration.label, "state": _state_label(locked, found.name, state)})
    if reasons := _reasons(locked, arc):
        raise TransitionRefused(" ".join(reasons))


def _state_label(instance: Any, name: str, state: str) -> str:
    return str(dict(state_field(type(instance), name).flatchoices).get(state, state))


def _context(model: type[models.Model], name: str, actor: Any, at: datetime) -> dict[str, Any]:
    wanted = inspect.signature(inspect.unwrap(getattr(model, name))).parameters
    return {key: value for key, value in (("actor", actor), ("at", at)) if key in wanted}


def _plain(value: Any) -> Any:
    """A value as the history keeps it: JSON, records by id, money as text."""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, (Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
