"""Records as they stood at an instant, read from the timeline: constant queries, streamed, whatever the number of records."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from ltc.timeline.models import Entry
from ltc.users.models import Membership, Team

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a record's history."""

    at: datetime
    name: str
    before: str
    after: str
    data: dict[str, Any]


def histories(model: type[Model], subjects: QuerySet[Any] | Sequence[Any] | None = None) -> Iterator[tuple[Any, list[Moment]]]:
    """The history of each record, in order of time, system and transition lines only. `subjects` narrows it to these ids."""
    lines = Entry.objects.filter(subject_type=model._meta.label_lower, kind__in=[Entry.Kind.TRANSITION, Entry.Kind.SYSTEM])
    if subjects is not None:
        lines = lines.filter(subject__in=subjects)
    rows = lines.order_by("subject", "at", "id").values_list("subject", "at", "name", "from_state", "to_state", "data")
    current, moments = None, list[Moment]()
    for subject, at, name, before, after, data in rows.iterator(chunk_size=CHUNK):
        if subject != current:
            if moments:
                yield current, moments
            current, moments = subject, []
        moments.append(Moment(at, name, before, after, data or {}))
    if moments:
        yield current, moments


def touched(model: type[Model], **when: Any) -> QuerySet[Any]:
    """The ids of the records to which something happened: `at__gte`, `at__lt`, `to_state__in` ..."""
    return Entry.objects.filter(subject_type=model._meta.label_lower, **when).values("subject")


def states_at(model: type[Model], as_of: datetime) -> dict[Any, str]:
    """The states at `as_of` of the records to which something happened after it; all others are in their present state.

    A record that had no state yet is told as "".
    """
    moved = Entry.objects.filter(subject_type=model._meta.label_lower, kind=Entry.Kind.TRANSITION)
    later = moved.filter(at__gt=as_of).exclude(to_state="")
    states: dict[Any, str] = dict.fromkeys(later.values_list("subject", flat=True).iterator(chunk_size=CHUNK), "")
    if not states:
        return states
    before = moved.filter(at__lte=as_of, subject__in=later.values("subject")).exclude(to_state="")
    for subject, state in before.order_by("at", "id").values_list("subject", "to_state").iterator(chunk_size=CHUNK):
        states[subject] = state
    return states


_namers: dict[str, Callable[[list[str]], dict[str, str]]] = {}


def names_slices(by: str) -> Callable[[Any], Any]:
    """Register what gives the names behind the keys of a slice: decorate a function of keys that gives key -> name."""

    def register(namer: Callable[[list[str]], dict[str, str]]) -> Callable[[list[str]], dict[str, str]]:
        _namers[by] = namer
        return namer

    return register


def slice_labels(by: str, keys: list[str]) -> dict[str, str]:
    """The names behind the keys of a slice, where a key is an id."""
    if by in _namers:
        return _namers[by](keys)
    model: Any = {"owner": Membership, "team": Team}.get(by)
    if model is None:
        return {}
    return {str(pk): name for pk, name in model.objects.filter(pk__in=[key for key in keys if key]).values_list("pk", "name")}
