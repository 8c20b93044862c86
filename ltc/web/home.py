"""A member's first page: what to do next, what is due, what they worked on. The stages fill it through two registries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.activities.models import Activity
from ltc.activities.selectors import open_tasks
from ltc.web.records import url_of
from ltc.web.search import recent
from ltc.web.workspace import WorkspaceView

NEXT, TASKS = 5, 8
NOON, EVENING = 12, 18


@dataclass(frozen=True)
class Suggestion:
    """Something that is best done next. `weight` orders suggestions of all stages: 100 is "today, or it costs money"."""

    title: str
    reason: str
    url: str
    icon: str = "arrow-right"
    hue: str = "blue"
    due: date | datetime | None = None
    weight: int = 50


@dataclass(frozen=True)
class Figure:
    """A number at the top of the page: a cell (see ltc.web.cells), its label, and where it leads."""

    label: Any
    cell: dict[str, Any]
    url: str = ""
    hue: str = ""
    order: int = 100


Source = Callable[[Any, datetime], Iterable[Suggestion]]
FigureSource = Callable[[Any, datetime], Iterable[Figure]]
_sources: list[Source] = []
_figures: list[FigureSource] = []


def register(source: Source) -> Source:
    """Add a source of suggestions: called with the member and now, it gives at most five, in one query."""
    _sources.append(source)
    return source


def register_figures(source: FigureSource) -> FigureSource:
    """Add a source of numbers: called with the member and now, in one query."""
    _figures.append(source)
    return source


def next_best(member: Any, now: datetime) -> list[Suggestion]:
    """The five things that matter most now, over all stages."""
    suggestions = [suggestion for source in _sources for suggestion in source(member, now)]
    return sorted(suggestions, key=lambda suggestion: -suggestion.weight)[:NEXT]


class HomeView(WorkspaceView):
    """The first page of a workspace."""

    active = "home"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        figures = sorted((figure for source in _figures for figure in source(self.actor, now)), key=lambda figure: figure.order)
        page = {
            "title": _("Home"),
            "greeting": greeting(self.actor.name, timezone.localtime(now).hour),
            "today": timezone.localtime(now),
            "figures": figures,
            "next": next_best(self.actor, now),
            "tasks": [described_task(task) for task in open_tasks(self.actor)[:TASKS]],
            "recent": recent(self.actor),
        }
        return self.show("home/home.html", {"page": page})


def greeting(name: str, hour: int) -> str:
    """A greeting by the time of day where the workspace is."""
    if hour < NOON:
        return _("Good morning, %(name)s") % {"name": name}
    if hour < EVENING:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def described_task(task: Activity) -> dict[str, Any]:
    """A task as a line of a list."""
    return {
        "id": str(task.pk),
        "title": task.result or task.get_kind_display(),
        "subject": task.subject_name,
        "url": url_of(task.subject_type, task.subject),
        "due": task.due_at,
        "done": task.done_at is not None,
    }
