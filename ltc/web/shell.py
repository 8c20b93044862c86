"""What the frame around every page shows: the workspace, the navigation, the person, how they like it."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.urls.base import get_script_prefix
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from ltc.notifications.selectors import unread_count
from ltc.users.middleware import seats_of
from ltc.users.models import User
from ltc.web import formats
from ltc.web.navigation import creatable, navigation, tabs

SETTINGS = ("settings.view", "members.view", "teams.view")


def outside(name: str, request: Any) -> str:
    """The address of a page that belongs to no workspace."""
    within = get_script_prefix()
    set_script_prefix(f"{request.META.get('SCRIPT_NAME', '').rstrip('/')}/")
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
    finally:
        set_script_prefix(within)


def inside(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of the frame; made only when a template asks for it."""
    return {"shell": SimpleLazyObject(lambda: described(request))}


def described(request: Any) -> dict[str, Any]:
    """The frame of a page inside a workspace, or the little that pages outside have."""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    look = {
        "theme": user.theme if signed_in else _choice(request, "theme", User.Theme.values, User.Theme.SYSTEM),
        "density": user.density if signed_in else _choice(request, "density", User.Density.values, User.Density.DEFAULT),
        "lang": get_language(),
    }
    urls = {"home": "/", "preferences": inside("preferences"), "logout": outside("account_logout", request)}
    member, tenant = getattr(request, "member", None), getattr(request, "tenant", None)
    if member is None or tenant is None:
        return {**look, "urls": urls}
    groups = navigation(member)
    urls.update(
        home=inside("home"),
        search=inside("search"),
        settings=inside("settings") if any(member.has_perm(permission) for permission in SETTINGS) else "",
        notifications=inside("notifications"),
        switch=outside("workspaces", request),
        account=outside("account_change_password", request),
    )
    return {
        **look,
        "urls": urls,
        "tenant": {
            "name": tenant.name,
            "code": tenant.code,
            "logo_text": formats.initials(tenant.name)[:1],
            "currency": tenant.base_currency,
        },
        "nav": groups,
        "active": getattr(request, "active_page", ""),
        "member": {
            "name": member.name,
            "initials": formats.initials(member.name),
            "hue": formats.hue(member.name),
            "role": member.get_role_display(),
        },
        "tabs": tabs(groups),
        "create": creatable(member),
        "unread": unread_count(member),
        "tenants": workspaces(request),
    }


def workspaces(request: Any) -> list[dict[str, Any]]:
    """The workspaces that the person may enter: {name, code, url, current, logo_text}."""
    here = getattr(request, "tenant", None)
    prefix = request.META.get("SCRIPT_NAME", "").rstrip("/")
    return [
        {
            "name": seat.workspace.name,
            "code": seat.workspace.code,
            "url": f"{prefix}/t/{seat.workspace.code}/",
            "current": here is not None and seat.workspace_id == here.pk,
            "logo_text": formats.initials(seat.workspace.name)[:1],
        }
        for seat in getattr(request, "seats", None) or seats_of(request.user)
    ]


def _choice(request: Any, name: str, legal: list[str], otherwise: str) -> str:
    chosen = request.COOKIES.get(name, "")
    return chosen if chosen in legal else otherwise
