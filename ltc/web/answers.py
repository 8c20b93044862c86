"""How a view answers beside a page: a toast, a refusal, a way onward; each for htmx and for a plain form alike."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from ltc.refusals import Forbidden, Refusal

CONFLICT, FORBIDDEN = 409, 403


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def toast(response: HttpResponse, text: Any, *, tone: str = "ok", undo: dict[str, Any] | None = None) -> HttpResponse:
    """Have the page say one line for a few seconds, perhaps with a way back: `undo` is {url, values}."""
    said: dict[str, Any] = {"text": str(text), "tone": tone}
    if undo:
        said["undo"] = undo
    response["HX-Trigger"] = json.dumps({"toast": said})
    return response


def onward(request: HttpRequest, url: str, text: Any = "") -> HttpResponse:
    """Go to a page after something was done, and say there what it was."""
    if text:
        messages.success(request, str(text))
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def refresh(request: HttpRequest, url: str, text: Any = "") -> HttpResponse:
    """Show the page that the person is on as it is now, and say what was done."""
    if not is_htmx(request):
        return onward(request, url, text)
    if text:
        messages.success(request, str(text))
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say why something was not done: 403 if the actor may not, 409 if a rule stands against it."""
    status = FORBIDDEN if isinstance(refusal, Forbidden) else CONFLICT
    if is_htmx(request):
        return toast(HttpResponse(status=status), refusal, tone="error")
    template = "errors/403.html" if status == FORBIDDEN else "errors/409.html"
    return render(request, template, {"message": str(refusal), "code": refusal.code, "status": status}, status=status)
