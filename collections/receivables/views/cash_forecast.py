"""The page of the cash forecast: week by week what is likely to come in, what a week is made of, and how good past forecasts were."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.web import formats
from ltc.web.navigation import NavItem, register_item
from ltc.web.records import url_of
from ltc.web.workspace import WorkspaceView
from receivables.cash_forecast import WEEKS, LookBack, Week, cash_forecast, likely_items, past_forecasts
from receivables.cash_in_facts import facts_of

register_item(NavItem("cash-forecast", gettext_lazy("Cash forecast"), "trending-up", "cash-forecast", "collect", 47, "receivables.view"))
MOST_SHOWN = 200
REASONS = {
    "promised": (gettext_lazy("Promised"), "violet"), "disputed": (gettext_lazy("Disputed"), "amber"), "": (gettext_lazy("Habit"), "slate"),
}  # fmt: skip


class CashForecastPage(WorkspaceView):
    """All weeks, or the items behind one (`?week=` names a day of it)."""

    permission = "receivables.view"
    active = "cash-forecast"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        facts = facts_of(self.actor, today)
        found = cash_forecast(self.actor, today, weeks=WEEKS, facts=facts)
        week = self._week(request, found.weeks)
        rows = likely_items(self.actor, today, week.first, week.last, facts=facts) if week else []
        back = past_forecasts(self.actor, today, facts)
        named = _("Week of %(day)s")
        context = {
            "forecast": found, "week": week, "likely": [_likely(row) for row in rows[:MOST_SHOWN]], "more": max(0, len(rows) - MOST_SHOWN),
            "weeks": [
                {"week": each, "label": formats.day(each.first), "url": f"?week={each.first.isoformat()}#items", "current": each == week}
                for each in found.weeks
            ],
            "chart": {
                "kind": "line", "axis": _("Week"), "currency": found.currency, "labels": [_short(each.first) for each in found.weeks],
                "series": [
                    {"name": _("Probable (p50)"), "hue": "green", "values": [float(each.p50) for each in found.weeks]},
                    {"name": _("At least (p10)"), "hue": "amber", "dashed": True, "values": [float(each.p10) for each in found.weeks]},
                    {"name": _("At most (p90)"), "hue": "blue", "dashed": True, "values": [float(each.p90) for each in found.weeks]},
                ],
            },
            "past": _past_chart(back, found.currency), "quality": _quality(back),
            "back": [
                {"label": named % {"day": formats.day(each.first)}, **vars(each.told), "is_within": each.told.is_within}
                for each in reversed(back.weeks)
            ],
            "metric_url": reverse("metric-page", args=["coll.expected"]) if self.actor.has_perm("metrics.view") else "",
        }  # fmt: skip
        return self.show("collections/cash_forecast.html", context)

    def _week(self, request: HttpRequest, weeks: tuple[Week, ...]) -> Week | None:
        try:
            asked = parse_date(request.GET.get("week", ""))
        except ValueError:
            asked = None
        return next((week for week in weeks if asked and week.first <= asked <= week.last), None)


def _short(day: date) -> str:
    return f"{day:%m-%d}"


def _likely(row: Any) -> dict[str, Any]:
    label, hue = REASONS[row.reason]
    return {"row": row, "url": url_of("collections.receivableitem", row.item), "reason": label, "hue": hue, "chance": row.chance * 100}


def _past_chart(back: LookBack, currency: str) -> dict[str, Any] | None:
    if not back.weeks:
        return None
    told = [week.told for week in back.weeks]
    return {
        "kind": "bars", "axis": _("Week"), "currency": currency, "labels": [_short(week.first) for week in back.weeks],
        "series": [
            {"name": _("Came in"), "hue": "green", "values": [round(each.came, 2) for each in told]},
            {"name": _("At least (p10)"), "hue": "amber", "kind": "line", "dashed": True, "values": [round(each.p10, 2) for each in told]},
            {"name": _("At most (p90)"), "hue": "blue", "kind": "line", "dashed": True, "values": [round(each.p90, 2) for each in told]},
        ],
    }  # fmt: skip


def _quality(back: LookBack) -> list[dict[str, Any]]:
    """A line for each distance that was foretold, in percent."""
    return [
        {"distance": number, **{name: _percent(value) for name, value in vars(found).items() if name != "weeks"}, "weeks": found.weeks}
        for number, found in enumerate(back.by_distance, start=1)
        if found.weeks
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100
