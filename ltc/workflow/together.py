"""Taking one transition of many records that the system itself moves, with a fixed number of queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from ltc.events.bus import Event, publish
from ltc.timeline.models import Entry
from ltc.workflow.declare import state_field
from ltc.workflow.engine import TransitionRefused, declared

# Rows that get the same values are written by one statement; with more kinds of values than this, all are by one that tells them apart.
MOST_STATEMENTS = 12


def perform_together(
    records: Sequence[Any], name: str, /, *, actor: Any, at: datetime, told: Any = None, event: type[Event] | None = None, **inputs: Any
) -> None:
    """Take a transition of many records of one kind, which the caller has locked: state, change, history and event, as perform() does.

    `told` goes into each history, `inputs` to each transition; a callable one is asked for each record. `event` replaces the declared one.
    For what the rules themselves decide: the actor's permission is asked once, guards of each record. Raises TransitionRefused.
    """
    if not records:
        return
    model = type(records[0])
    found, field = declared(model, name), state_field(model, name)
    moved: list[tuple[Any, str]] = []
    groups: dict[str, tuple[dict[str, Any], list[Any]]] = {}
    for record in records:
        before, state = _columns(record), field.get_state(record)
        arc = found.arc(state)
        if arc is None or any(not condition(record) for condition in arc.conditions or ()) or not actor.has_perm(found.permission, record):
            raise TransitionRefused(f"{name} is not possible for {record}.")
        getattr(record, name)(**{key: value(record) if callable(value) else value for key, value in inputs.items()})
        if field.get_state(record) != state and hasattr(record, "state_changed_at"):
            record.state_changed_at = at
        changes = {column: value for column, value in _columns(record).items() if value != before[column]}
        groups.setdefault(repr(sorted(changes.items(), key=str)), (changes, []))[1].append(record)
        moved.append((record, state))
    _write(model, groups.values())
    _remember(moved, field, actor=actor, at=at, name=name, told=told)
    if happened := event or found.declaration.event:
        for record, _state in moved:
            publish(happened(record=record.pk, at=at, actor=actor))


def _columns(record: Any) -> dict[str, Any]:
    return {
        field.attname: getattr(record, field.attname)
        for field in record._meta.concrete_fields
        if not getattr(field, "generated", False) and field.attname in record.__dict__
    }


def _write(model: Any, groups: Iterable[tuple[dict[str, Any], list[Any]]]) -> None:
    kept = {"version": F("version") + 1, "updated_at": timezone.now()}
    groups = list(groups)
    if len(groups) <= MOST_STATEMENTS:
        for changes, records in groups:
            model._base_manager.filter(pk__in=[record.pk for record in records]).update(**changes, **kept)
        return
    names: dict[str, None] = {}
    for changes, _records in groups:
        names.update(dict.fromkeys(changes))
    everyone = [record for _changes, records in groups for record in records]
    model._base_manager.bulk_update(everyone, _fields(model, names))
    model._base_manager.filter(pk__in=[record.pk for record in everyone]).update(**kept)


def _fields(model: Any, columns: Iterable[str]) -> list[str]:
    by_column = {field.attname: field.name for field in model._meta.concrete_fields}
    return [by_column[column] for column in columns]


def _remember(moved: Sequence[tuple[Any, str]], field: Any, *, actor: Any, at: datetime, name: str, told: Any) -> None:
    Entry.objects.bulk_create(
        Entry(
            subject_type=record._meta.label_lower,
            subject=record.pk,
            kind=Entry.Kind.TRANSITION,
            name=name,
            from_state=before,
            to_state=field.get_state(record),
            actor_kind=actor.kind,
            actor=actor.pk,
            actor_name=actor.label[:120],
            at=at,
            data=told(record) if callable(told) else told or {},
        )
        for record, before in moved
    )
