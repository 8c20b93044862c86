"""The command palette's answers: records that are called what was typed, as far as the person may see them."""

import uuid
from collections import defaultdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ltc.timeline.models import Entry
from ltc.web.records import RecordPage, avatar_of, page_labelled, pages
from ltc.web.workspace import WorkspaceView

FOUND, SHOWN, LONGEST = 20, 5, 100
RECENT, LOOKED_AT = 8, 1500


class SearchView(WorkspaceView):
    """What the palette shows below its own commands. One query per kind of record, however many there are."""

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
        groups = found(words, self.actor) if words else [{"label": _("Recent"), "items": recent(self.actor)}]
        return self.show("records/palette_results.html", {"groups": groups, "q": words})


class OptionsView(WorkspaceView):
    """What a menu of one kind of record offers for the words typed into it."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        page = next((page for page in pages() if page.key == kind), None)
        if page is None or not self.actor.has_perm(f"{page.area}.view"):
            raise Http404
        words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
        records = (
            page.matching(page.visible_to(self.actor), words, self.actor).select_related(*page.joins).order_by()[:FOUND] if words else []
        )
        options = [{"value": record.pk, "label": str(record), "detail": page.subtitle(record)} for record in records]
        return self.show("records/options.html", {"options": options})


def found(words: str, actor: Any) -> list[dict[str, Any]]:
    """The records that match, by kind; of each the newest first."""
    groups = []
    for page in pages():
        if not (page.search or page.match) or not actor.has_perm(f"{page.area}.view"):
            continue
        matching = page.matching(page.visible_to(actor), words, actor).select_related(*page.joins).order_by()
        records = sorted(matching[:FOUND], key=lambda record: record.pk, reverse=True)[:SHOWN]
        groups.append({"label": page.label_plural, "items": [item(page, record) for record in records]})
    return groups


def item(page: RecordPage, record: Any) -> dict[str, Any]:
    """One record as a line of the palette or of a list of recent ones."""
    title = page.title(record)
    mark = avatar_of(page, title)
    return {
        "url": page.url("record", record.pk),
        "title": title,
        "subtitle": page.subtitle(record),
        "avatar": mark.get("text", "")[:1],
        "hue": mark["hue"],
        "icon": page.icon,
        "tag": page.tag(record),
        "kind": page.label,
    }


def recent(member: Any, *, limit: int = RECENT) -> list[dict[str, Any]]:
    """The records that a member worked on last, by the histories; as far as they still see them."""
    latest = Entry.objects.order_by("-pk").values_list("subject_type", "subject", "actor")[:LOOKED_AT]
    subjects = list(dict.fromkeys((kind, subject) for kind, subject, actor in latest if actor == member.pk))[: limit * 2]
    by_kind: dict[str, list[uuid.UUID]] = defaultdict(list)
    for kind, subject in subjects:
        by_kind[kind].append(subject)
    items = {}
    for kind, ids in by_kind.items():
        page = page_labelled(kind)
        if page is not None and member.has_perm(f"{page.area}.view"):
            for record in page.visible_to(member).filter(pk__in=ids).select_related(*page.joins):
                items[kind, record.pk] = item(page, record)
    return [items[subject] for subject in subjects if subject in items][:limit]
