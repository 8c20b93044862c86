"""The process map as a page: boxes for steps, lines for moves, and below them the variants with the records that took them."""

from decimal import Decimal
from itertools import islice
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from ltc.analytics.looks import Look, look_of, name_of
from ltc.analytics.periods import Length
from ltc.analytics.process import BEGUN, ENDED, Map, Process, Waits, mapped, process_named, processes
from ltc.analytics.views.behind import ROWS, record_url
from ltc.analytics.views.drawing import Drawn
from ltc.web.navigation import NavItem, register_item

MOST_VARIANTS = 30
BOX, GAP, HIGH, EDGE = 128, 44, 52, 16
LINE, BOW, FURTHEST_BOW = 10, 26, 4
LENGTHS = {Length.MONTH: gettext_lazy("Month"), Length.QUARTER: gettext_lazy("Quarter"), Length.YEAR: gettext_lazy("Year")}
OF = {ENDED: gettext_lazy("Ended in the period"), BEGUN: gettext_lazy("Begun in the period")}

register_item(
    NavItem("process", gettext_lazy("Process map"), "workflow", "process-map", group="insight", order=75, permission="metrics.view")
)


def days(value: Decimal | None) -> str:
    """Days as people read them."""
    return "—" if value is None else _("%(n)s days") % {"n": f"{value:.1f}".removesuffix(".0")}


class ProcessPage(View):
    """How leads, deals or orders really went in a period."""

    permission = "metrics.view"

    def get(self, request: Any, code: str = "") -> HttpResponse:
        look, offered = look_of(request), processes()
        found = process_named(code) if code else next(iter(offered), None)
        if found is None:
            raise Http404
        of = BEGUN if request.GET.get("of") == BEGUN else ENDED
        drawn = mapped(found, found.traces(look.question(), of))
        chosen = request.GET.get("variant", "")[:400]
        page = _described(found, look, drawn, of, chosen)
        page["processes"] = [
            {"label": each.label, "url": look.url(reverse("process", args=[each.code]), of=_told(of)), "current": each is found}
            for each in offered
        ]
        if chosen:
            page |= _rows(request, found, look, of, chosen)
        return render(request, "analytics/process.html", {"page": page})


def _told(of: str) -> str | None:
    return of if of != ENDED else None


def _described(found: Process, look: Look, drawn: Map, of: str, chosen: str) -> Drawn:
    path, slow = reverse("process", args=[found.code]), drawn.bottleneck

    def link(**other: Any) -> str:
        return look.url(path, **{"of": _told(of), **other})

    most = max((waits.total for waits in drawn.steps.values()), default=Decimal(0))
    return {
        "title": _("Process map"), "period": name_of(look.period, look.length), "cases": drawn.cases, "chosen": chosen,
        "board_url": look.url(reverse("dashboard")), "earlier_url": link(offset=look.offset - 1), "all_url": link(),
        "later_url": link(offset=look.offset + 1) if look.offset else None,
        "lengths": [
            {"label": label, "url": link(period=length.value, offset=None), "current": length is look.length}
            for length, label in LENGTHS.items()
        ],
        "ofs": [{"label": label, "url": link(of=_told(name)), "current": name == of} for name, label in OF.items()],
        "rework": _per_cent(drawn.share(drawn.reworked)), "skips": _per_cent(drawn.share(drawn.skipping)),
        "variants_in_all": len(drawn.variants), "bottleneck": found.steps.get(slow, ""),
        "bottleneck_days": days(drawn.steps[slow].median) if slow else "",
        "map": _drawing(found, drawn),
        "steps": [
            {"label": found.steps[step], "days": days(waits.median), "count": waits.count, "slow": step == slow,
             "share": int(waits.total / most * 100) if most else 0}
            for step, waits in drawn.steps.items() if waits.count
        ],
        "variants": [
            {"steps": [found.steps[step] for step in each.way], "count": each.count, "share": _per_cent(drawn.share(each.count)),
             "days": days(Waits(each.days).median), "rework": each.rework, "skips": each.skips, "url": link(variant=each.key),
             "current": each.key == chosen}
            for each in drawn.variants[:MOST_VARIANTS]
        ],
    }  # fmt: skip


def _per_cent(share: Decimal | None) -> str:
    return "—" if share is None else f"{share * 100:.1f}%"


def _rows(request: Any, found: Process, look: Look, of: str, chosen: str) -> Drawn:
    start = int(after) if (after := request.GET.get("after", "0")).isdecimal() and len(after) < 9 else 0
    traces = (trace for trace in found.traces(look.question(), of) if ">".join(trace.way) == chosen)
    total = sum(1 for _each in islice(traces, start))
    counted = list(islice(traces, ROWS))
    total += len(counted) + sum(1 for _each in traces)
    keep: dict[str, Any] = {"of": _told(of), "variant": chosen}
    return {
        "total": total,
        "rows": [
            {"label": each.fact.label, "url": record_url(each.fact.kind, each.fact.id), "days": days(each.days), "ended": each.steps[-1][1]}
            for each in counted
        ],
        "next_url": look.url(after=start + ROWS, **keep) if total > start + ROWS else None,
        "previous_url": look.url(after=max(start - ROWS, 0) or None, **keep) if start else None,
    }


def _drawing(found: Process, drawn: Map) -> Drawn:
    """The map as boxes and lines: the path from left to right, what is beside it below; turning back and leaving out are bows."""
    place, boxes, order = dict[str, tuple[int, int]](), [], list(found.path)
    ahead = (order.index(end) - order.index(start) for start, end in drawn.moves if start in found.path and end in found.path)
    top = EDGE + BOW * min(max((steps for steps in ahead if steps > 1), default=0), FURTHEST_BOW)
    for row, steps in enumerate((found.path, found.aside)):
        for number, step in enumerate(steps):
            place[step] = x, y = 8 + number * (BOX + GAP), top + row * (HIGH + 2 * BOW + 40)
            waits = drawn.steps[step]
            boxes.append({
                "x": x, "y": y, "label": found.steps[step], "middle": x + BOX // 2, "first": y + 22, "second": y + 40,
                "note": days(waits.median) if waits.count else "", "slow": step == drawn.bottleneck, "end": step in found.ends,
            })  # fmt: skip
    most = max((waits.count for waits in drawn.moves.values()), default=1)
    lines = [
        {"d": _line(place[start], place[end]), "width": max(1, round(LINE * waits.count / most)), "back": place[end] <= place[start],
         "title": f"{found.steps[start]} → {found.steps[end]}: {waits.count}, {days(waits.median)}"}
        for (start, end), waits in sorted(drawn.moves.items(), key=lambda move: -move[1].count)
    ]  # fmt: skip
    wide = max(len(found.path), len(found.aside)) * (BOX + GAP)
    return {"boxes": boxes, "lines": lines, "wide": wide, "high": top + 2 * HIGH + 2 * BOW + 60, "box": BOX, "box_high": HIGH}


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    """The way of a line: straight to the next box, over those that are left out, under those that it turns back across."""
    (x1, y1), (x2, y2) = start, end
    if y1 != y2:
        down = y2 > y1
        from_y, to_y = (y1 + HIGH, y2) if down else (y1, y2 + HIGH)
        half = (from_y + to_y) // 2
        return f"M{x1 + BOX // 2} {from_y}C{x1 + BOX // 2} {half} {x2 + BOX // 2} {half} {x2 + BOX // 2} {to_y}"
    if x1 < x2 <= x1 + BOX + GAP:
        return f"M{x1 + BOX} {y1 + HIGH // 2}H{x2}"
    over = x2 > x1
    edge = y1 if over else y1 + HIGH
    steps = abs(x2 - x1) // (BOX + GAP)
    bow = edge - BOW * min(steps, FURTHEST_BOW) if over else edge + BOW
    return f"M{x1 + BOX // 2} {edge}C{x1 + BOX // 2} {bow} {x2 + BOX // 2} {bow} {x2 + BOX // 2} {edge}"
