"""The figures of a dashboard as its template draws them: numbers in words, bars with the address of what they count."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ltc.analytics.boards import WITHOUT_AMOUNTS
from ltc.analytics.counted import Answer
from ltc.analytics.figures import Figures
from ltc.analytics.looks import Look
from ltc.analytics.parts import Part
from ltc.analytics.past import slice_labels
from ltc.analytics.periods import Length, period_of
from ltc.analytics.registry import Metric, metric_named
from ltc.analytics.selectors import StepTotal
from ltc.web.formats import hue, initials
from ltc.web.templatetags.ui import short_money

MOST_BARS = 8
MONTHS_BACK, MONTHS_AHEAD = 2, 3
Drawn = dict[str, Any]


def shown(metric: Metric, answer: Answer | None, currency: str) -> str:
    """An answer as people read it, money in the tenant's currency; a dash where there is nothing to say."""
    if answer is None:
        return "…"
    if answer.value is None:
        return "—"
    if metric.unit == "rate":
        return f"{answer.value * 100:.1f}%" if abs(answer.value) < 10 else f"{answer.value:.1f}×"
    if metric.unit == "money":
        return short_money(answer.value, answer.currency or currency)
    if metric.unit == "days":
        return _("%(n)s days") % {"n": f"{answer.value:.1f}".removesuffix(".0")}
    if metric.unit == "minutes":
        return _("%(n)s min") % {"n": f"{answer.value:.0f}"}
    return f"{answer.value:,.1f}".removesuffix(".0")


def may_be_told_amounts(actor: Any) -> bool:
    """Whether an actor is told sums of money of customers."""
    return getattr(actor, "role", "") not in WITHOUT_AMOUNTS


def may_be_told(metric: Metric, actor: Any) -> bool:
    """Whether an actor is told this number: some roles are told no sums of money of customers."""
    return metric.unit != "money" or may_be_told_amounts(actor)


def change(metric: Metric, now: Answer | None, then: Answer | None) -> Drawn:
    """How an answer differs from another one, and whether that is good."""
    if now is None or then is None or now.value is None or then.value is None or now.value == then.value:
        return {"delta": "", "up": False, "good": True}
    difference = now.value - then.value
    words = ""
    if metric.unit == "rate":
        words = _("%(n)+.1f pt") % {"n": difference * 100}
    elif then.value:
        words = f"{difference / abs(then.value) * 100:+.1f}%"
    return {"delta": words, "up": difference > 0, "good": (difference > 0) == (metric.direction == "up")}


def metric_url(metric: Metric, look: Look, **more: Any) -> str:
    return look.url(reverse("metric-page", args=[metric.code]), **more)


def step_url(code: str, look: Look, channel: str = "") -> str:
    return look.url(reverse("step-page", args=[code]), channel=channel or None)


def bar(total: StepTotal, look: Look) -> Drawn:
    amount = total.amount if total.amount and may_be_told_amounts(look.actor) else None
    return {
        "label": total.label, "n": total.count, "hue": total.hue, "amount": amount, "days": total.days,
        "url": step_url(total.code, look),
    }  # fmt: skip


def flow(cells: Iterable[tuple[str, str, int]], totals: list[StepTotal], look: Look, names: dict[str, str]) -> Drawn:
    """Channel → furthest step reached: a lead that reached a step and not the next ends there."""
    reached: dict[str, dict[str, int]] = {}
    for channel, code, count in cells:
        reached.setdefault(channel, {})[code] = count
    links: list[Drawn] = []
    order = [total.code for total in totals]
    labels = {total.code: str(total.label) for total in totals}
    for channel, counts in reached.items():
        for index, code in enumerate(order):
            following = counts.get(order[index + 1], 0) if index + 1 < len(order) else 0
            stayed = counts.get(code, 0) - following
            if stayed > 0:
                links.append({"source": names.get(channel, channel), "target": labels[code], "value": stayed})
    if not links:
        return {}
    called = {link["source"] for link in links} | {link["target"] for link in links}
    hues = {str(total.label): total.hue for total in totals}
    urls = {labels[code]: step_url(code, look) for code in order}
    urls |= {names.get(channel, channel): step_url(order[0], look, channel) for channel in reached}
    nodes = [{"name": name, "label": name, "hue": hues.get(name, "slate")} for name in sorted(called)]
    return {"kind": "sankey", "nodes": nodes, "links": links, "unit": _("leads"), "urls": urls}


def bars(part: Part, metric: Metric, look: Look, figures: Figures, currency: str) -> list[Drawn]:
    """The slices of a metric as bars, largest first; each opens its records."""
    answers = {key: answer for key, answer in figures.slices(metric, part.by).items() if answer.value is not None}
    names = slice_labels(part.by, list(answers))
    rows = []
    for key, answer in sorted(answers.items(), key=lambda pair: -(pair[1].value or Decimal(0)))[:MOST_BARS]:
        label = names.get(key, key) or "–"
        rows.append({
            "label": label, "value": answer.value, "shown": shown(metric, answer, currency),
            "hue": "green" if metric.unit == "rate" and (answer.value or 0) >= 1 else "violet",
            "avatar": {"text": initials(label), "hue": hue(label)} if part.by == "owner" and key else None,
            "url": metric_url(metric, look, by=part.by, slice=key or "–"),
        })  # fmt: skip
    return rows


def origins(part: Part, look: Look, figures: Figures, names: dict[str, str], currency: str) -> list[Drawn]:
    """The lines of an attribution table as bars, by first touch. A payment may belong to several, so each opens the whole."""
    metric = metric_named(part.codes[0])
    answer = figures.of(metric) if metric else None
    if metric is None or answer is None or not answer.table or not may_be_told(metric, look.actor):
        return []
    amounts = {key: Decimal(cells["first"]) for key, cells in answer.table.items() if key != "total"}
    return [
        {
            "label": _("On account") if key == "on_account" else names.get(key, key),
            "value": amount,
            "shown": money(amount, currency),
            "hue": "green",
            "url": metric_url(metric, look),
        }
        for key, amount in sorted(amounts.items(), key=lambda pair: -pair[1])[:MOST_BARS]
        if amount > 0
    ]


def numbers(part: Part, look: Look, figures: Figures, currency: str) -> list[Drawn]:
    """Several metrics side by side as rows: the number, and how it was in the other period."""
    rows = []
    for code in part.codes:
        metric = metric_named(code)
        if metric is None or not may_be_told(metric, look.actor):
            continue
        now, then = figures.of(metric), figures.of(metric, look.other)
        rows.append({
            "label": metric.label, "shown": shown(metric, now, currency), "then": shown(metric, then, currency),
            "url": metric_url(metric, look), **change(metric, now, then),
        })  # fmt: skip
    return rows


def months_around(look: Look) -> list[Any]:
    return [period_of(look.today, Length.MONTH, look.zone, offset) for offset in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]


def forecast(part: Part, look: Look, figures: Figures, currency: str) -> Drawn:
    """What was won and what is expected, month by month, against the quota."""
    found = [metric_named(code) for code in part.codes]
    if any(metric is None or not may_be_told(metric, look.actor) for metric in found):
        return {}
    months = months_around(look)
    asked = [[figures.of(metric, month) if metric else None for month in months] for metric in found]

    def amounts(answers: list[Answer | None]) -> list[float]:
        return [float(answer.value or 0) if answer else 0.0 for answer in answers]

    closed, commit, best = (amounts(answers) for answers in asked[:3])
    quota = [float(answer.denominator or 0) if answer else 0.0 for answer in asked[3]]
    if not any((*best, *quota)):
        return {}
    return {
        "kind": "bars", "currency": currency, "labels": [date_format(month.first, "YEAR_MONTH_FORMAT") for month in months],
        "series": [
            {"name": _("Won"), "hue": "green", "values": closed},
            {"name": _("Commit"), "hue": "accent", "values": _more(commit, closed)},
            {"name": _("Best case"), "hue": "violet", "faint": True, "values": _more(best, commit)},
            {"name": _("Quota"), "hue": "text", "kind": "step", "values": quota},
        ],
        "urls": {
            date_format(month.first, "YEAR_MONTH_FORMAT"): metric_url(found[2], look, period="month", offset=number)
            for number, month in zip(range(-MONTHS_BACK, MONTHS_AHEAD + 1), months, strict=True)
            if found[2] is not None and number <= 0
        },
    }  # fmt: skip


def _more(upper: list[float], lower: list[float]) -> list[float]:
    return [round(high - low, 2) for high, low in zip(upper, lower, strict=True)]


def channels(part: Part, look: Look, figures: Figures, names: dict[str, str], currency: str) -> list[Drawn]:
    """The table of the channels, the total last; sums of money only for who is told them."""
    metric = metric_named(part.codes[0])
    answer = figures.of(metric) if metric else None
    if metric is None or answer is None or not answer.table:
        return []
    told = may_be_told_amounts(look.actor)
    amounts = ("spend", "cpl", "cost_per_win", *(("won_amount",) if told else ()))
    rows = []
    for code, cells in answer.table.items():
        total = code == "total"
        row: Drawn = {"label": _("Total") if total else names.get(code, code), "total": total}
        row["url"] = "" if total else metric_url(metric, look, by="channel", slice=code)
        row |= {name: cells.get(name) for name in ("leads", "converted", "won")}
        row |= {name: percent(cells.get(name)) for name in ("rate", "roi")}
        row |= {name: money(cells.get(name), currency) for name in amounts}
        rows.append(row)
    return rows


def percent(text: Any) -> str:
    return "—" if text is None else f"{Decimal(str(text)) * 100:.1f}%"


def money(text: Any, currency: str) -> str:
    return "—" if text is None else short_money(Decimal(str(text)), currency)
