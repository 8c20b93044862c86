"""Error pages in the frame of the workspace, as far as there is one; a fragment gets a toast."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ltc.web.answers import is_htmx, toast

PAGES = frozenset({400, 403, 404, 409, 500})


def answer(request: HttpRequest, status: int, message: Any) -> HttpResponse:
    """An error as a page, or as a toast for a fragment."""
    if is_htmx(request):
        return toast(HttpResponse(status=status), message, tone="error")
    template = f"errors/{status}.html" if status in PAGES else "errors/409.html"
    return render(request, template, {"message": message, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400, _("The request was not understood. Reload the page and try again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, str(exception) or _("Your role does not allow this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404, _("There is no such page, or it is not yours to see."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Nothing may be asked of the database here: the request's transaction is broken."""
    if is_htmx(request):
        return toast(HttpResponse(status=500), _("Something went wrong. Nothing was changed."), tone="error")
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is not the session's: most often the page was open for too long."""
    return answer(request, 403, _("This page was open for too long. Reload it and try again."))
