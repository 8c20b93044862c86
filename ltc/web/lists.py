"""The list of one kind of record: declared by columns, filters and named views; paged by keyset, never counted."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from ltc.automation.models import SavedView
from ltc.web import keyset
from ltc.web.answers import is_htmx
from ltc.web.cells import Column
from ltc.web.chips import chips, link
from ltc.web.counting import counts_up_to
from ltc.web.records import avatar_of
from ltc.web.workspace import RecordWorkspaceView
from ltc.workflow.declare import transitions_of

LONGEST_SEARCH = 100
NOBODY = uuid.UUID(int=0)
MOST_SAVED = 12


@dataclass(frozen=True)
class NamedView:
    """A filter that has a name and a tab. `narrow` gets the visible records and the member. `counted` shows up to 99 and one query more."""

    name: str
    label: Any
    narrow: Callable[[Any, Any], Any]
    sort: str = ""
    counted: bool = False


def everything(queryset: Any, actor: Any) -> Any:
    return queryset


def mine(queryset: Any, actor: Any) -> Any:
    """The records that the member owns."""
    return queryset.filter(owner=actor.pk)


class RecordListView(RecordWorkspaceView):
    """A list. The first column is the record's title, its subtitle below, and links to it.

    `filterset_class` is the one of the API; `filter_names` are those of its filters that the page offers, by their choices.
    """

    columns: ClassVar[Sequence[Column]] = ()
    filterset_class: ClassVar[type[django_filters.FilterSet] | None] = None
    filter_names: ClassVar[Sequence[str]] = ()
    views: ClassVar[Sequence[NamedView]] = ()
    default_sort: ClassVar[str] = "-id"
    page_size: ClassVar[int] = 50
    bulk: ClassVar[Sequence[str]] = ()
    template_name: ClassVar[str] = "records/list.html"
    saves_views: ClassVar[bool] = False
    export_name: ClassVar[str] = ""
    new_label: ClassVar[Any] = ""
    empty_title: ClassVar[Any] = ""
    empty_text: ClassVar[Any] = ""
    search_placeholder: ClassVar[Any] = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        template = self.template_name + ("#rows" if is_htmx(request) else "")
        return self.show(template, {"page": self.described(), **self.more_context()})

    def more_context(self) -> dict[str, Any]:
        """What a list's own template needs beside the page."""
        return {}

    def extra_actions(self) -> list[dict[str, Any]]:
        """Buttons beside "New": {label, icon, url}."""
        return []

    @cached_property
    def view(self) -> NamedView | None:
        """The named view that the address asks for; the first if it names none."""
        named = {view.name: view for view in self.views}
        return named.get(self.request.GET.get("view", "")) or next(iter(self.views), None)

    @cached_property
    def filterset(self) -> django_filters.FilterSet | None:
        if self.filterset_class is None:
            return None
        asked = QueryDict(mutable=True)  # PostgreSQL takes no null byte as text
        for name, values in self.request.GET.lists():
            asked.setlist(name, [value.replace("\x00", "") for value in values])
        return self.filterset_class(data=asked, queryset=self.queryset(), request=self.request)

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]

    @cached_property
    def order(self) -> keyset.Order:
        asked = keyset.Order.parse(self.request.GET.get("sort", ""))
        sortable = {column.name: column.sort for column in self.columns if column.sort}
        if asked.field in sortable:
            return keyset.Order(sortable[asked.field], asked.descending)
        return keyset.Order.parse((self.view.sort if self.view else "") or self.default_sort)

    @cached_property
    def shown(self) -> Sequence[Column]:
        """The columns in the order of their declaration: those that the address names, else all but the optional ones; the first always."""
        wanted = {name for name in self.request.GET.get("cols", "").split(",") if name}
        named = wanted & {column.name for column in self.columns}
        first, others = self.columns[:1], self.columns[1:]
        return [*first, *(column for column in others if (column.name in named if named else not column.optional))]

    def chosen(self) -> Any:
        """The records of this list: visible, in the view, filtered and searched. What the export and "select all" take too."""
        queryset = self.filterset.qs if self.filterset is not None else self.queryset()
        if self.view:
            queryset = self.view.narrow(queryset, self.actor)
        return self.page.matching(queryset, self.words, self.actor) if self.words else queryset

    def rows(self) -> tuple[list[Any], str | None]:
        try:
            return keyset.page(self.chosen(), self.order, size=self.page_size, cursor=self.request.GET.get("cursor", ""))
        except (keyset.BadCursor, ValidationError, ValueError):
            return keyset.page(self.chosen(), self.order, size=self.page_size)

    def described(self) -> dict[str, Any]:
        """The list as its template shows it."""
        records, cursor = self.rows()
        query, in_part = self.request.GET, is_htmx(self.request)  # a fragment has no tabs and no filters: they cost queries
        may_add = self.actor.has_perm(f"{self.page.area}.add")
        new_url = self.page.url_or_none("new") if may_add else None
        new_label = self.new_label or _("New %(kind)s") % {"kind": str(self.page.label).lower()}
        return {
            "title": self.page.label_plural,
            "key": self.page.plural,
            "icon": self.page.icon,
            "hue": self.page.hue,
            "count_label": None,
            "new_url": new_url,
            "new_label": new_label,
            "views": [] if in_part else [*(self._tab(view) for view in self.views), *self._saved_tabs()],
            "layouts": self._layouts(),
            "search": {
                "name": "q",
                "value": self.words,
                "placeholder": self.search_placeholder or _("Search this list"),
                "keep": {name: value for name, value in query.items() if name not in {"q", "cursor"}},
            },
            "filters": [] if in_part or self.filterset is None else chips(self.filterset, self.filter_names, query, self.actor),
            "filtered": self._is_filtered,
            "clear_url": self.page.url("list"),
            "columns": [self._heading(column) for column in self.shown],
            "column_choice": [] if in_part else self._column_choice(),
            "saving_url": self._saving_url(),
            "rows": [self.row(record) for record in records],
            "next_url": link(query, cursor=cursor) if cursor else None,
            "empty": self._empty(new_url, new_label),
            "bulk": self._bulk(),
            "bulk_url": self.page.url_or_none("bulk") if self.bulk else None,
            "bulk_query": query.urlencode(),
            "extra_actions": self.extra_actions(),
        }

    @cached_property
    def _record_url(self) -> str:
        return self.page.url("record", NOBODY)

    def record_url(self, record: Any) -> str:
        """The address of a record of this list; the URL conf is asked once for all of them."""
        return self._record_url.replace(str(NOBODY), str(record.pk))

    def row(self, record: Any) -> dict[str, Any]:
        """One line of the table."""
        title = self.page.title(record)
        return {
            "id": str(record.pk),
            "url": self.record_url(record),
            "title": title,
            "subtitle": self.page.subtitle(record),
            "avatar": avatar_of(self.page, title),
            "cells": [self._cell(column, record) for column in self.shown[1:]],
        }

    def _cell(self, column: Column, record: Any) -> dict[str, Any]:
        made = column.of(record)
        if column.edit and self._may_edit(record):
            made["edit_url"] = f"{self.record_url(record)}edit/?field={column.edit}"
        return made

    def _may_edit(self, record: Any) -> bool:
        return bool(self.actor.has_perm(f"{self.page.area}.change", record))

    def _column_choice(self) -> list[dict[str, Any]]:
        """Every column but the first, with the address that shows or hides it; none where nothing can be chosen."""
        if not any(column.optional for column in self.columns):
            return []
        now = [column.name for column in self.shown]
        return [
            {
                "label": column.label,
                "selected": column.name in now,
                "url": link(
                    self.request.GET, cols=",".join(name for name in [*now, column.name] if name != column.name or column.name not in now)
                ),
            }
            for column in self.columns[1:]
        ]

    def _saving_url(self) -> str:
        if not self.saves_views or not self.request.GET:
            return ""
        kept = self.request.GET.copy()
        kept.pop("cursor", None)
        return f"{self.page.url('save-view')}?{kept.urlencode()}"

    @cached_property
    def _is_saved(self) -> bool:
        asked = self.request.GET.copy()
        asked.pop("cursor", None)
        return self.saves_views and any(saved.query and QueryDict(saved.query) == asked for saved in self._saved)

    @cached_property
    def _saved(self) -> list[SavedView]:
        mine_or_shared = Q(owner=self.actor.pk) | Q(shared=True)
        return list(SavedView.objects.filter(mine_or_shared, place=self.page.plural).order_by("name", "pk")[:MOST_SAVED])

    def _saved_tabs(self) -> list[dict[str, Any]]:
        """The views that the member or a colleague has saved, each with its count; one query for all of them."""
        if not self.saves_views or not self._saved:
            return []
        found = counts_up_to(100, {str(saved.pk): self._matching(saved).select_related(None) for saved in self._saved})
        asked = self.request.GET.copy()
        asked.pop("cursor", None)
        return [
            {
                "label": saved.name,
                "url": f"?{saved.query}",
                "current": bool(saved.query) and QueryDict(saved.query) == asked,
                "count": "99+" if found[str(saved.pk)] > 99 else found[str(saved.pk)] or None,
                "name": str(saved.pk),
                "forget_url": self.page.url("forget-view", saved.pk) if saved.owner_id == self.actor.pk else "",
            }
            for saved in self._saved
        ]

    def _matching(self, saved: SavedView) -> Any:
        return chosen_by(type(self), self.page, self.request, saved.query)

    def _heading(self, column: Column) -> dict[str, Any]:
        sort, url = None, None
        if column.sort:
            if self.order.field == column.sort:
                sort = "descending" if self.order.descending else "ascending"
            url = link(self.request.GET, sort=column.name if sort == "descending" else f"-{column.name}")
        return {
            "name": column.name, "label": column.label, "align": column.align, "sort": sort, "sort_url": url,
            "hide_small": column.hide_small,
        }  # fmt: skip

    @cached_property
    def _counts(self) -> dict[str, int]:
        """How many records the counted views have, all in one query."""
        every = self.queryset().select_related(None)
        return counts_up_to(100, {view.name: view.narrow(every, self.actor) for view in self.views if view.counted})

    def _tab(self, view: NamedView) -> dict[str, Any]:
        found = self._counts.get(view.name, 0)
        count = "99+" if found > 99 else found or None
        url = link(self.request.GET, view=view.name, sort=None)
        return {"label": view.label, "url": url, "current": view is self.view and not self._is_saved, "count": count, "name": view.name}

    def _layouts(self) -> list[dict[str, Any]]:
        board = self.page.url_or_none("board")
        if not board:
            return []
        return [
            {"key": "board", "label": _("Board"), "icon": "kanban", "url": board, "current": False},
            {"key": "list", "label": _("Table"), "icon": "table-2", "url": self.page.url("list"), "current": True},
        ]

    def _bulk(self) -> list[dict[str, Any]]:
        declared = transitions_of(self.page.model) if self.bulk else {}
        return [
            {"name": name, "label": declared[name].declaration.label, "icon": declared[name].declaration.icon}
            for name in self.bulk
            if self.actor.has_perm(declared[name].permission)
        ]

    @property
    def _is_filtered(self) -> bool:
        return any(self.request.GET.get(name) for name in (self.filterset.filters if self.filterset is not None else ()))

    def _empty(self, new_url: str | None, new_label: str) -> dict[str, Any]:
        title = self.empty_title or _("No %(kind)s yet") % {"kind": str(self.page.label_plural).lower()}
        return {"title": title, "text": self.empty_text, "action_url": new_url or "", "action_label": new_label if new_url else ""}


def chosen_by(list_view: type[RecordListView], page: Any, asker: Any, query: str) -> Any:
    """The records that a list shows under an address: `query` is the part behind the question mark, `asker` has the actor and tenant."""
    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(query)
    for name in ("actor", "tenant", "member", "user"):
        setattr(request, name, getattr(asker, name, None))
    view = list_view(page=page)
    view.setup(request)
    return view.chosen()
