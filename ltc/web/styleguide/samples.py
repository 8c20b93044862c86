"""The contexts of the sample pages, in the shape that the list, record and board templates want."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.web.formats import day_heading
from ltc.web.styleguide import seeds

CURRENCY = "CNY"


def shell(active: str) -> dict[str, Any]:
    """A shell as a salesperson sees it; every link stays in the style guide."""

    def item(key: str, icon: str, label: str, page: str, go: str = "", count: int = 0) -> dict[str, Any]:
        return {"key": key, "icon": icon, "label": label, "url": reverse(f"styleguide:{page}"), "go": go, "count": count}

    nav = [
        {
            "label": "",
            "items": [item("home", "house", _("Home"), "index", "h"), item("tasks", "circle-check-big", _("Tasks"), "list", "t", 12)],
        },
        {
            "label": _("Sell"),
            "items": [
                item("leads", "user-round-plus", _("Leads"), "list", "l", 8),
                item("pipeline", "kanban", _("Pipeline"), "board", "p"),
                item("quotes", "file-text", _("Quotes"), "record", "q"),
            ],
        },
        {
            "label": _("Fulfil"),
            "items": [item("orders", "package-check", _("Orders"), "record", "o"), item("delivery", "truck", _("Deliveries"), "board")],
        },
        {
            "label": _("Collect"),
            "items": [
                item("invoices", "receipt", _("Invoices"), "list"),
                item("receivables", "hand-coins", _("Receivables"), "list", "r", 3),
            ],
        },
        {"label": _("Insight"), "items": [item("insight", "chart-no-axes-column-decreasing", _("Lead to cash"), "dashboard", "d")]},
    ]
    return {
        "tenant": {"name": "Meridian Systems", "code": "meridian", "logo_text": "M"},
        "nav": nav,
        "active": active,
        "member": seeds.person(0),
        "tabs": [nav[0]["items"][0], nav[1]["items"][0], nav[1]["items"][1], nav[4]["items"][0]],
        "unread": 6,
        "tenants": [
            {"name": "Meridian Systems", "url": reverse("styleguide:index"), "current": True},
            {"name": "Halcyon Foods", "url": reverse("styleguide:index"), "current": False},
        ],
        "create": [{"label": _("New lead"), "icon": "user-round-plus", "url": reverse("styleguide:form")}],
    }


def lead_row(index: int) -> dict[str, Any]:
    name, job = seeds.CONTACTS[index % len(seeds.CONTACTS)]
    states = [
        (_("New"), "blue"),
        (_("Working"), "amber"),
        (_("Qualified"), "green"),
        (_("Nurturing"), "violet"),
        (_("Disqualified"), "slate"),
    ]
    label, hue = states[(index * 3) % 5]
    touched = timezone.now() - timedelta(days=(index * 7) % 30)
    return {
        "id": index,
        "url": reverse("styleguide:record"),
        "title": name,
        "subtitle": job,
        "avatar": {"text": seeds.initials(name)[0], "hue": seeds.hue(name)},
        "cells": [
            {"kind": "text", "value": seeds.customer(index)["name"]},
            {"kind": "tag", "label": label, "hue": hue},
            {"kind": "score", "value": 96 - (index * 2) % 80},
            {"kind": "money", "value": seeds.amount(index), "currency": CURRENCY},
            {"kind": "person", **seeds.person(index)},
            {"kind": "ago", "value": touched, "late": (index * 7) % 30 > 14},
            {"kind": "phone", "value": f"+86 138 {1000 + index * 137 % 9000} {1685 + index * 211 % 8000}"},
        ],
    }


def list_page(words: str, start: int) -> dict[str, Any]:
    here = reverse("styleguide:list")
    rows = [lead_row(index) for index in range(start, min(start + 25, 60))]
    rows = [row for row in rows if words.lower() in row["title"].lower()]
    return {
        "title": _("Leads"),
        "icon": "user-round-plus",
        "hue": "blue",
        "count_label": "60" if not words else str(len(rows)),
        "new_url": reverse("styleguide:form"),
        "new_label": _("New lead"),
        "views": [
            {"label": _("All open"), "url": here, "current": True, "count": None},
            {"label": _("My new leads"), "url": here, "current": False, "count": 8},
            {"label": _("Hot, untouched"), "url": here, "current": False, "count": 5},
        ],
        "layouts": [
            {"icon": "table-2", "label": _("Table"), "url": here, "current": True},
            {"icon": "kanban", "label": _("Board"), "url": reverse("styleguide:board"), "current": False},
        ],
        "search": {"name": "q", "value": words, "placeholder": _("Filter this list"), "url": here},
        "filters": [
            {
                "name": "state",
                "label": _("State"),
                "value_label": _("New"),
                "clear_url": here,
                "options": [
                    {"value": "new", "label": _("New"), "selected": True, "url": here, "hue": "blue"},
                    {"value": "working", "label": _("Working"), "selected": False, "url": here, "hue": "amber"},
                ],
            },
            {
                "name": "owner",
                "label": _("Owner"),
                "value_label": "",
                "clear_url": "",
                "options": [{"value": name, "label": name, "selected": False, "url": here} for name in seeds.PEOPLE],
            },
        ],
        "columns": [
            {"name": "name", "label": _("Name"), "align": "left", "sort_url": "?sort=name", "sort": "none"},
            {"name": "company", "label": _("Company"), "align": "left"},
            {"name": "state", "label": _("State"), "align": "left"},
            {"name": "score", "label": _("Score"), "align": "left", "sort_url": "?sort=score", "sort": "descending"},
            {"name": "value", "label": _("Estimated value"), "align": "right", "sort_url": "?sort=value", "sort": "none"},
            {"name": "owner", "label": _("Owner"), "align": "left"},
            {"name": "touched", "label": _("Last touch"), "align": "left"},
            {"name": "phone", "label": _("Phone"), "align": "left"},
        ],
        "rows": rows,
        "next_url": f"{here}?start={start + 25}" if start + 25 < 60 and not words else None,
        "clear_url": here,
        "empty": {"title": _("No leads yet"), "text": "", "action_url": reverse("styleguide:form"), "action_label": _("New lead")},
        "bulk": [
            {"name": "assign", "label": _("Assign"), "icon": "user-round-check"},
            {"name": "export", "label": _("Export"), "icon": "download"},
        ],
        "bulk_url": reverse("styleguide:dialog"),
        "extra_actions": [{"label": _("Import"), "url": reverse("styleguide:form"), "icon": "upload"}],
    }


def board_page() -> dict[str, Any]:
    today = timezone.localdate()
    stages = [
        ("qualify", _("Qualify"), "slate", 10, 6),
        ("discover", _("Discover"), "blue", 25, 5),
        ("propose", _("Propose"), "violet", 50, 5),
        ("negotiate", _("Negotiate"), "amber", 75, 4),
        ("commit", _("Commit"), "green", 90, 3),
    ]
    columns: list[dict[str, Any]] = []
    serial = 0
    for key, label, hue, probability, size in stages:
        cards = []
        for _index in range(size):
            serial += 1
            who, close, due = seeds.customer(serial * 5), seeds.near(serial, today), seeds.near(serial * 3, today)
            cards.append(
                {
                    "id": serial,
                    "url": reverse("styleguide:record"),
                    "title": seeds.DEALS[serial % len(seeds.DEALS)],
                    "account": who["name"],
                    "avatar": who["avatar"],
                    "amount": seeds.amount(serial),
                    "currency": CURRENCY,
                    "close": close,
                    "close_late": close < today,
                    "days": 20 + serial,
                    "stale": serial % 4 == 0,
                    "owner": seeds.person(serial),
                    "next": {"icon": "phone", "label": seeds.NEXT_STEPS[serial % len(seeds.NEXT_STEPS)], "due": due},
                }
            )
        total = sum(card["amount"] for card in cards)
        columns.append(
            {
                "key": key,
                "label": label,
                "hue": hue,
                "count": size,
                "sum": total,
                "weighted": total * probability / 100,
                "currency": CURRENCY,
                "share": 100 - len(columns) * 16,
                "probability": probability,
                "cards": cards,
            }
        )
    page = list_page("", 0)
    return {
        **page,
        "title": _("Pipeline"),
        "icon": "kanban",
        "count_label": "23",
        "region": "board",
        "new_label": _("New opportunity"),
        "move_url": reverse("styleguide:move"),
        "columns": columns,
        "views": page["views"][:2],
        "bulk": None,
        "layouts": [
            {"icon": "kanban", "label": _("Board"), "url": reverse("styleguide:board"), "current": True},
            {"icon": "table-2", "label": _("Table"), "url": reverse("styleguide:list"), "current": False},
        ],
    }


def timeline(now: datetime) -> list[dict[str, Any]]:
    told = [
        ("file-text", "violet", _("Quote sent"), 0, 2),
        ("phone", "blue", _("Call with the customer"), 0, 3),
        ("arrow-right", "amber", _("Stage changed from Propose to Negotiate"), 1, 5),
        ("mail", "teal", _("E-mail received"), 1, 6),
        ("sticky-note", "slate", _("Note"), 4, 1),
    ]
    days: dict[str, list[dict[str, Any]]] = {}
    for index, (icon, hue, title, days_ago, hours) in enumerate(told):
        at = now - timedelta(days=days_ago, hours=hours)
        body = "" if icon == "arrow-right" else seeds.NOTES[index % len(seeds.NOTES)]
        entry = {"icon": icon, "hue": hue, "title": title, "who": seeds.PEOPLE[index % 2], "at": at, "body": body}
        days.setdefault(day_heading(at), []).append(entry)
    return [{"label": label, "entries": entries} for label, entries in days.items()]


def record_page() -> dict[str, Any]:
    today, here = timezone.localdate(), reverse("styleguide:record")
    return {
        "breadcrumb": [{"label": _("Pipeline"), "url": reverse("styleguide:board")}],
        "number": "OP-1153",
        "title": seeds.DEALS[0],
        "avatar": seeds.customer(0)["avatar"],
        "subtitle_parts": [
            {"text": seeds.CUSTOMERS[0], "kind": "text", "url": here},
            {"text": "¥120,900", "kind": "money"},
            {"text": _("closes in three weeks"), "kind": "date"},
        ],
        "tags": [{"label": _("Renewal"), "hue": "green"}],
        "path": [
            {"label": _("Qualify"), "status": "done", "days": 6},
            {"label": _("Discover"), "status": "done", "days": 11},
            {"label": _("Propose"), "status": "done", "days": 18},
            {"label": _("Negotiate"), "status": "current", "days": 1},
            {"label": _("Commit"), "status": "todo", "days": None},
            {"label": _("Won"), "status": "todo", "days": None},
        ],
        "actions": [
            {
                "name": "log",
                "label": _("Log call"),
                "icon": "phone",
                "allowed": True,
                "url": reverse("styleguide:dialog"),
                "needs_input": True,
            },
            {
                "name": "win",
                "label": _("Win"),
                "icon": "trophy",
                "allowed": False,
                "reasons": [_("Get a quote accepted first.")],
                "url": here,
            },
            {
                "name": "lose",
                "label": _("Lose"),
                "icon": "circle-x",
                "allowed": True,
                "url": reverse("styleguide:dialog"),
                "needs_input": True,
                "danger": True,
            },
            {
                "name": "quote",
                "label": _("Create quote"),
                "icon": "file-text",
                "primary": True,
                "allowed": True,
                "url": reverse("styleguide:toast"),
                "confirm": _("Create a quote over ¥120,900 for this customer?"),
            },
        ],
        "edit_url": reverse("styleguide:dialog"),
        "props": [
            {"icon": "banknote", "label": _("Amount"), "cell": {"kind": "money", "value": 120900, "currency": CURRENCY}},
            {"icon": "percent", "label": _("Probability"), "cell": {"kind": "meter", "value": 75, "hue": "violet", "label": "75%"}},
            {"icon": "calendar", "label": _("Close date"), "cell": {"kind": "date", "value": today + timedelta(days=22)}},
            {"icon": "user-round", "label": _("Owner"), "cell": {"kind": "person", **seeds.person(3)}},
            {"icon": "target", "label": _("Forecast"), "cell": {"kind": "tag", "label": _("Commit"), "hue": "violet"}},
            {"icon": "megaphone", "label": _("Source"), "cell": {"kind": "tag", "label": _("Referral"), "hue": "green"}},
            {"icon": "swords", "label": _("Competitor"), "cell": {"kind": "text", "value": ""}},
            {"icon": "circle-alert", "label": _("Next step due"), "cell": {"kind": "due", "value": today - timedelta(days=2)}},
        ],
        "sections": [
            {
                "title": _("Buying committee"),
                "template": "styleguide/committee.html",
                "people": [
                    {"name": name, "role": role, "tag": tag, "hue": hue}
                    for (name, role), tag, hue in zip(
                        seeds.COMMITTEE, [_("Decision maker"), _("Champion"), _("Influencer")], ["blue", "green", "amber"], strict=True
                    )
                ],
            }
        ],
        "timeline": timeline(timezone.now()),
        "composer": {
            "url": reverse("styleguide:toast"),
            "kinds": [
                {"value": "note", "label": _("Note"), "icon": "sticky-note"},
                {"value": "call", "label": _("Call"), "icon": "phone"},
                {"value": "task", "label": _("Task"), "icon": "circle-check-big"},
            ],
        },
        "chain": [
            {"label": _("Lead"), "icon": "user-round-plus", "status": "done", "detail": "L-0388", "url": here},
            {"label": _("Opportunity"), "icon": "target", "status": "done", "detail": "OP-1153", "url": here},
            {"label": _("Quote"), "icon": "file-text", "status": "current", "detail": "Q-2217", "url": here},
            {"label": _("Order"), "icon": "package-check", "status": "todo", "detail": ""},
            {"label": _("Delivery"), "icon": "truck", "status": "todo", "detail": ""},
            {"label": _("Invoice"), "icon": "receipt", "status": "todo", "detail": ""},
            {"label": _("Payment"), "icon": "hand-coins", "status": "todo", "detail": ""},
        ],
        "next_step": {
            "icon": "calendar",
            "label": seeds.NEXT_STEPS[4],
            "due": today + timedelta(days=1),
            "done_url": reverse("styleguide:toast"),
        },
        "trace_url": reverse("styleguide:dashboard"),
        "related": [
            {
                "title": _("Quotes"),
                "rows": [
                    {"icon": "file-text", "label": "Q-2217", "tag": {"label": _("Sent"), "hue": "blue"}, "detail": "¥120,900", "url": here},
                    {
                        "icon": "file-text",
                        "label": "Q-2209",
                        "tag": {"label": _("Superseded"), "hue": "slate"},
                        "detail": "¥81,400",
                        "url": here,
                    },
                ],
            },
            {"title": _("Contracts"), "rows": []},
        ],
        "prev_url": here,
        "next_url": here,
    }
