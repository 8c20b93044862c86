"""The pages of the style guide: open where DEBUG is on and to operators, not found for anyone else."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ltc.web.styleguide import dashboard, samples

View = Callable[..., HttpResponse]


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("We write to this address only about this lead."))
    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, required=False)
    close = forms.DateField(label=gettext_lazy("Close date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    source = forms.ChoiceField(
        label=gettext_lazy("Source"), choices=[("web", gettext_lazy("Website")), ("referral", gettext_lazy("Referral"))]
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"),
        choices=[("low", gettext_lazy("Low")), ("high", gettext_lazy("High"))],
        widget=forms.RadioSelect,
        initial="low",
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    consent = forms.BooleanField(label=gettext_lazy("May be contacted by telephone"), required=False)


def for_developers(view: View) -> View:
    """Hide a page of the style guide in production from everyone but operators."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (settings.DEBUG or getattr(getattr(request, "user", None), "is_operator", False)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def page(request: HttpRequest, template: str, active: str, **context: Any) -> HttpResponse:
    look = {
        "theme": request.COOKIES.get("theme", "system"),
        "density": request.COOKIES.get("density", "default"),
        "urls": {
            "home": reverse("styleguide:index"),
            "search": reverse("styleguide:search"),
            "settings": reverse("styleguide:form"),
            "logout": reverse("styleguide:toast"),
            "preferences": reverse("styleguide:toast"),
            "notifications": reverse("styleguide:index"),
        },
    }
    return render(request, template, {**context, "shell": {**samples.shell(active), **look}})


@for_developers
def index(request: HttpRequest) -> HttpResponse:
    form = SampleForm({"name": "", "email": "not an address", "source": "web", "priority": "high"})
    sample = {"rows": samples.list_page("", 0), "record": samples.record_page(), **dashboard.context()}
    return page(request, "styleguide/index.html", "home", form=form, sample=sample, page={"title": _("Style guide")})


@for_developers
def listing(request: HttpRequest) -> HttpResponse:
    template = "records/list.html#rows" if getattr(request, "htmx", False) else "records/list.html"
    return page(request, template, "leads", page=samples.list_page(request.GET.get("q", ""), int(request.GET.get("start", 0))))


@for_developers
def record(request: HttpRequest) -> HttpResponse:
    return page(request, "records/record.html", "pipeline", page=samples.record_page())


@for_developers
def board(request: HttpRequest) -> HttpResponse:
    return page(request, "styleguide/board.html", "pipeline", page=samples.board_page(), **dashboard.context())


@for_developers
def overview(request: HttpRequest) -> HttpResponse:
    return page(request, "styleguide/dashboard.html", "insight", page={"title": _("Lead to cash")}, **dashboard.context())


@for_developers
def form(request: HttpRequest) -> HttpResponse:
    filled = SampleForm(request.POST or None)
    context = {
        "title": _("New lead"),
        "breadcrumb": [{"label": _("Leads"), "url": reverse("styleguide:list")}],
        "cancel_url": reverse("styleguide:list"),
    }
    return page(request, "records/form.html", "leads", page=context, form=filled)


@for_developers
def plain(request: HttpRequest) -> HttpResponse:
    return page(request, "styleguide/plain.html", "", form=SampleForm())


@for_developers
def error(request: HttpRequest, code: int) -> HttpResponse:
    return page(request, f"errors/{code}.html", "")


@for_developers
def dialog(request: HttpRequest) -> HttpResponse:
    """The dialog that asks for input: 422 with the form while it has errors, then a toast and nothing to swap."""
    action = {
        "label": _("Lose"),
        "title": _("Close as lost"),
        "text": _("Tell why, so that the next one goes better."),
        "url": reverse("styleguide:dialog"),
    }
    filled = SampleForm(request.POST) if request.method == "POST" and "action" not in request.POST else SampleForm()
    if filled.is_bound and filled.is_valid():
        return told(_("Saved"))
    template = "records/action_dialog.html" if getattr(request, "htmx", False) else "records/action_page.html"
    response = page(request, template, "pipeline", action=action, form=filled)
    response.status_code = 422 if filled.is_bound else 200
    return response


@for_developers
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """A move on the sample board: to Commit it asks for input, to Propose it refuses, else it is taken."""
    if request.POST.get("target") == "commit":
        action = {"label": _("Commit"), "title": _("Commit"), "url": reverse("styleguide:dialog")}
        response = page(request, "records/action_dialog.html", "pipeline", action=action, form=SampleForm())
        response.status_code = 422
        return response
    if request.POST.get("target") == "propose":
        response = told(_("Get a quote accepted first."), tone="error")
        response.status_code = 409
        return response
    response = page(request, "records/board.html#heads", "pipeline", page=samples.board_page())
    response["HX-Trigger"] = json.dumps({"toast": {"text": _("Moved"), "undo": {"id": request.POST.get("id"), "target": "qualify"}}})
    return response


@for_developers
@require_POST
def toast(request: HttpRequest) -> HttpResponse:
    return told(_("Saved"))


@for_developers
def search(request: HttpRequest) -> HttpResponse:
    rows = samples.list_page(request.GET.get("q", ""), 0)["rows"][:5]
    items = [
        {"icon": "user-round-plus", "hue": row["avatar"]["hue"], "title": row["title"], "subtitle": row["subtitle"], "url": row["url"]}
        for row in rows
    ]
    return render(request, "records/palette_results.html", {"groups": [{"label": _("Leads"), "items": items}]})


def told(text: str, tone: str = "ok") -> HttpResponse:
    return HttpResponse(headers={"HX-Trigger": json.dumps({"toast": {"text": text, "tone": tone}})})
