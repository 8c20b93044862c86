"""A record's history as people read it: entries under their day, with words for what was done."""

from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from ltc.activities.models import Activity
from ltc.timeline.models import Entry
from ltc.timeline.services import history
from ltc.web import formats
from ltc.workflow.declare import state_field, transitions_of
from ltc.workflow.inputs import Input, Kind

PAGE = 40
ICONS = {
    "note": "sticky-note", "call": "phone", "visit": "map-pin", "meeting": "users", "email": "mail", "wecom": "message-circle",
    "task": "circle-check-big", "system": "cog", "created": "sparkles", "capture": "sparkles", "transfer": "arrow-right-left",
    "from_lead": "user-round-plus", "from_opportunity": "kanban", "reminder_sent": "mail", "planned": "calendar", "recorded": "banknote",
}  # fmt: skip
HUES = {"note": "amber", "call": "teal", "visit": "teal", "meeting": "blue", "email": "teal", "wecom": "green", "task": "violet"}

WORDS = {
    "capture": _lazy("Captured"), "captured": _lazy("Captured"), "created": _lazy("Created"), "changed": _lazy("Changed"),
    "imported": _lazy("Imported"), "transfer": _lazy("Handed over"), "assigned": _lazy("Assigned"), "from_lead": _lazy("Made from a lead"),
    "from_opportunity": _lazy("Made from an opportunity"), "planned": _lazy("Planned"), "submitted": _lazy("Submitted"),
    "proposed": _lazy("Proposed"), "recorded": _lazy("Recorded"), "reminder_sent": _lazy("Reminder sent"), "scored": _lazy("Scored"),
}  # fmt: skip


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
    return {**words, "title": _title(name), "icon": ICONS.get(name, "circle"), "hue": HUES.get(name, "slate")}


def _title(name: str) -> Any:
    """What an entry that is no transition is called; one that nobody named here is called by its own name."""
    label = dict(Activity.Kind.choices).get(name) or WORDS.get(name)
    return label if label is not None else name.replace("_", " ").capitalize()


def _transition(record: Any, entry: Entry) -> dict[str, Any]:
    declared = transitions_of(type(record)).get(entry.name)
    if declared is None:
        return {"title": _title(entry.name or "changed"), "icon": ICONS.get(entry.name, "arrow-right"), "hue": "slate"}
    labels = dict(state_field(type(record), entry.name).flatchoices)
    title = str(declared.declaration.label)
    if entry.from_state != entry.to_state:
        title = f"{title}: {labels.get(entry.from_state, entry.from_state)} → {labels.get(entry.to_state, entry.to_state)}"
    hue = "rose" if declared.declaration.danger else "green" if declared.declaration.primary else "blue"
    return {"title": title, "icon": declared.declaration.icon, "hue": hue, "body": _answers(declared.declaration.inputs, entry)}


def _answers(inputs: tuple[Input, ...], entry: Entry) -> str:
    """What was said when the transition was taken: the note, and every answer that can be read as it stands."""
    lines = [entry.body] if entry.body else []
    for each in inputs:
        value = entry.data.get(each.name)
        if value in (None, "", False) or each.kind in {Kind.RECORD, Kind.ROWS, Kind.BOOLEAN, Kind.MOMENT}:
            continue
        known = dict(each.choices) if each.kind == Kind.CHOICE and not callable(each.choices) else {}
        lines.append(_("%(label)s: %(value)s") % {"label": each.label, "value": known.get(str(value), value)})
    return "\n".join(lines)
