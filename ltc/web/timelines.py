"""A record's history as people read it: entries under their day, with words for what was done."""

from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from ltc.activities.models import Activity
from ltc.timeline.models import Entry
from ltc.timeline.services import history
from ltc.web import formats
from ltc.workflow.declare import state_field, transitions_of

PAGE = 40
ICONS = {
    "note": "sticky-note", "call": "phone", "visit": "map-pin", "meeting": "users", "email": "mail", "wecom": "message-circle",
    "task": "circle-check-big", "system": "cog",
}  # fmt: skip
HUES = {"note": "amber", "call": "teal", "visit": "teal", "meeting": "blue", "email": "teal", "wecom": "green", "task": "violet"}


def composer(record: Any, url: str) -> dict[str, Any]:
    """What the box above a timeline offers: the kinds of activity, as buttons."""
    kinds = (("note", _("Note")), ("call", _("Call")), ("meeting", _("Meeting")), ("visit", _("Visit")), ("email", _("E-mail")))
    return {
        "url": url,
        "name": "body",
        "kinds": [{"value": value, "label": label, "icon": ICONS[value]} for value, label in (*kinds, ("task", _("Task")))],
    }


def timeline(record: Any, *, before: str = "", size: int = PAGE) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a record's history by day, newest first, and the mark of the next page."""
    entries = history(record)
    if before.isdecimal() and len(before) < 19:
        last = Entry.objects.filter(pk=int(before), subject=record.pk).first()
        if last is not None:
            entries = entries.filter(at__lte=last.at).exclude(at=last.at, pk__gte=last.pk)
    found = list(entries[: size + 1])
    groups = [
        {"label": label, "entries": [_described(record, entry) for entry in day]}
        for label, day in groupby(found[:size], key=lambda entry: formats.day_heading(entry.at))
    ]
    return groups, str(found[size - 1].pk) if len(found) > size else None


def _described(record: Any, entry: Entry) -> dict[str, Any]:
    words = {"who": entry.actor_name, "at": entry.at, "body": entry.body, "url": ""}
    if entry.kind == Entry.Kind.TRANSITION:
        return {**words, **_transition(record, entry)}
    name = entry.name or ("note" if entry.kind == Entry.Kind.NOTE else "system")
    label = dict(Activity.Kind.choices).get(name)
    title = label if label is not None else entry.name or _("System")
    return {**words, "title": title, "icon": ICONS.get(name, "circle"), "hue": HUES.get(name, "slate")}


def _transition(record: Any, entry: Entry) -> dict[str, Any]:
    declared = transitions_of(type(record)).get(entry.name)
    if declared is None:
        return {"title": entry.name or _("Change of state"), "icon": "arrow-right", "hue": "slate"}
    labels = dict(state_field(type(record), entry.name).flatchoices)
    title = str(declared.declaration.label)
    if entry.from_state != entry.to_state:
        title = f"{title}: {labels.get(entry.from_state, entry.from_state)} → {labels.get(entry.to_state, entry.to_state)}"
    hue = "rose" if declared.declaration.danger else "green" if declared.declaration.primary else "blue"
    return {"title": title, "icon": declared.declaration.icon, "hue": hue}
