"""A card of a board as HTML. Written in Python for the same reason as cells: a board has hundreds.

id url title · targets (keys that it may go to; absent: any) · account avatar{text,hue} · amount (text, or a number with currency)
close close_late · days stale · owner{name,initials,hue} · next{icon,label,due} · tags[{label,hue}] · note
"""

from datetime import date
from typing import Any

from django import template
from django.utils.html import conditional_escape as safe
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ltc.web import formats
from ltc.web.templatetags.cells import escape, hue, initials
from ltc.web.templatetags.ui import due_tone, icon

register = template.Library()
Card = dict[str, Any]


@register.simple_tag
def board_cards(cards: list[Card]) -> SafeString:
    """The cards of one column."""
    icons = {name: str(icon(name, size)) for name, size in (("ellipsis", ""), ("hourglass", "xs"))}
    return mark_safe("".join(html(card, icons) for card in cards))


def html(card: Card, icons: dict[str, str]) -> str:
    title, targets = escape(card["title"]), card.get("targets")
    bound = f' data-targets="{escape(" ".join(map(str, targets)))}"' if targets is not None else ""
    actions = escape(_("Actions for %(name)s") % {"name": card["title"]})
    return (
        f'<div class="kcard" role="listitem" data-id="{escape(card["id"])}" data-title="{title}"{bound}>{_account(card)}'
        f'<a class="kcard-link" href="{escape(card["url"])}">{title}</a><div class="kcard-line">{_line(card, icons)}</div>'
        f'{_tags(card)}{_next(card)}<button type="button" class="kcard-more" aria-haspopup="menu" aria-expanded="false"'
        f' aria-label="{actions}">{icons["ellipsis"]}</button></div>'
    )


def _account(card: Card) -> str:
    if not card.get("account"):
        return ""
    avatar = card.get("avatar")
    mark = f'<span class="avatar sq h-{escape(avatar["hue"])}" aria-hidden="true">{escape(avatar["text"])}</span>' if avatar else ""
    return f'<div class="kcard-acc">{mark}<span>{safe(card["account"])}</span></div>'


def _line(card: Card, icons: dict[str, str]) -> str:
    parts = []
    if (amount := card.get("amount")) is not None:
        words = formats.money(amount, card["currency"]) if card.get("currency") else str(amount)
        parts.append(f'<span class="kcard-amt">{escape(words)}</span>')
    if close := card.get("close"):
        late = card.get("close_late")
        said = f'<span class="sr">{escape(_("Past its date:"))}</span>' if late else ""
        day = formats.day(close) if isinstance(close, date) else str(close)
        parts.append(f'<span class="num{" late" if late else ""}">{said}{escape(day)}</span>')
    if card.get("stale"):
        days, words = escape(card["days"]), escape(_("days in this column"))
        title = escape(_("%(n)s days in this column") % {"n": card["days"]})
        parts.append(f'<span class="kcard-flag" title="{title}">{icons["hourglass"]}{days}<span class="sr">{words}</span></span>')
    if card.get("note"):
        parts.append(f'<span class="truncate">{safe(card["note"])}</span>')
    if owner := card.get("owner"):
        name = str(owner["name"])
        colour, letters = owner.get("hue") or hue(name), owner.get("initials") or initials(name)
        shown = escape(name)
        parts.append(f'<span class="avatar h-{colour}" role="img" aria-label="{shown}" title="{shown}">{escape(letters)}</span>')
    return "".join(parts)


def _tags(card: Card) -> str:
    if not card.get("tags"):
        return ""
    tags = "".join(f'<span class="tag h-{escape(tag.get("hue") or "slate")}">{safe(tag["label"])}</span>' for tag in card["tags"])
    return f'<div class="kcard-tags">{tags}</div>'


def _next(card: Card) -> str:
    step = card.get("next")
    if not step:
        return ""
    due = step.get("due")
    when = f'<span class="due {due_tone(due)}">{escape(formats.due(due))}</span>' if due else ""
    mark = icon(step.get("icon") or "circle-check-big", "sm")
    return f'<div class="kcard-next">{mark}<span class="t">{safe(step["label"])}</span>{when}</div>'
