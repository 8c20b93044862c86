"""Template tags that draw: the server writes the SVG, so a figure needs no script and every bar is a link."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template

from ltc.web import figures

register = template.Library()


@register.inclusion_tag("figures/spark.html")
def spark(values: Iterable[figures.Number], hue: str = "blue") -> dict[str, Any]:
    """A sparkline of the values."""
    return {"figure": figures.spark(values or ()), "hue": hue}


@register.inclusion_tag("figures/funnel.html")
def funnel(steps: Sequence[dict[str, Any]], currency: str = "") -> dict[str, Any]:
    """Lead to cash: steps of {label, n, hue, url, amount, days, rate}."""
    return {"steps": figures.funnel(steps), "currency": currency}


@register.inclusion_tag("figures/rowbars.html")
def rowbars(rows: Sequence[dict[str, Any]], hue: str = "slate") -> dict[str, Any]:
    """A list of bars: rows of {label, value, shown, note, url, hue, avatar}."""
    return {"rows": figures.ranked(rows), "hue": hue}


@register.inclusion_tag("figures/aging.html")
def aging(buckets: Sequence[dict[str, Any]], currency: str = "") -> dict[str, Any]:
    """Receivables by age: buckets of {label, value, url} from not due to oldest."""
    return {"buckets": [{**bucket, "age": min(index + 1, 5)} for index, bucket in enumerate(figures.stack(buckets))], "currency": currency}


@register.inclusion_tag("figures/quota.html")
def quota(
    won: figures.Number, target: figures.Number, commit: figures.Number = 0, best: figures.Number = 0, currency: str = "", label: str = ""
) -> dict[str, Any]:
    """Won, committed and best case against a target."""
    parts = figures.stack(
        [{"value": won, "hue": "green"}, {"value": commit, "hue": "violet"}, {"value": best, "hue": "violet", "faint": True}], target or 1
    )
    return {"parts": parts, "won": won, "target": target, "percent": figures.share(won, target), "currency": currency, "label": label}


@register.inclusion_tag("figures/meter.html")
def meter(percentage: figures.Number, hue: str = "", label: str = "") -> dict[str, Any]:
    """A bar that is so many percent full; give a label only when no words beside it say the same."""
    return {"percentage": figures.share(percentage, 100), "hue": hue, "label": label}


@register.simple_tag
def share(value: figures.Number, whole: figures.Number) -> int:
    """A percentage of a whole, for a width."""
    return figures.share(value, whole)
