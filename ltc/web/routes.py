"""The addresses of one kind of record, from its views: list, record, action, timeline and, where given, the rest."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from ltc.web.actions import ActionView, BulkActionView
from ltc.web.boards import BoardView
from ltc.web.bulk import bulk_lists
from ltc.web.details import RecordView, TimelineView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage, register
from ltc.web.saved import ForgetView, SaveView
from ltc.workflow.models import StatefulModel


def record_routes(
    page: RecordPage,
    *,
    list_view: type[RecordListView],
    record_view: type[RecordView],
    create_view: type[CreateView] | None = None,
    edit_view: type[EditView] | None = None,
    board_view: type[BoardView] | None = None,
    action_view: type[ActionView] = ActionView,
    more: list[URLPattern | URLResolver] | None = None,
) -> URLResolver:
    """All pages of a kind under `<plural>/`, with URL names `<plural>:list`, `<plural>:record` ...; the kind becomes known by it."""
    register(page)
    given: dict[str, Any] = {"page": page}
    routes: list[URLPattern | URLResolver] = list(more or [])
    routes.append(path("", list_view.as_view(**given), name="list"))
    if board_view is not None:
        routes.append(path("board/", board_view.as_view(**given), name="board"))
    if list_view.saves_views:
        routes.append(path("views/save/", SaveView.as_view(**given), name="save-view"))
        routes.append(path("views/<uuid:pk>/delete/", ForgetView.as_view(**given), name="forget-view"))
    if create_view is not None:
        routes.append(path("new/", create_view.as_view(**given), name="new"))
    if issubclass(page.model, StatefulModel):
        routes.append(path("bulk/", BulkActionView.as_view(**given, list_view=list_view), name="bulk"))
        bulk_lists[page.plural] = list_view
        routes.append(path("<uuid:pk>/do/<slug:name>/", action_view.as_view(**given), name="action"))
    if edit_view is not None:
        routes.append(path("<uuid:pk>/edit/", edit_view.as_view(**given), name="edit"))
    routes.append(path("<uuid:pk>/timeline/", TimelineView.as_view(**given), name="timeline"))
    routes.append(path("<uuid:pk>/", record_view.as_view(**given), name="record"))
    return path(f"{page.plural}/", include((routes, page.plural)))
