"""The small pages of the shell: tasks, notifications, preferences, the chooser of workspaces, links to records by kind and id."""

import uuid
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST

from ltc.activities.models import Activity
from ltc.activities.selectors import open_tasks
from ltc.activities.services import complete_task, reopen_task
from ltc.notifications.models import Notification
from ltc.notifications.selectors import notifications_of
from ltc.notifications.services import mark_read
from ltc.users.models import User
from ltc.web.answers import is_htmx, refresh, toast
from ltc.web.home import TASKS, HomeView, described_task
from ltc.web.records import page_labelled, url_of
from ltc.web.shell import workspaces
from ltc.web.workspace import WorkspaceView

PAGE = 50
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600


class RootView(View):
    """`/`: inside a workspace its home; outside, the only workspace of the person, or the choice among them."""

    def get(self, request: HttpRequest) -> Any:
        if getattr(request, "member", None) is not None:
            return HomeView.as_view()(request)
        if not request.user.is_authenticated:
            return redirect_to_login("/")
        found = workspaces(request)
        if len(found) == 1:
            return HttpResponseRedirect(found[0]["url"])
        return render(request, "home/workspaces.html", {"workspaces": found})


class WorkspacesView(View):
    """All workspaces that a person may enter."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return render(request, "home/workspaces.html", {"workspaces": workspaces(request)})


class TasksView(WorkspaceView):
    """What the member has still to do, by due date."""

    active = "tasks"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = {"title": _("Tasks"), "icon": "circle-check-big", "tasks": [described_task(task) for task in open_tasks(self.actor)[:PAGE]]}
        return self.show("home/tasks.html" + ("#list" if is_htmx(request) else ""), {"page": page})


class TaskView(WorkspaceView):
    """A tick, or taking it back (`undo`)."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        task = Activity.objects.visible_to(self.actor).filter(pk=pk, due_at__isnull=False).first()
        if task is None:
            raise Http404
        if request.POST.get("undo"):
            reopen_task(task, actor=self.actor)
            return refresh(request, reverse("tasks"), _("The task is open again."))
        complete_task(task, actor=self.actor)
        if not is_htmx(request):
            return refresh(request, reverse("tasks"), _("Done."))
        undo = {"url": reverse("task-done", args=[task.pk]), "values": {"undo": "1"}}
        everything = "all" in request.GET
        left = [described_task(each) for each in open_tasks(self.actor)[: PAGE if everything else TASKS]]
        answer = self.show("home/task_list.html", {"tasks": left, "all": everything, "level": 2 if everything else 3})
        return toast(answer, _("“%(task)s” is done.") % {"task": str(task)}, undo=undo)


class NotificationsView(WorkspaceView):
    """What the member was told. A POST marks everything as read."""

    active = "notifications"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = list(notifications_of(self.actor)[:PAGE])
        return self.show("home/notifications.html", {"page": {"title": _("Notifications"), "icon": "bell", "notifications": found}})

    def post(self, request: HttpRequest) -> HttpResponse:
        mark_read(self.actor)
        return refresh(request, reverse("notifications"))


class NotificationView(WorkspaceView):
    """Opening a notification: it is read then, and leads to what it is about."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        notification = Notification.objects.filter(recipient=self.actor, pk=pk).first()
        if notification is None:
            raise Http404
        mark_read(self.actor, notification=pk)
        url = url_of(notification.subject_type, notification.subject) if notification.subject else notification.url.lstrip("/")
        target = url if notification.subject else reverse("home") + url
        return HttpResponseRedirect(target or reverse("notifications"))


class GoView(WorkspaceView):
    """The page of a record of which a link names kind and id: for e-mails and integrations."""

    def get(self, request: HttpRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
        page = page_labelled(kind)
        if page is None:
            raise Http404
        return HttpResponseRedirect(page.url("record", pk))


@require_POST
def preferences(request: Any) -> HttpResponse:
    """Keep how a person likes their pages: theme, density, language. On the account if signed in, else in cookies."""
    theme, density, language = (request.POST.get(name, "") for name in ("theme", "density", "lang"))
    chosen: dict[str, str] = {}
    if theme in User.Theme.values:
        chosen["theme"] = theme
    if density in User.Density.values:
        chosen["density"] = density
    if language and check_for_language(language):
        chosen["language"] = language
    if request.user.is_authenticated and chosen:
        User.objects.filter(pk=request.user.pk).update(**chosen)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response: HttpResponse = HttpResponse(status=204) if is_htmx(request) else HttpResponseRedirect(target if safe else "/")
    for name, cookie in (("theme", "theme"), ("density", "density"), ("language", "django_language")):
        if name in chosen:
            response.set_cookie(cookie, chosen[name], max_age=LANGUAGE_COOKIE_AGE, samesite="Lax", secure=request.is_secure())
    return response
