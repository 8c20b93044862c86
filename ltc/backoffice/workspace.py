"""Settings of a workspace: people, teams, roles, keys, calendar, and who changed what."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views import View

from ltc.backoffice.forms import CalendarDayForm, CompanyForm, InvitationForm, KeyForm, MemberForm, OptionsForm, TeamForm, WorkHoursForm
from ltc.calendars.models import BusinessCalendar, CalendarDay
from ltc.calendars.services import change_calendar, remove_day, set_day
from ltc.notifications.invitations import invite
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Change
from ltc.users import keys, services
from ltc.users.models import ApiKey, Membership, Team
from ltc.users.roles import MATRIX, Role, Scope
from ltc.web.editing import add_errors
from ltc.web.records import page_of

SECTIONS = (
    ("members", gettext_lazy("Members"), "users", "members.view"),
    ("teams", gettext_lazy("Teams"), "network", "teams.view"),
    ("roles", gettext_lazy("Roles"), "shield-check", "metrics.view"),
    ("company", gettext_lazy("Company"), "building-2", "settings.view"),
    ("options", gettext_lazy("Rules and limits"), "sliders-horizontal", "settings.view"),
    ("calendar", gettext_lazy("Calendar"), "calendar", "settings.view"),
    ("keys", gettext_lazy("API keys"), "key-round", "keys.view"),
    ("changes", gettext_lazy("Change log"), "history", "changes.view"),
)

SCOPES = {
    Scope.OWN: pgettext_lazy("scope", "own"),
    Scope.TEAM: pgettext_lazy("scope", "team"),
    Scope.ALL: pgettext_lazy("scope", "all"),
    Scope.POOL: pgettext_lazy("scope", "pool"),
}
OPERATIONS = {"update": pgettext_lazy("operation", "changed"), "delete": pgettext_lazy("operation", "deleted")}


def link_maker(request: HttpRequest) -> Callable[[str], str]:
    """What makes the address of an invitation of its token."""
    return lambda token: request.build_absolute_uri(f"/invitations/{token}/")


def identifier(text: str) -> UUID:
    """The id that a form names; what is none is not found."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


class SettingsPage(View):
    """A page of the settings: who may not see it gets 403; its section is marked in the menu; a refusal becomes a form error."""

    section = ""
    template = ""
    permission = ""
    write_permission = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        needed = self.permission if request.method in ("GET", "HEAD") else self.write_permission or self.permission
        if request.actor is None:
            raise Http404
        if not request.actor.has_perm(needed):
            raise Forbidden(_("Only an administrator may do this."))
        return super().dispatch(request, *args, **kwargs)

    def page(self, request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
        sections = [
            {"key": key, "label": label, "icon": icon, "url": reverse(f"settings-{key}"), "current": key == self.section}
            for key, label, icon, permission in SECTIONS
            if request.actor.has_perm(permission)  # type: ignore[attr-defined]
        ]
        may_write = request.actor.has_perm(self.write_permission or self.permission)  # type: ignore[attr-defined]
        title = next((section["label"] for section in sections if section["current"]), _("Settings"))
        page = {"title": title, "sections": sections, "may_write": may_write}
        return render(request, self.template, {"page": page, **context}, status=status)

    def submit(self, form: Any, act: Any) -> bool:
        """Run `act` on a valid form; a refusal becomes an error of the form. Whether it was done."""
        if not form.is_valid():
            return False
        try:
            act()
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return False
        except ValidationError as error:
            add_errors(form, error)
            return False
        return True


class MembersPage(SettingsPage):
    section, template, permission, write_permission = "members", "backoffice/members.html", "members.view", "members.add"

    def get(self, request: HttpRequest, form: Any = None) -> HttpResponse:
        members = Membership.objects.select_related("team", "manager").order_by("state", "name")[:500]
        form = form or InvitationForm()
        return self.page(request, 422 if form.errors else 200, members=members, form=form)

    def post(self, request: Any) -> HttpResponse:
        form = InvitationForm(request.POST)
        sent = self.submit(form, lambda: invite(actor=request.actor, link_for=link_maker(request), **form.cleaned_data))
        if not sent:
            return self.get(request, form)
        messages.success(request, _("The invitation to %s is on its way.") % form.cleaned_data["email"])
        return redirect("settings-members")


class MemberPage(SettingsPage):
    section, template, permission, write_permission = "members", "backoffice/member.html", "members.view", "members.change"

    def get(self, request: HttpRequest, pk: Any, form: Any = None) -> HttpResponse:
        member = get_object_or_404(Membership.objects.select_related("team"), pk=pk)
        form = form or MemberForm(initial={name: getattr(member, name) for name in MemberForm.base_fields})
        return self.page(request, 422 if form.errors else 200, member=member, form=form)

    def post(self, request: Any, pk: Any) -> HttpResponse:
        member, form = get_object_or_404(Membership, pk=pk), MemberForm(request.POST)
        if not self.submit(form, lambda: services.change_member(member, actor=request.actor, **form.cleaned_data)):
            return self.get(request, pk, form)
        messages.success(request, _("%s was saved.") % member.name)
        return redirect("settings-members")


class TeamsPage(SettingsPage):
    section, template, permission, write_permission = "teams", "backoffice/teams.html", "teams.view", "teams.change"

    def get(self, request: HttpRequest, form: Any = None, team: Team | None = None) -> HttpResponse:
        teams = list(Team.objects.annotate(people=models.Count("members")).order_by("path"))
        rows = [{"team": each, "depth": each.path.count("/") - 2} for each in teams]
        form = form or TeamForm()
        return self.page(request, 422 if form.errors else 200, rows=rows, form=form, edited=team)

    def post(self, request: Any) -> HttpResponse:
        form = TeamForm(request.POST)
        if not self.submit(form, lambda: services.save_team(actor=request.actor, **form.cleaned_data)):
            return self.get(request, form)
        return redirect("settings-teams")


class TeamPage(TeamsPage):
    def get(self, request: HttpRequest, pk: Any, form: Any = None) -> HttpResponse:  # type: ignore[override]
        team = get_object_or_404(Team, pk=pk)
        return super().get(request, form or TeamForm(initial={"name": team.name, "parent": team.parent_id}), team)

    def post(self, request: Any, pk: Any) -> HttpResponse:  # type: ignore[override]
        team, form = get_object_or_404(Team, pk=pk), TeamForm(request.POST)
        if not self.submit(form, lambda: services.save_team(actor=request.actor, team=team, **form.cleaned_data)):
            return self.get(request, pk, form)
        return redirect("settings-teams")


class RolesPage(SettingsPage):
    section, template, permission = "roles", "backoffice/roles.html", "metrics.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The permission matrix, as the code has it."""
        roles = list(MATRIX)
        permissions = sorted({permission for grants in MATRIX.values() for permission in grants})
        rows = [
            {"permission": permission, "cells": [[SCOPES[scope] for scope in MATRIX[role].get(permission, ())] for role in roles]}
            for permission in permissions
        ]
        return self.page(request, roles=[Role(role).label for role in roles], rows=rows)


class CompanyPage(SettingsPage):
    section, template, permission, write_permission = "company", "backoffice/company.html", "settings.view", "settings.change"

    def get(self, request: Any, form: Any = None) -> HttpResponse:
        form = form or CompanyForm(instance=request.tenant)
        return self.page(request, 422 if form.errors else 200, form=form)

    def post(self, request: Any) -> HttpResponse:
        form = CompanyForm(request.POST, instance=request.tenant)
        if not self.submit(form, lambda: services.change_settings(request.tenant, actor=request.actor, **form.cleaned_data)):
            return self.get(request, form)
        messages.success(request, _("Saved."))
        return redirect("settings-company")


class OptionsPage(SettingsPage):
    section, template, permission, write_permission = "options", "backoffice/options.html", "settings.view", "settings.change"

    def get(self, request: Any, form: Any = None) -> HttpResponse:
        form = form or OptionsForm(tenant=request.tenant)
        return self.page(request, 422 if form.errors else 200, form=form)

    def post(self, request: Any) -> HttpResponse:
        form = OptionsForm(request.POST, tenant=request.tenant)
        if not self.submit(form, lambda: services.change_settings(request.tenant, actor=request.actor, options=form.cleaned_data)):
            return self.get(request, form)
        messages.success(request, _("Saved."))
        return redirect("settings-options")


class CalendarPage(SettingsPage):
    section, template, permission, write_permission = "calendar", "backoffice/calendar.html", "settings.view", "settings.change"

    def get(self, request: HttpRequest, form: Any = None, hours: Any = None) -> HttpResponse:
        calendar = BusinessCalendar.objects.order_by("-is_default", "name").first()
        days = CalendarDay.objects.filter(calendar=calendar).order_by("date") if calendar else []
        form = form or CalendarDayForm()
        hours = hours or WorkHoursForm(initial={name: getattr(calendar, name, None) for name in WorkHoursForm.base_fields})
        wrong = form.errors or hours.errors
        return self.page(request, 422 if wrong else 200, calendar=calendar, days=days, form=form, hours=hours)

    def post(self, request: Any) -> HttpResponse:
        calendar = get_object_or_404(BusinessCalendar, is_default=True)
        if "remove" in request.POST:
            day = get_object_or_404(CalendarDay, pk=identifier(request.POST["remove"]), calendar=calendar)
            remove_day(day, actor=request.actor)
            return redirect("settings-calendar")
        if "hours" in request.POST:
            hours = WorkHoursForm(request.POST)
            if not self.submit(hours, lambda: change_calendar(calendar, actor=request.actor, **hours.cleaned_data)):
                return self.get(request, hours=hours)
            messages.success(request, _("Saved."))
            return redirect("settings-calendar")
        form = CalendarDayForm(request.POST)
        if not self.submit(form, lambda: set_day(actor=request.actor, calendar=calendar, **form.cleaned_data)):
            return self.get(request, form)
        return redirect("settings-calendar")


class KeysPage(SettingsPage):
    section, template, permission, write_permission = "keys", "backoffice/keys.html", "keys.view", "keys.add"

    def get(self, request: HttpRequest, form: Any = None, secret: str = "") -> HttpResponse:
        issued = ApiKey.objects.select_related("created_by").order_by("revoked_at", "-created_at")
        form = form or KeyForm()
        return self.page(request, 422 if form.errors else 200, keys=issued, form=form, secret=secret)

    def post(self, request: Any) -> HttpResponse:
        if "revoke" in request.POST:
            keys.revoke_key(get_object_or_404(ApiKey, pk=identifier(request.POST["revoke"])), actor=request.actor)
            return redirect("settings-keys")
        form, secrets = KeyForm(request.POST), []
        if not self.submit(form, lambda: secrets.append(keys.issue_key(created_by=request.actor, **form.cleaned_data)[1])):
            return self.get(request, form)
        return self.get(request, secret=secrets[0])


def field_name(model: type[models.Model] | None, column: str) -> Any:
    """What people call a column of a table; the column itself where the table is gone."""
    named = {field.column: field.verbose_name for field in model._meta.concrete_fields} if model else {}
    return named.get(column, column)


class ChangesPage(SettingsPage):
    section, template, permission = "changes", "backoffice/changes.html", "changes.view"
    limit = 100

    def get(self, request: HttpRequest) -> HttpResponse:
        """The newest changes, or those of one row; older ones by `before`."""
        changes = Change.objects.order_by("-id")
        if row := request.GET.get("row", "")[:40]:
            changes = changes.filter(row=row)
        if before := request.GET.get("before", ""):
            changes = changes.filter(id__lt=int(before)) if before.isdecimal() else changes.none()
        shown = list(changes[: self.limit])
        names = {f"user:{pk}": name for pk, name in Membership.objects.values_list("pk", "name")}
        names |= {f"api:{pk}": name for pk, name in ApiKey.objects.values_list("pk", "name")}
        tables = {model._meta.db_table: model for model in apps.get_models()}
        for change in shown:
            change.who = names.get(change.actor) or _("System")  # type: ignore[attr-defined]
            model = tables.get(change.table_name)
            page = page_of(model) if model else None
            change.subject = page.label if page else model._meta.verbose_name if model else change.table_name  # type: ignore[attr-defined]
            change.done = OPERATIONS.get(change.operation, change.operation)  # type: ignore[attr-defined]
            change.lines = [  # type: ignore[attr-defined]
                (field_name(model, key), was, (change.after or {}).get(key)) for key, was in (change.before or {}).items()
            ]
        older = shown[-1].pk if len(shown) == self.limit else None
        return self.page(request, changes=shown, row=row, older=older)


def index(request: Any) -> HttpResponse:
    """The first section of the settings that the member may see."""
    for key, _label, _icon, permission in SECTIONS:
        if request.actor and request.actor.has_perm(permission):
            return redirect(f"settings-{key}")
    raise Http404
