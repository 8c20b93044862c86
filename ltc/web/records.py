"""The record pages that exist: one description of each kind, from which lists, the palette, notifications, breadcrumbs and
trace links take its name, its icon and its addresses. A stage registers its kinds where it declares their views."""

import contextlib
import contextvars
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, get_resolver, reverse

from ltc.web import formats
from ltc.workflow.models import link_type

FOLDED = ("sort_key", "initials", "name_key", "normalized_name")


@dataclass(frozen=True)
class RecordPage:
    """One kind of record as people meet it. `plural` is its place in the address and the namespace of its URL names.

    `search` are the lookups that the palette and the list's search box try (`name__icontains`, `sort_key__startswith`), unless `match`
    narrows a queryset by what was typed; `joins` are the relations that title and subtitle read;
    `group` is the heading of the navigation under which its list stands (None: not there), `go` the key after `g` that opens it.
    `entry` is the URL name that the navigation opens: `list` or `board`.
    """

    model: Any
    plural: str
    icon: str
    label: Any
    label_plural: Any
    hue: str = "slate"
    group: str | None = None
    order: int = 100
    go: str = ""
    entry: str = "list"
    nav_label: Any = ""
    search: tuple[str, ...] = ("sort_key__startswith", "number__istartswith")
    match: Callable[[Any, str, Any], Any] | None = None
    joins: tuple[str, ...] = ()
    title: Callable[[Any], str] = str
    subtitle: Callable[[Any], str] = field(default=lambda record: "")
    tag: Callable[[Any], dict[str, Any] | None] = field(default=lambda record: None)

    @property
    def key(self) -> str:
        """The kind's name in addresses and in the API: `lead`, `order`."""
        return link_type(self.model)

    @property
    def area(self) -> str:
        return str(self.model.permission_area)

    def visible_to(self, actor: Any) -> Any:
        """The records of this kind that the actor may see."""
        return self.model.objects.visible_to(actor)

    def matching(self, queryset: Any, words: str, actor: Any) -> Any:
        """The records that a person means by `words`; `match` is told who asks, so that masked data cannot be found out by searching."""
        if self.match is not None:
            return self.match(queryset, words, actor)
        wanted = Q()
        for lookup in self.search:
            wanted |= Q(**{lookup: words.lower() if lookup.startswith(FOLDED) else words})
        return queryset.filter(wanted)

    def url(self, name: str, *args: Any) -> str:
        """The address of one of this kind's pages: `list`, `new`, `record`, `edit`, `action`, `timeline` ..."""
        return reverse(f"{self.plural}:{name}", args=args)

    def url_or_none(self, name: str, *args: Any) -> str | None:
        """The same, or None where the kind has no such page."""
        try:
            return self.url(name, *args)
        except NoReverseMatch:
            return None


_pages: dict[type[models.Model], RecordPage] = {}
_traceable: set[type[models.Model]] = set()
_reader: contextvars.ContextVar[Any] = contextvars.ContextVar("reader", default=None)


def register(page: RecordPage) -> RecordPage:
    """Make a kind of record known to the palette, the navigation and everything that links to records."""
    _pages[page.model] = page
    return page


NUMBERED = re.compile(r"[A-Z]{1,5}-[\d-]+")


def avatar_of(page: RecordPage, title: str) -> dict[str, Any]:
    """The mark before a record: its initials, or its kind's icon where the title is a document's number."""
    if NUMBERED.fullmatch(title):
        return {"icon": page.icon, "text": "", "hue": page.hue, "square": True}
    return {"text": formats.initials(title), "hue": formats.hue(title)}


def pages() -> list[RecordPage]:
    """All kinds, in the order of the navigation. Asking loads the URLs, where they are registered."""
    _ = get_resolver().url_patterns
    return sorted(_pages.values(), key=lambda page: page.order)


def page_of(record: Any) -> RecordPage | None:
    """The description of a record's kind (or of a model), if people have a page for it."""
    _ = get_resolver().url_patterns
    model = record if isinstance(record, type) else type(record)
    return _pages.get(model)


def page_labelled(subject_type: str) -> RecordPage | None:
    """The same, by the model's label as histories keep it: `leads.lead`."""
    return next((page for page in pages() if page.model._meta.label_lower == subject_type), None)


@contextlib.contextmanager
def reading_as(actor: Any) -> Iterator[None]:
    """Who reads what is drawn inside: `url_for` then gives them no address that would answer "not found"."""
    token = _reader.set(actor)
    try:
        yield
    finally:
        _reader.reset(token)


def url_for(record: Any) -> str:
    """The address of a record's page; empty if its kind has none, or if the person for whom the page is drawn may not open it."""
    page = page_of(record)
    return page.url("record", record.pk) if page and _is_open(page, record) else ""


def _is_open(page: RecordPage, record: Any) -> bool:
    """By the record's own owner and team; one that is seen through another record is not looked up, which would cost a query a row."""
    reader = _reader.get()
    return reader is None or bool(reader.has_perm(f"{page.area}.view", None if page.model.visible_through else record))


def list_url(name: str, actor: Any) -> str:
    """The address of a list by its URL name (`leads:list`); empty if there is none or the actor's role does not include it."""
    page = next((page for page in pages() if name.startswith(f"{page.plural}:")), None)
    if page is None or not actor.has_perm(f"{page.area}.view"):
        return ""
    return page.url_or_none(name.partition(":")[2]) or ""


def traceable(kinds: Iterable[type[models.Model]]) -> None:
    """Name the kinds of record whose way from lead to cash can be shown; the last stage does."""
    _traceable.update(kinds)


def is_traceable(record: Any) -> bool:
    return type(record) in _traceable


def url_of(subject_type: str, subject: uuid.UUID | str) -> str:
    """The address of a record of which only kind and id are known."""
    page = page_labelled(subject_type)
    return page.url("record", subject) if page else ""
