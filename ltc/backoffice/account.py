"""Pages before a tenant is active: a company signs up, an invited person joins, a visitor of the demo picks who to be."""

import re
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from ltc.backoffice.forms import InvitedForm, SignUpForm
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users import services
from ltc.users.models import Membership, Seat, User

LOGIN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """A company's first visit: its workspace, and its first person as administrator, signed in at once."""
    form = SignUpForm(request.POST or None, initial={"locale": "en", "time_zone": "Asia/Shanghai", "currency": "CNY"})
    if request.method == "POST" and (too_often := ratelimit.consume_or_429(request, action="signup")):
        return too_often
    if request.method == "POST" and form.is_valid():
        try:
            tenant, user = services.sign_up(**form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            login(request, user, backend=LOGIN_BACKEND)
            return redirect(f"/t/{tenant.code}/")
    return render(request, "backoffice/sign_up.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
def invitation(request: Any, token: str) -> HttpResponse:
    """An invited person joins: with their account if they have one, else with one that they make here."""
    try:
        invited = services.read_invitation(token)
    except Refusal as refusal:
        return render(request, "backoffice/invitation.html", {"refusal": refusal}, status=410)
    tenant = Tenant.objects.get(pk=invited["tenant"])
    known = User.objects.filter(email=invited["email"]).first()
    context: dict[str, Any] = {"workspace": tenant, "email": invited["email"], "known": known}
    if known is not None:
        if request.method == "POST" and request.user == known:
            services.accept_invitation(invited, known)
            return redirect(f"/t/{tenant.code}/")
        context["ready"] = request.user == known
        return render(request, "backoffice/invitation.html", context)
    form = context["form"] = InvitedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = User.objects.create_user(
                invited["email"], form.cleaned_data["password"], name=form.cleaned_data["name"], language=tenant.locale
            )
            services.accept_invitation(invited, user)
        login(request, user, backend=LOGIN_BACKEND)
        return redirect(f"/t/{tenant.code}/")
    return render(request, "backoffice/invitation.html", context, status=422 if form.errors else 200)


def demo_people() -> list[dict[str, Any]]:
    """In a demo: for each demo tenant, one person of each role, to sign in as with one click. Empty everywhere else."""
    if not settings.DEMO:
        return []
    offered = []
    for tenant in Tenant.objects.filter(is_demo=True).order_by("id"):
        with acting_for(tenant):
            members = Membership.objects.filter(state=Membership.State.ACTIVE).exclude(role="api").order_by("role", "created_at")
            people: dict[str, Membership] = {}
            for member in members:
                people.setdefault(member.role, member)
            offered.append({"tenant": tenant, "people": list(people.values())})
    return offered


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Sign in as a person of a demo tenant, without a password. Exists only in the demo."""
    person = request.POST.get("user", "")
    if not (settings.DEMO and re.fullmatch(r"[0-9]{1,18}", person)):
        raise Http404
    seat = Seat.objects.select_related("user", "workspace").filter(
        user_id=person, workspace__code=request.POST.get("workspace", ""), workspace__is_demo=True
    )
    found = seat.first()
    if found is None:
        raise Http404
    login(request, found.user, backend=LOGIN_BACKEND)
    return redirect(f"/t/{found.workspace.code}/")
