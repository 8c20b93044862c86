"""The page behind a number: its definition, its value, its slices, and the list of exactly the records that it counts."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from ltc.analytics.counted import Answer, Counted, Question
from ltc.analytics.looks import Look, look_of, name_of
from ltc.analytics.models import MetricSnapshot
from ltc.analytics.past import slice_labels
from ltc.analytics.registry import SLICES, Metric, Step, metric_named, step_named
from ltc.analytics.views import drawing
from ltc.analytics.views.drawing import Drawn
from ltc.refusals import Forbidden
from ltc.web.records import pages
from ltc.web.saved import guarded

ROWS = 50
NOBODY = "–"
FLAGS = {
    "no_data": gettext_lazy("nothing to divide by"),
    "immature": gettext_lazy("the leads' 90 days are not over yet"),
    "capped": gettext_lazy("capped"),
    "restated": gettext_lazy("restated"),
    "mixed_currency": gettext_lazy("some amounts have no rate and are left out"),
    "quota_met": gettext_lazy("the quota is met"),
    "overdue_close": gettext_lazy("some expected dates have passed"),
    "small_sample": gettext_lazy("fewer than five answers"),
}
DIMENSIONS = {
    "owner": gettext_lazy("Owner"),
    "team": gettext_lazy("Team"),
    "channel": gettext_lazy("Channel"),
    "campaign": gettext_lazy("Campaign"),
    "product": gettext_lazy("Product"),
    "region": gettext_lazy("Region"),
    "segment": gettext_lazy("Segment"),
}


NUMBER: Final = re.compile(r"[+-][\d .,%]*")


class _Lines:
    """csv.writer writes here, and each line is sent as it comes."""

    def write(self, line: str) -> str:
        return line


def as_csv(name: str, heading: list[str], rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    """Rows as a file for a spreadsheet, streamed; names that somebody chose are not taken for formulas."""
    writer = csv.writer(_Lines())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(heading)
        yield from (writer.writerow([_harmless(cell) for cell in row]) for row in rows)

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)


def _harmless(cell: Any) -> Any:
    return guarded(cell) if isinstance(cell, str) and not NUMBER.fullmatch(cell) else cell


def record_url(kind: str, pk: Any) -> str:
    """The page of a record that a metric counted, by the metric's word for its kind; empty if it has none."""
    page = next((each for each in pages() if kind in (each.model._meta.model_name, each.model._meta.label_lower)), None)
    return (page.url_or_none("record", pk) or "") if page else ""


class MetricPage(View):
    """One metric of one period, and what it is made of."""

    permission = "metrics.view"

    def get(self, request: Any, code: str, form: str = "html") -> HttpResponse | StreamingHttpResponse:
        look = look_of(request)
        metric = metric_named(code)
        if metric is None:
            raise Http404
        if not drawing.may_be_told(metric, look.actor):
            raise Forbidden(_("Your role does not include sums of money of customers."))
        by = request.GET.get("by", "") if request.GET.get("by", "") in SLICES else ""
        chosen, role = request.GET.get("slice", ""), request.GET.get("role", "")[:40]
        rows = self._rows(metric, look, by, chosen, role)
        if form == "csv":
            heading = [_("Kind"), _("Record"), _("Counted as"), _("Numerator"), _("Denominator"), "id"]
            told = ([each.fact.kind, each.fact.label, each.role, each.part, each.whole, each.fact.id] for each in rows)
            return as_csv(f"{metric.code}-{look.period.first}-{look.period.last}", heading, told)
        start = int(after) if (after := request.GET.get("after", "0")).isdecimal() and len(after) < 9 else 0
        page = self._described(request, metric, look, by, chosen, role)
        counted = list(islice(rows, start, start + ROWS))
        page["total"] = start + len(counted) + sum(1 for _each in rows)
        page["rows"] = [self._row(each) for each in counted]
        keep = {"by": by, "slice": chosen, "role": role}
        page["next_url"] = look.url(after=start + ROWS, **keep) if page["total"] > start + ROWS else None
        page["previous_url"] = look.url(after=max(start - ROWS, 0) or None, **keep) if start else None
        page["csv_url"] = look.url(reverse("metric-csv", args=[metric.code]), **keep)
        return render(request, "analytics/metric.html", {"page": page})

    @staticmethod
    def _rows(metric: Metric, look: Look, by: str, chosen: str, role: str) -> Iterator[Counted]:
        rows: Iterable[Counted] = metric.read(look.question(by))
        if by and chosen:
            wanted = "" if chosen == NOBODY else chosen
            rows = (each for each in rows if each.fact.dimension(by) == wanted)
        if role:
            rows = (each for each in rows if each.role == role)
        return iter(rows)

    def _described(self, request: Any, metric: Metric, look: Look, by: str, chosen: str, role: str) -> Drawn:
        currency = request.tenant.base_currency
        answer = metric.compute(look.question())
        then = metric.compute(Question(look.other, look.now, look.asker))
        snapshot = MetricSnapshot.objects.filter(code=metric.code, first=look.period.first, last=look.period.last, dims={}).first()
        reported = snapshot.value if snapshot is not None and look.team is None else None
        sliced = metric.sliced(look.question(), by) if by in metric.slices else {}
        names = slice_labels(by, list(sliced)) if sliced else {}
        return {
            "title": metric.label, "metric": metric, "period": name_of(look.period, look.length),
            "value": drawing.shown(metric, answer, currency) if answer.table is None else "",
            "table": answer.table, "flags": [FLAGS.get(flag, flag) for flag in dict.fromkeys(answer.flags)],
            "numerator": answer.numerator, "denominator": answer.denominator,
            "then": drawing.shown(metric, then, currency) if then.table is None else "", "other": name_of(look.other, look.length),
            "reported": drawing.shown(metric, Answer(reported), currency) if reported not in (None, answer.value) else "",
            "team": look.team, "by": by, "chosen": names.get(chosen, chosen), "role": role,
            "slices": [
                {"label": names.get(key, key) or NOBODY, "value": drawing.shown(metric, each, currency), "counted": each.counted,
                 "url": drawing.metric_url(metric, look, by=by, slice=key or NOBODY), "current": key == chosen}
                for key, each in sliced.items()
            ],
            "dimensions": [
                {"label": DIMENSIONS[name], "url": drawing.metric_url(metric, look, by=name), "current": name == by}
                for name in metric.slices
                if name in DIMENSIONS
            ],
            "all_url": drawing.metric_url(metric, look), "board_url": look.url(reverse("dashboard")),
        }  # fmt: skip

    @staticmethod
    def _row(each: Counted) -> Drawn:
        fact = each.fact
        return {
            "kind": fact.kind, "label": fact.label or str(fact.id)[:8], "url": record_url(fact.kind, fact.id), "role": each.role,
            "part": each.part, "whole": each.whole,
        }  # fmt: skip


class StepPage(View):
    """The leads that reached a step of the funnel."""

    permission = "metrics.view"

    def get(self, request: Any, code: str, form: str = "html") -> HttpResponse | StreamingHttpResponse:
        look, step = look_of(request), step_named(code)
        if step is None:
            raise Http404
        channel = request.GET.get("channel", "")[:60]
        leads = step.facts(look.period, look.asker).leads(channel)
        if form == "csv":
            told = ([number, channel, captured.isoformat(), pk] for pk, number, channel, captured in leads.iterator())
            return as_csv(f"{step.code}-{look.period.first}-{look.period.last}", [_("Lead"), _("Channel"), _("Captured"), "id"], told)
        return render(request, "analytics/step.html", {"page": self._described(request, step, look, leads, channel)})

    @staticmethod
    def _described(request: Any, step: Step, look: Look, leads: Any, channel: str) -> Drawn:
        start = int(after) if (after := request.GET.get("after", "0")).isdecimal() and len(after) < 9 else 0
        found, total = list(leads[start : start + ROWS]), leads.count()
        names = slice_labels("channel", sorted({row[2] for row in found} | {channel}))
        return {
            "title": step.label, "period": name_of(look.period, look.length), "total": total, "channel": names.get(channel, channel),
            "rows": [
                {"label": number, "url": record_url("lead", pk), "channel": names.get(code, code), "captured": captured}
                for pk, number, code, captured in found
            ],
            "next_url": look.url(after=start + ROWS, channel=channel) if total > start + ROWS else None,
            "previous_url": look.url(after=max(start - ROWS, 0) or None, channel=channel) if start else None,
            "csv_url": look.url(reverse("step-csv", args=[step.code]), channel=channel),
            "all_url": look.url(reverse("step-page", args=[step.code])), "board_url": look.url(reverse("dashboard")),
        }  # fmt: skip
