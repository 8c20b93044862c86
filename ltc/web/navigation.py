"""The navigation: the lists of the registered kinds of record, and the pages beside them that the layers register."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ltc.web.records import pages

GROUPS = {"": "", "sell": _("Sell"), "fulfil": _("Fulfil"), "collect": _("Collect"), "insight": _("Insight")}
TABS = ("home", "leads", "opportunities", "orders", "invoices", "customers")


@dataclass(frozen=True)
class NavItem:
    """A page in the navigation that is no record list. `permission` may be empty; `count` is asked of the member when the page is drawn."""

    key: str
    label: Any
    icon: str
    url_name: str
    group: str = ""
    order: int = 100
    permission: str = ""
    go: str = ""
    count: Callable[[Any], int | str | None] | None = None


_items: dict[str, NavItem] = {}


def register_item(item: NavItem) -> NavItem:
    """Put a page into the navigation, the palette and the keyboard's `g` menu."""
    _items[item.key] = item
    return item


def navigation(actor: Any) -> list[dict[str, Any]]:
    """The navigation of a member: groups of {key, icon, label, url, count, go}, without what their role does not include."""
    found = [(item.group, item.order, _described(item, actor)) for item in _items.values() if _is_open(item, actor)]
    for page in pages():
        if page.group is not None and actor.has_perm(f"{page.area}.view"):
            url = page.url(page.entry)
            entry = {"key": page.plural, "icon": page.icon, "label": page.nav_label or page.label_plural, "url": url, "count": None}
            found.append((page.group, page.order, {**entry, "go": page.go}))
    groups = []
    for key, label in GROUPS.items():
        items = [item for group, _order, item in sorted(found, key=lambda each: each[1]) if group == key]
        if items:
            groups.append({"label": label, "items": items})
    return groups


def tabs(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four pages of the bar at the foot of a small screen."""
    items = {item["key"]: item for group in groups for item in group["items"]}
    return [items[key] for key in TABS if key in items][:4]


def creatable(actor: Any) -> list[dict[str, Any]]:
    """What a member may make anew, for the palette: {label, icon, url}."""
    found = []
    for page in pages():
        url = page.url_or_none("new") if actor.has_perm(f"{page.area}.add") else None
        if url:
            label = gettext("New %(kind)s") % {"kind": str(page.label).lower()}
            found.append({"label": label, "icon": page.icon, "url": url})
    return found


def _is_open(item: NavItem, actor: Any) -> bool:
    if item.permission and not actor.has_perm(item.permission):
        return False
    try:
        reverse(item.url_name)
    except NoReverseMatch:
        return False
    return True


def _described(item: NavItem, actor: Any) -> dict[str, Any]:
    return {
        "key": item.key, "icon": item.icon, "label": item.label, "url": reverse(item.url_name), "go": item.go,
        "count": item.count(actor) if item.count else None,
    }  # fmt: skip


register_item(NavItem("home", _("Home"), "house", "home", order=1, go="h"))
register_item(NavItem("tasks", _("Tasks"), "circle-check-big", "tasks", order=2, go="t"))
register_item(
    NavItem("dashboard", _("Lead to cash"), "chart-no-axes-column-decreasing", "dashboard", "insight", permission="metrics.view", go="d")
)
