"""The dashboards. Board, period, comparison and team are in the URL; htmx swaps the board, so switching needs no reload."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ltc.analytics import selectors
from ltc.analytics.boards import Board, boards_of
from ltc.analytics.figures import Figures, reported
from ltc.analytics.looks import Look, look_of, name_of
from ltc.analytics.narrowed import teams_of
from ltc.analytics.parts import PARTS, Part
from ltc.analytics.past import slice_labels
from ltc.analytics.periods import Length
from ltc.analytics.registry import Metric, metric_named, metrics, panels
from ltc.analytics.selectors import StepTotal
from ltc.analytics.views import drawing
from ltc.analytics.views.behind import as_csv
from ltc.analytics.views.drawing import Drawn

SPARK_PERIODS = 7
COURSES = {"lead.count": "leads", "cash.collected": "cash"}


def dashboard(request: Any, code: str = "", form: str = "html") -> HttpResponse | StreamingHttpResponse:
    """One board of figures for one period, beside another one; as a page, or its numbers as a file."""
    look = look_of(request)
    offered = boards_of(look.actor.role)
    board = next((each for each in offered if each.code == code), offered[0] if offered and not code else None)
    if board is None:
        if not offered:
            return redirect("metric-definitions")
        raise Http404
    page = _Page(request, board, look).described()
    if form == "csv":
        return as_csv(f"{board.code}-{look.period.first}-{look.period.last}", [_("Figure"), page["period"], page["versus"]], _lines(page))
    page["csv_url"] = look.url(reverse("board-csv", args=[board.code]))
    page["boards"] = [
        {"label": each.label, "url": look.url(reverse("board", args=[each.code])), "current": each is board} for each in offered
    ]
    template = "analytics/dashboard.html#board" if request.htmx and not request.htmx.boosted else "analytics/dashboard.html"
    return render(request, template, {"page": page})


def _lines(page: Drawn) -> Iterator[list[Any]]:
    """The numbers of a board, line by line: headlines, then what stands below them."""
    yield from ([kpi["label"], kpi["value"], kpi["delta"]] for kpi in page["kpis"])
    for part in page["parts"]:
        yield [part["label"], "", ""]
        yield from ([row["label"], row.get("shown", row.get("leads")), row.get("then", row.get("won"))] for row in part.get("rows", ()))
        yield from ([step["label"], step["n"], step["amount"] or ""] for step in part.get("steps", ()))


class _Page:
    """What the template of a board needs."""

    def __init__(self, request: Any, board: Board, look: Look) -> None:
        self.board, self.look, self.currency = board, look, request.tenant.base_currency
        self.figures = Figures(look.question(), [look.period, look.other, *drawing.months_around(look)])
        self._seen: selectors.Seen | None = None
        self._totals: list[StepTotal] | None = None
        self._trend: dict[str, list[int]] | None = None

    def described(self) -> Drawn:
        look = self.look
        kpis = [metric for code in self.board.headlines if (metric := metric_named(code)) and drawing.may_be_told(metric, look.actor)]
        before = [look.back(number) for number in range(SPARK_PERIODS, 0, -1)]
        kept = reported([metric.code for metric in kpis], before)
        return {
            "title": self.board.label,
            "period": name_of(look.period, look.length),
            "versus": _("vs %(period)s") % {"period": name_of(look.other, look.length)},
            "lengths": [
                {"label": label, "url": look.url(period=each.value, offset=None), "current": each == look.length}
                for each, label in _lengths()
            ],
            "comparisons": [
                {"label": _("the period before"), "url": look.url(compare=None), "current": look.compare == "before"},
                {"label": _("a year ago"), "url": look.url(compare="year"), "current": look.compare == "year"},
            ],
            "teams": self._teams(),
            "team": look.team,
            "previous_url": look.url(offset=look.offset - 1),
            "next_url": look.url(offset=look.offset + 1 or None) if look.offset < 0 else None,
            "counted_at": selectors.counted_at(),
            "currency": self.currency,
            "kpis": [self._kpi(metric, [kept.get((metric.code, period.first)) for period in before]) for metric in kpis],
            "parts": [drawn for code in self.board.parts if (drawn := self._part(code))],
        }

    def _teams(self) -> list[Drawn]:
        found = teams_of(self.look.actor)
        if len(found) < 2:
            return []
        every = [{"label": _("All teams"), "url": self.look.url(team=None), "current": self.look.team is None}]
        return every + [
            {
                "label": team.name,
                "url": self.look.url(team=team.pk),
                "current": team == self.look.team,
            }
            for team in found
        ]

    def _kpi(self, metric: Metric, before: list[Any]) -> Drawn:
        now, then = self.figures.of(metric), self.figures.of(metric, self.look.other)
        values = [row.value for row in before if row is not None and row.value is not None] if self.look.team is None else []
        if now is not None and now.value is not None:
            values.append(now.value)
        if len(values) <= 2:
            values = self._course(metric)
        return {
            "label": metric.label, "value": drawing.shown(metric, now, self.currency), "values": values or None,
            "url": drawing.metric_url(metric, self.look), **drawing.change(metric, now, then),
        }  # fmt: skip

    def _course(self, metric: Metric) -> list[Any]:
        """How a headline went within the period, where the funnel counts it day by day; empty for the others."""
        if metric.code not in COURSES:
            return []
        if self._trend is None:
            _ = self.totals
            self._trend = selectors.trend(self.look.period, self._seen)
        return list(self._trend.get(COURSES[metric.code], ()))

    @property
    def totals(self) -> list[StepTotal]:
        if self._totals is None:
            self._seen = selectors.seen_by(self.look.asker, self.look.period)
            self._totals = selectors.funnel_of(self.look.period, self._seen)
        return self._totals

    def _part(self, code: str) -> Drawn | None:
        if code not in PARTS:
            return self._panel(code)
        part = PARTS[code]
        drawn = {"label": part.label, "note": part.note, "wide": part.wide, "drawing": part.drawing}
        match part.drawing:
            case "funnel":
                return {
                    **drawn,
                    "steps": [drawing.bar(total, self.look) for total in self.totals],
                    "any": any(t.count for t in self.totals),
                }
            case "flow":
                totals = self.totals
                cells = selectors.by_channel(self.look.period, self._seen)
                names = slice_labels("channel", sorted({channel for channel, _step, _n in cells}))
                chart = drawing.flow(cells, totals, self.look, names)
                return {**drawn, "chart": chart} if chart else None
            case "months":
                chart = drawing.forecast(part, self.look, self.figures, self.currency)
                return {**drawn, "chart": chart} if chart else None
            case "slices":
                return self._slices(part, drawn)
            case "origins":
                rows = drawing.origins(part, self.look, self.figures, self._channel_names(part), self.currency)
                return {**drawn, "drawing": "bars", "rows": rows} if rows else None
            case "set":
                rows = drawing.numbers(part, self.look, self.figures, self.currency)
                return {**drawn, "rows": rows} if rows else None
            case "channels":
                rows = drawing.channels(part, self.look, self.figures, self._channel_names(part), self.currency)
                return {**drawn, "rows": rows} if rows else None

    def _channel_names(self, part: Part) -> dict[str, str]:
        metric = metric_named(part.codes[0])
        answer = self.figures.of(metric) if metric else None
        return slice_labels("channel", list(answer.table)) if answer and answer.table else {}

    def _slices(self, part: Part, drawn: Drawn) -> Drawn | None:
        metric = metric_named(part.codes[0])
        if metric is None or part.by not in metric.slices or not drawing.may_be_told(metric, self.look.actor):
            return None
        return {**drawn, "drawing": "bars", "rows": drawing.bars(part, metric, self.look, self.figures, self.currency)}

    def _panel(self, code: str) -> Drawn | None:
        panel = next((each for each in panels() if each.code == code), None)
        if panel is None:
            return None
        rows = panel.rows(self.look.question())
        if any(row.get("is_amount") for row in rows) and not drawing.may_be_told_amounts(self.look.actor):
            return None
        counted = metric_named(panel.metric) if panel.metric else None
        return {
            "label": panel.label, "note": panel.note, "drawing": "bars",
            "rows": [self._panel_row(row, counted) for row in rows],
        }  # fmt: skip

    def _panel_row(self, row: Drawn, metric: Metric | None) -> Drawn:
        drawn = {**row, "shown": drawing.money(row["value"], self.currency)} if row.get("is_amount") else dict(row)
        if metric is not None:
            drawn["url"] = drawing.metric_url(metric, self.look, role=row.get("role"), by=row.get("by"), slice=row.get("slice"))
        return drawn


def definitions(request: Any) -> HttpResponse:
    """What each number means: its formula in words."""
    look = look_of(request)
    rows = [
        {"metric": metric, "url": reverse("metric-page", args=[metric.code])}
        for metric in metrics()
        if drawing.may_be_told(metric, look.actor)
    ]
    return render(request, "analytics/definitions.html", {"page": {"title": _("Definitions"), "rows": rows}})


def _lengths() -> list[tuple[Length, str]]:
    return [(Length.MONTH, _("Month")), (Length.QUARTER, _("Quarter")), (Length.YEAR, _("Year"))]
