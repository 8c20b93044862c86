"""The lead-to-cash dashboard. Period and comparison are in the URL; htmx swaps the board, so switching needs no reload."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ltc.analytics import selectors
from ltc.analytics.periods import Length, Period, period_of
from ltc.analytics.registry import Answer, Metric, Question, metric_named, metrics, panels
from ltc.analytics.selectors import StepTotal
from ltc.refusals import Forbidden
from ltc.web.records import list_url
from ltc.web.templatetags.ui import short_money

SPARKS = {"lead.count": "leads", "cash.collected": "cash"}
HEADLINES = ("lead.count", "opp.win_rate", "cycle.lead_to_cash", "cash.collected", "ar.overdue")


def dashboard(request: Any) -> HttpResponse:
    """The whole way from lead to cash of one period, beside the period before."""
    if request.actor is None:
        raise Http404
    if not request.actor.has_perm("metrics.view"):
        raise Forbidden(_("Your role does not include the dashboards."))
    zone, now = ZoneInfo(request.tenant.time_zone), timezone.now()
    length, offset = _choice(request)
    today = now.astimezone(zone).date()
    period, before = period_of(today, length, zone, offset), period_of(today, length, zone, offset - 1)
    question, earlier = Question(period, now, request.actor), Question(before, now, request.actor)
    seen = selectors.seen_by(request.actor, period)
    totals, trend = selectors.funnel_of(period, seen), selectors.trend(period, seen)
    page = {
        "title": _("Lead to cash"),
        "period": _name(period, length),
        "lengths": [{"label": label, "url": _url(each, 0), "current": each == length} for each, label in _lengths()],
        "previous_url": _url(length, offset - 1),
        "next_url": _url(length, offset + 1) if offset < 0 else None,
        "counted_at": selectors.counted_at(),
        "currency": request.tenant.base_currency,
        "kpis": [
            _kpi(found, _answers(found, question, earlier, seen), trend, request.tenant.base_currency)
            for code in HEADLINES
            if (found := metric_named(code))
        ],
        "steps": [_bar(total, request.actor) for total in totals],
        "has_leads": any(total.count for total in totals),
        "flow": _flow(selectors.by_channel(period, seen), totals),
        "panels": [
            {"label": panel.label, "note": panel.note, "rows": [_row(row, request.tenant.base_currency) for row in panel.rows(question)]}
            for panel in panels()
        ],
    }
    template = "analytics/dashboard.html#board" if request.htmx and not request.htmx.boosted else "analytics/dashboard.html"
    return render(request, template, {"page": page})


def definitions(request: Any) -> HttpResponse:
    """What each number means: its formula in words."""
    if request.actor is None:
        raise Http404
    if not request.actor.has_perm("metrics.view"):
        raise Forbidden(_("Your role does not include the dashboards."))
    return render(request, "analytics/definitions.html", {"page": {"title": _("Definitions"), "metrics": metrics()}})


def _choice(request: Any) -> tuple[Length, int]:
    length = request.GET.get("period", Length.QUARTER)
    offset = request.GET.get("offset", "0")
    if length not in list(Length) or not offset.lstrip("-").isdecimal() or not -400 <= int(offset) <= 0:
        return Length.QUARTER, 0
    return Length(length), int(offset)


def _lengths() -> list[tuple[Length, str]]:
    return [(Length.MONTH, _("Month")), (Length.QUARTER, _("Quarter")), (Length.YEAR, _("Year"))]


def _url(length: Length, offset: int) -> str:
    return "?" + urlencode({"period": length.value, "offset": offset})


def _name(period: Period, length: Length) -> str:
    first: date = period.first
    if length is Length.YEAR:
        return str(first.year)
    if length is Length.QUARTER:
        return _("Q%(quarter)d %(year)d") % {"quarter": (first.month + 2) // 3, "year": first.year}
    return date_format(first, "YEAR_MONTH_FORMAT")


def shown(metric: Metric, answer: Answer, currency: str) -> str:
    """An answer as people read it, money in the tenant's currency; a dash where there is nothing to say."""
    if answer.value is None:
        return "—"
    if metric.unit == "rate":
        return f"{answer.value * 100:.1f}%"
    if metric.unit == "money":
        return short_money(answer.value, answer.currency or currency)
    if metric.unit == "days":
        return _("%(n)s days") % {"n": f"{answer.value:.0f}"}
    return f"{answer.value:,.0f}"


def _answers(metric: Metric, question: Question, earlier: Question, seen: selectors.Seen | None) -> tuple[Answer, Answer]:
    """A headline of the period and of the one before; leads are counted by the roll-up for who sees all of them."""
    if metric.code != "lead.count" or seen is not None:
        return metric.compute(question), metric.compute(earlier)
    now, then = (Decimal(selectors.funnel_of(each.period, None)[0].count) for each in (question, earlier))
    return Answer(now, now), Answer(then, then)


def _kpi(metric: Metric, answers: tuple[Answer, Answer], trend: dict[str, list[int]], currency: str) -> dict[str, Any]:
    now, then = answers
    change, up = "", False
    if now.value is not None and then.value is not None:
        difference = now.value - then.value
        up = difference > 0
        if metric.unit == "rate":
            change = _("%(n)+.1f pt") % {"n": difference * 100}
        elif then.value:
            change = f"{difference / then.value * 100:+.1f}%"
    if now.value == then.value:
        change = ""
    good = up == (metric.direction == "up")
    values = trend.get(SPARKS.get(metric.code, ""))
    return {"label": metric.label, "value": shown(metric, now, currency), "delta": change, "up": up, "good": good, "values": values}


def _row(row: dict[str, Any], currency: str) -> dict[str, Any]:
    """A row of a panel; one whose value is an amount shows it in the tenant's currency."""
    return {**row, "shown": short_money(row["value"], currency)} if row.get("is_amount") else row


def _bar(total: StepTotal, actor: Any) -> dict[str, Any]:
    url = list_url(total.page, actor) if total.page else ""
    return {"label": total.label, "n": total.count, "hue": total.hue, "amount": total.amount or None, "days": total.days, "url": url}


def _flow(cells: list[tuple[str, str, int]], totals: list[StepTotal]) -> dict[str, Any]:
    """Channel → furthest step reached: a lead that reached a step and not the next ends there."""
    reached: dict[str, dict[str, int]] = {}
    for channel, step, count in cells:
        reached.setdefault(channel, {})[step] = count
    links: list[dict[str, Any]] = []
    order = [total.code for total in totals]
    labels = {total.code: str(total.label) for total in totals}
    for channel, counts in reached.items():
        for index, code in enumerate(order):
            following = counts.get(order[index + 1], 0) if index + 1 < len(order) else 0
            stayed = counts.get(code, 0) - following
            if stayed > 0:
                links.append({"source": channel, "target": labels[code], "value": stayed})
    names: set[str] = {link["source"] for link in links} | {link["target"] for link in links}
    hues = {str(total.label): total.hue for total in totals}
    nodes = [{"name": name, "label": name, "hue": hues.get(name, "slate")} for name in sorted(names)]
    return {"kind": "sankey", "nodes": nodes, "links": links, "unit": _("leads")} if links else {}
