"""Template tags of the interface: icons, and how values are written."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ltc.web import formats

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=1000)
def icon(name: str, classes: str = "") -> SafeString:
    """One icon of the sprite; decoration only, so the words stand beside it."""
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, static("ui/icons.svg"), name)


@register.simple_tag
def html_lang() -> str:
    """The page's language as HTML wants it."""
    return "zh-Hans" if (get_language() or "").startswith("zh") else "en"


@register.filter
def money(value: Any, currency: str = "") -> str:
    return formats.money(value, currency)


@register.filter
def exact_money(value: Any, currency: str = "") -> str:
    return formats.money(value, currency, exact=True)


@register.filter
def short_money(value: Any, currency: str = "") -> str:
    return formats.short_money(value, currency)


@register.filter
def short_number(value: Any) -> str:
    return formats.short_number(value)


@register.filter
def number(value: Any, places: int | None = None) -> str:
    return formats.number(value, places)


@register.filter
def percent(value: Any, places: int = 0) -> str:
    return formats.percent(value, places)


@register.filter
def day(value: date | datetime | None) -> str:
    return formats.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    return formats.moment(value)


@register.filter
def clock(value: datetime) -> str:
    return formats.clock(value)


@register.filter
def rel(value: date | datetime | None) -> str:
    return formats.due(value)


@register.filter
def ago(value: date | datetime | None) -> str:
    return formats.ago(value)


@register.filter
def days(value: int | None) -> str:
    return formats.days(value)


@register.filter
def day_heading(value: date | datetime) -> str:
    return formats.day_heading(value)


@register.filter
def due_tone(value: date | datetime | None) -> str:
    """The class that colours a due date: late when past, now when today."""
    if not value:
        return ""
    on, today = formats.local(value), timezone.localdate()
    return "late" if on < today else "now" if on == today else ""


@register.filter
def initials(name: str | None) -> str:
    return formats.initials(name)


@register.filter
def hue(text: Any) -> str:
    return formats.hue(text)


@register.filter
def score_hue(value: int) -> str:
    """Green from 75, amber from 45, else slate."""
    return "green" if int(value or 0) >= 75 else "amber" if int(value or 0) >= 45 else "slate"


@register.filter
def iso(value: date | datetime | None) -> str:
    return value.isoformat() if value else ""


@register.simple_tag
def split_actions(actions: Sequence[dict[str, Any]], most: int = 4) -> dict[str, list[dict[str, Any]]]:
    """The buttons of a record: at most four in sight, those that can be taken and harm nothing first; the others go behind a menu."""
    if len(actions) <= most:
        return {"shown": sorted(actions, key=lambda action: bool(action.get("primary"))), "more": []}
    ranked = sorted(actions, key=lambda action: (not action.get("primary"), not action["allowed"], bool(action.get("danger"))))
    shown = ranked[: most - 1]
    more = [action for action in actions if action not in shown]
    return {"shown": sorted(shown, key=lambda action: bool(action.get("primary"))), "more": more}
