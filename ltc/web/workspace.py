"""What every page inside a workspace has in common: a member, a permission, and refusals that become sentences."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from ltc.refusals import Forbidden, StaleVersion
from ltc.web.answers import is_htmx
from ltc.web.records import RecordPage, reading_as


class WorkspaceView(View):
    """A page for members. `permission` is asked before anything else; an empty one means that every member may see the page.

    A Refusal that is raised on the way is answered with its sentence (see RefusalMiddleware): 403 or 409, and nothing has changed.
    """

    permission: ClassVar[str] = ""
    active: ClassVar[str] = ""

    def required_permission(self) -> str:
        return self.permission

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "member", None) is None:
            raise Http404
        needed = self.required_permission()
        if needed and not self.actor.has_perm(needed):
            raise Forbidden(_("Your role does not include this page. Ask your administrator if you need it."))
        request.active_page = self.active or getattr(getattr(self, "page", None), "plural", "")  # type: ignore[attr-defined]
        with reading_as(self.actor):
            return super().dispatch(request, *args, **kwargs)

    @property
    def actor(self) -> Any:
        return self.request.actor  # type: ignore[attr-defined]

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return render(self.request, template, context, status=status)

    def show_dialog(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """A form in the page's dialog, or as a page of its own where there is no script."""
        return self.show("records/action_dialog.html" if is_htmx(self.request) else "records/action_page.html", context, status=status)


class RecordWorkspaceView(WorkspaceView):
    """A page about one kind of record; needs the area's `view`."""

    page: RecordPage = None  # type: ignore[assignment]  # given by record_routes()
    select: ClassVar[tuple[str, ...]] = ()

    def required_permission(self) -> str:
        return self.permission or f"{self.page.area}.view"

    def queryset(self) -> Any:
        """The records of this kind that the member may see; what is not among them does not exist for them."""
        visible = self.page.visible_to(self.actor)
        return visible.select_related(*self.select) if self.select else visible

    def record_or_404(self, pk: Any) -> Any:
        record = self.queryset().filter(pk=pk).first()
        if record is None:
            raise Http404
        return record

    def wanted_version(self) -> int | None:
        """The version of the record that the person had on screen, if the form says so."""
        text = self.request.POST.get("version") or self.request.GET.get("version") or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None

    def require_version(self, record: Any) -> None:
        """Raise StaleVersion if someone else has changed the record since."""
        wanted = self.wanted_version()
        if wanted is not None and wanted != record.version:
            raise StaleVersion(_("Someone changed this record while you had it open. Reload it and try again."))

    def require(self, permission: str, record: Any) -> None:
        """Raise Forbidden if the member may not do this to a record that they see."""
        if not self.actor.has_perm(permission, record):
            raise Forbidden(_("You may not do this. Ask the record's owner or your administrator."))
