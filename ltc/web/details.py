"""The page of one record: what it is, how far it has come, what can be done, what has happened, what belongs to it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.timeline.models import Entry
from ltc.web import timelines
from ltc.web.additions import actions_on, related_to
from ltc.web.answers import is_htmx, refresh
from ltc.web.cells import Column
from ltc.web.chains import chain_of
from ltc.web.records import avatar_of, is_traceable
from ltc.web.workspace import RecordWorkspaceView
from ltc.workflow.engine import Offer, offered

DAY = 86_400


class RecordView(RecordWorkspaceView):
    """A record. A stage declares `props` and the states of the path, and says what is related; the rest follows from the model."""

    props: ClassVar[Sequence[Column]] = ()
    state_name: ClassVar[str] = "state"
    state_hues: ClassVar[Mapping[Any, str]] = {}
    path_name: ClassVar[str] = ""
    path_states: ClassVar[Sequence[str]] = ()
    path_lost: ClassVar[Sequence[str]] = ()
    template_name: ClassVar[str] = "records/record.html"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        return self.show(self.template_name, {"page": self.described(record), "record": record, **self.more_context(record)})

    def more_context(self, record: Any) -> dict[str, Any]:
        return {}

    def subtitle_parts(self, record: Any) -> list[dict[str, Any]]:
        """What stands under the title: {text, kind (money, date, late, number), url}."""
        text = self.page.subtitle(record)
        return [{"text": text, "kind": "text"}] if text else []

    def tags(self, record: Any) -> list[dict[str, Any]]:
        """The state, unless the path already shows it."""
        state = getattr(record, self.state_name, None)
        if state is None:
            return []
        return [{"label": getattr(record, f"get_{self.state_name}_display")(), "hue": self.state_hues.get(state, "slate")}]

    def sections(self, record: Any) -> list[dict[str, Any]]:
        """More blocks: {title, template, place (left, main, right), ...}; a template finds the record and the section."""
        return []

    def related(self, record: Any) -> list[dict[str, Any]]:
        """Lists of what belongs to the record: {title, rows: [{icon, label, tag, detail, url}], add_url, add_dialog, empty}."""
        return []

    def chain(self, record: Any) -> list[dict[str, Any]]:
        """The way from lead to cash as seen from here: what the stages registered for records of this kind."""
        return chain_of(record, self.actor)

    def next_step(self, record: Any) -> dict[str, Any] | None:
        """What is to be done next: {label, due, icon, done_url or url and action}."""
        return None

    def notices(self, record: Any) -> list[dict[str, Any]]:
        """Warnings across the page: {tone, text, url, action}."""
        return []

    def menu(self, record: Any) -> list[dict[str, Any]]:
        """Links behind the three dots: {label, icon, url, dialog}."""
        return []

    def described(self, record: Any) -> dict[str, Any]:
        """The record as its template shows it."""
        title = self.page.title(record)
        url = self.page.url_or_none("timeline", record.pk)
        groups, older = timelines.timeline(record)
        may_edit = self.actor.has_perm(f"{self.page.area}.change", record)
        return {
            "id": str(record.pk),
            "version": record.version,
            "key": self.page.key,
            "icon": self.page.icon,
            "breadcrumb": [{"label": self.page.label_plural, "url": self.page.url("list")}],
            "number": getattr(record, "number", None) or "",
            "title": title,
            "subtitle_parts": self.subtitle_parts(record),
            "avatar": avatar_of(self.page, title),
            "tags": self.tags(record),
            "path": self.path(record),
            "actions": [*self.actions(record), *actions_on(record, self.actor)],
            "props": [{"icon": prop.icon, "label": prop.label, "name": prop.name, "cell": prop.of(record)} for prop in self.props],
            "sections": self.sections(record),
            "timeline": groups,
            "timeline_url": f"{url}?before={older}" if older and url else None,
            "composer": timelines.composer(record, url) if url and self._may_note(record) else None,
            "chain": self.chain(record),
            "next_step": self.next_step(record),
            "notices": self.notices(record),
            "menu": self.menu(record),
            "trace_url": self._trace_url(record),
            "related": [*self.related(record), *related_to(record, self.actor)],
            "edit_url": self.page.url_or_none("edit", record.pk) if may_edit else None,
            "prev_url": None,
            "next_url": None,
        }

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """The buttons: the transitions that leave the present state and that the member may take."""
        return [action_button(self.page, record, offer) for offer in offered(record, self.actor) if offer.permitted]

    def path(self, record: Any) -> list[dict[str, Any]]:
        """The states on the straight way, with the days that the record has been in each."""
        if not self.path_states:
            return []
        name = self.path_name or self.state_name
        labels = dict(type(record)._meta.get_field(name).flatchoices)
        now, spent = getattr(record, name), days_in_states(record, self.path_states)
        lost = getattr(record, self.state_name, None) in self.path_lost
        reached = list(self.path_states).index(now) if now in self.path_states else None
        if reached is None:
            reached = max((index for index, state in enumerate(self.path_states) if state in spent), default=0)
            lost = lost or now in self.path_lost
        finished = reached == len(self.path_states) - 1 and now in self.path_states and not lost
        steps = []
        for index, state in enumerate(self.path_states):
            status = "done" if index < reached else "todo" if index > reached else "lost" if lost else "done" if finished else "current"
            steps.append({"label": labels.get(state, state), "status": status, "days": spent.get(state) if index <= reached else None})
        return steps

    def _may_note(self, record: Any) -> bool:
        return bool(self.actor.has_perm("activities.add"))

    def _trace_url(self, record: Any) -> str | None:
        return reverse("trace", args=[self.page.key, record.pk]) if is_traceable(record) else None


def action_button(page: Any, record: Any, offer: Offer) -> dict[str, Any]:
    """One transition as a button. Its address carries the version that the person sees."""
    declaration = offer.declaration
    return {
        "name": offer.name,
        "label": declaration.label,
        "icon": declaration.icon,
        "primary": declaration.primary,
        "danger": declaration.danger,
        "allowed": offer.allowed,
        "reasons": offer.reasons,
        "confirm": declaration.confirm,
        "needs_input": bool(declaration.inputs),
        "url": f"{page.url('action', record.pk, offer.name)}?version={record.version}",
    }


def days_in_states(record: Any, states: Sequence[str], *, now: datetime | None = None) -> dict[str, int]:
    """How many whole days the record has spent in each state that it has been in, by its history. One query."""
    moves = Entry.objects.filter(subject=record.pk, kind=Entry.Kind.TRANSITION).exclude(from_state="", to_state="").order_by("at", "id")
    since, spent = getattr(record, "created_at", None), dict[str, float]()
    last = ""
    for at, before, after in moves.values_list("at", "from_state", "to_state"):
        if since is not None and before in states:
            spent[before] = spent.get(before, 0) + max((at - since).total_seconds(), 0)
        if before != after:
            since, last = at, after
    if since is not None and last in states:
        spent[last] = spent.get(last, 0) + max(((now or timezone.now()) - since).total_seconds(), 0)
    return {state: int(seconds // DAY) for state, seconds in spent.items()}


class TimelineView(RecordWorkspaceView):
    """A record's history as a fragment; a POST adds a note, a call or a task to it."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return self._fragment(self.record_or_404(pk))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        record = self.record_or_404(pk)
        kind = request.POST.get("kind", Activity.Kind.NOTE)
        if kind not in Activity.Kind.values or kind == Activity.Kind.SYSTEM:
            kind = Activity.Kind.NOTE
        log_activity(
            record,
            kind=Activity.Kind(kind),
            actor=self.actor,
            result=request.POST.get("body", ""),
            due_at=_moment(request.POST.get("due_at", "")),
        )
        if not is_htmx(request):
            return refresh(request, self.page.url("record", pk), _("Saved."))
        return self._fragment(record)

    def _fragment(self, record: Any) -> HttpResponse:
        groups, older = timelines.timeline(record, before=self.request.GET.get("before", ""))
        url = f"{self.page.url('timeline', record.pk)}?before={older}" if older else None
        return self.show("records/timeline.html", {"page": {"timeline": groups, "timeline_url": url, "composer": None}, "record": record})


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found
