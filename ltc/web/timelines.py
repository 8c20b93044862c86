"""A record's history as people read it: entries under their day, with words for what was done."""

from itertools import groupby
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from ltc.activities.models import Activity
from ltc.timeline.models import Entry
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.visibility import Visible
from ltc.web import formats
from ltc.workflow.declare import state_field, transitions_of
from ltc.workflow.inputs import Input, Kind

PAGE = 40
ICONS = {
    "note": "sticky-note", "call": "phone", "visit": "map-pin", "meeting": "users", "email": "mail", "wecom": "message-circle",
    "task": "circle-check-big", "system": "cog", "created": "sparkles", "capture": "sparkles", "transfer": "arrow-right-left",
    "from_lead": "user-round-plus", "from_opportunity": "kanban", "reminder_sent": "mail",
    "nurture_sent": "mail", "email_received": "inbox", "unsubscribed": "mail-x", "planned": "calendar", "recorded": "banknote",
    "viewed": "eye", "sent_again": "send", "paid_online": "credit-card",
}  # fmt: skip
HUES = {"note": "amber", "call": "teal", "visit": "teal", "meeting": "blue", "email": "teal", "wecom": "green", "task": "violet"}

WORDS = {
    "capture": pgettext_lazy("history", "Captured"),
    "captured": pgettext_lazy("history", "Captured"),
    "created": pgettext_lazy("history", "Created"),
    "changed": pgettext_lazy("history", "Changed"),
    "imported": pgettext_lazy("history", "Imported"),
    "transfer": pgettext_lazy("history", "Handed over"),
    "assigned": pgettext_lazy("history", "Assigned"),
    "from_lead": pgettext_lazy("history", "Made from a lead"),
    "from_opportunity": pgettext_lazy("history", "Made from an opportunity"),
    "planned": pgettext_lazy("history", "Planned"),
    "submitted": pgettext_lazy("history", "Submitted"),
    "proposed": pgettext_lazy("history", "Proposed"),
    "recorded": pgettext_lazy("history", "Recorded"),
    "reminder_sent": pgettext_lazy("history", "Reminder sent"),
    "viewed": pgettext_lazy("history", "Viewed by the customer"),
    "sent_again": pgettext_lazy("history", "Sent again"),
    "paid_online": pgettext_lazy("history", "Paid online"),
    "unmask": pgettext_lazy("history", "Contact data looked at"),
    "unmerge": pgettext_lazy("history", "Merge undone"),
    "sla_breached": pgettext_lazy("history", "First answer overdue"),
    "scored": pgettext_lazy("history", "Scored"),
    "nurture_sent": pgettext_lazy("history", "Nurturing mail sent"),
    "email_received": pgettext_lazy("history", "E-mail received"),
    "unsubscribed": pgettext_lazy("history", "Wants no more mail"),
}


def composer(record: Any, url: str) -> dict[str, Any]:
    """What the box above a timeline offers: the kinds of activity, as buttons."""
    email = ("email", pgettext("activity", "E-mail"))
    kinds = (("note", _("Note")), ("call", _("Call")), ("meeting", _("Meeting")), ("visit", _("Visit")), email)
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
    told = _Answers(record)
    groups = [
        {"label": label, "entries": [_described(record, entry, told) for entry in day]}
        for label, day in groupby(found[:size], key=lambda entry: formats.day_heading(entry.at))
    ]
    return groups, str(found[size - 1].pk) if len(found) > size else None


def _described(record: Any, entry: Entry, told: "_Answers") -> dict[str, Any]:
    words = {"who": entry.actor_name, "at": entry.at, "body": entry.body, "url": ""}
    if entry.kind == Entry.Kind.TRANSITION:
        return {**words, **_transition(record, entry, told)}
    name = entry.name or ("note" if entry.kind == Entry.Kind.NOTE else "system")
    return {**words, "title": _title(name), "icon": ICONS.get(name, "circle"), "hue": HUES.get(name, "slate")}


def _title(name: str) -> Any:
    """What an entry that is no transition is called; one that nobody named here is called by its own name."""
    label = dict(Activity.Kind.choices).get(name) or WORDS.get(name)
    return label if label is not None else name.replace("_", " ").capitalize()


def _transition(record: Any, entry: Entry, told: "_Answers") -> dict[str, Any]:
    declared = transitions_of(type(record)).get(entry.name)
    if declared is None:
        return {"title": _title(entry.name or "changed"), "icon": ICONS.get(entry.name, "arrow-right"), "hue": "slate"}
    labels = dict(state_field(type(record), entry.name).flatchoices)
    title = str(declared.declaration.label)
    if entry.from_state != entry.to_state:
        title = f"{title}: {labels.get(entry.from_state, entry.from_state)} → {labels.get(entry.to_state, entry.to_state)}"
    hue = "rose" if declared.declaration.danger else "green" if declared.declaration.primary else "blue"
    return {"title": title, "icon": declared.declaration.icon, "hue": hue, "body": told.about(entry)}


class _Answers:
    """What was said when a transition was taken: the note, and the answers, choices and records by their names."""

    UNREADABLE = frozenset({Kind.ROWS, Kind.BOOLEAN, Kind.MOMENT})

    def __init__(self, record: Any) -> None:
        self.record = record
        self._choices: dict[tuple[str, str], dict[str, Any]] = {}
        self._names: dict[tuple[str, str], str] = {}

    def about(self, entry: Entry) -> str:
        lines = [entry.body] if entry.body else []
        for each in transitions_of(type(self.record))[entry.name].declaration.inputs:
            value = entry.data.get(each.name)
            if value not in (None, "") and each.kind not in self.UNREADABLE:
                shown = self._shown(entry.name, each, str(value))
                if shown:
                    lines.append(_("%(label)s: %(value)s") % {"label": each.label, "value": shown})
        return "\n".join(lines)

    def _shown(self, transition: str, each: Input, value: str) -> str:
        if each.kind == Kind.RECORD:
            return self._name(each.model, value)
        if each.kind == Kind.CHOICE:
            key = transition, each.name
            if key not in self._choices:
                self._choices[key] = {str(code): label for code, label in each.choices_for(self.record, SYSTEM)}
            return str(self._choices[key].get(value, ""))  # a choice that is no longer offered: the states beside it say enough
        return value

    def _name(self, model: str, pk: str) -> str:
        if (model, pk) not in self._names:
            found: Any = apps.get_model(model)
            owned = issubclass(found, Visible) and found.own_fields  # whoever reads this need not see another owner's record
            self._names[model, pk] = "" if owned else str(found.objects.filter(pk=pk).first() or "")
        return self._names[model, pk]
