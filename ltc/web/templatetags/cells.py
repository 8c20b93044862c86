"""A cell as HTML. Written in Python because a list has hundreds: a template takes ten times as long for the same words.

One cell, by its kind. Any kind may also say: tone (late, now, muted), url, title, note.
text value · money value currency short · number value · percent value · tag label hue · tags tags[{label,hue}] · date value late
due value · ago value late · moment value · person name [initials hue] · score value · meter value [hue label] · phone value
email value · flag value · icon icon label
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from html import escape as escaped
from typing import Any

from django import template
from django.utils.html import conditional_escape as safe
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ltc.web import figures, formats
from ltc.web.templatetags.ui import due_tone, icon, score_hue

register = template.Library()

NONE = '<span class="muted">–</span>'
FIGURES = frozenset({"money", "number", "percent"})
TABULAR = frozenset({"date", "moment", "ago", "due"})
Cell = dict[str, Any]

initials = lru_cache(4096)(formats.initials)
hue = lru_cache(4096)(formats.hue)


def escape(value: Any) -> str:
    """Django's escape without its care for lazy text, which costs more than the escaping."""
    return escaped(str(value))


@register.simple_tag
def table_rows(rows: list[dict[str, Any]], selectable: Any = False) -> SafeString:
    """The rows of a table: what heads each, with a box to select it where that is of use, and its cells."""
    select = _("Select %(name)s") if selectable else ""
    return mark_safe("".join(_row(row, select) for row in rows))


def _row(row: dict[str, Any], select: str) -> str:
    pk, box, mark = escape(row["id"]), "", ""
    if select:
        words = escape(select % {"name": row["title"]})
        box = f'<input type="checkbox" class="check" name="id" value="{pk}" form="bulk" aria-label="{words}">'
    if avatar := row.get("avatar"):
        inner = icon(avatar["icon"], "xs") if avatar.get("icon") else escape(avatar["text"])
        mark = f'<span class="avatar{" sq" if avatar.get("square") else ""} h-{escape(avatar["hue"])}" aria-hidden="true">{inner}</span>'
    below = f'<span class="sub">{safe(row["subtitle"])}</span>' if row.get("subtitle") else ""
    head = f'{box}{mark}<a href="{escape(row["url"])}" class="row-link">{safe(row["title"])}</a>{below}'
    return f'<tr id="row-{pk}"><th scope="row"><span class="row-head">{head}</span></th>{row_cells(row["cells"])}</tr>'


@register.simple_tag
def cell(cell: Cell) -> SafeString:
    """What stands in a cell, or beside the name of a property."""
    return mark_safe(html(cell))


@register.simple_tag
def row_cells(cells: list[Cell]) -> SafeString:
    """The cells of one row of a table."""
    return mark_safe("".join(f"<td{_attributes(cell)}>{html(cell)}</td>" for cell in cells))


def html(cell: Cell) -> str:
    inner = WRITERS.get(cell.get("kind", "text"), _text)(cell)
    if url := cell.get("url"):
        inner = f'<a class="hover:underline" href="{escape(url)}">{inner}</a>'
    if edit := cell.get("edit_url"):
        words = escape(_("Edit %(name)s") % {"name": str(cell.get("column", ""))})
        asked = f'hx-get="{escape(edit)}" hx-target="#dialog" hx-swap="innerHTML"'
        inner = f'<a class="cell-edit" href="{escape(edit)}" {asked} title="{words}">{inner}<span class="sr"> {words}</span></a>'
    if note := cell.get("note"):
        inner += f' <span class="text-12 text-fg-3">{safe(note)}</span>'
    return inner


def _attributes(cell: Cell) -> str:
    kind, tone, title = cell.get("kind"), cell.get("tone") or "", cell.get("title")
    classes = f"num {tone}" if kind in FIGURES else f"{tone} tabular-nums" if tone or kind in TABULAR else ""
    if cell.get("hide_small"):
        classes += " hide-m"
    shown = f' class="{escape(classes.strip())}"' if classes else ""
    return shown + (f' title="{escape(title)}"' if title else "")


def _first(cell: Cell, *names: str) -> Any:
    return next((cell[name] for name in names if cell.get(name)), "")


def _text(cell: Cell) -> str:
    words = _first(cell, "value", "text", "label")
    return str(safe(words)) if words else NONE


def _money(cell: Cell) -> str:
    if cell["value"] is None:
        return NONE
    write = formats.short_money if cell.get("short") else formats.money
    return escape(write(cell["value"], cell.get("currency") or ""))


def _number(cell: Cell) -> str:
    return NONE if cell["value"] is None else escape(formats.number(cell["value"]))


def _percent(cell: Cell) -> str:
    return NONE if cell["value"] is None else escape(formats.percent(cell["value"]))


def _tag(cell: Cell) -> str:
    label, colour = _first(cell, "label", "value", "text"), escape(cell.get("hue") or "slate")
    return f'<span class="tag h-{colour}"><span class="dot round h-{colour}"></span>{safe(label)}</span>' if label else NONE


def _tags(cell: Cell) -> str:
    return " ".join(f'<span class="tag h-{escape(each.get("hue") or "slate")}">{safe(each["label"])}</span>' for each in cell["tags"])


def _time(value: date | datetime, words: str, tone: str = "") -> str:
    shown = f' class="{tone}"' if tone else ""
    return f'<time{shown} datetime="{value.isoformat()}">{escape(words)}</time>'


def _date(cell: Cell) -> str:
    value = cell["value"]
    return _time(value, formats.day(value), "late" if cell.get("late") else "") if value else NONE


def _due(cell: Cell) -> str:
    value = cell["value"]
    return _time(value, formats.due(value), due_tone(value)) if value else NONE


def _ago(cell: Cell) -> str:
    return f'<span class="{"late" if cell.get("late") else "text-fg-2"}">{escape(formats.ago(cell["value"]))}</span>'


def _moment(cell: Cell) -> str:
    return _time(cell["value"], formats.moment(cell["value"])) if cell["value"] else NONE


def _person(cell: Cell) -> str:
    name = str(_first(cell, "name", "label", "value", "text"))
    if not name:
        return NONE
    colour, letters = cell.get("hue") or hue(name), cell.get("initials") or initials(name)
    mark = f'<span class="avatar h-{escape(colour)}" aria-hidden="true">{escape(letters)}</span>'
    return f'<span class="person">{mark}<span>{escape(name)}</span></span>'


def _bar(value: Any, colour: str, words: str) -> str:
    rect = f'<rect width="{figures.share(value, 100)}%" height="100%" rx="3"></rect>'
    return f'<span class="score"><svg class="meter h-{escape(colour)}" aria-hidden="true">{rect}</svg>{words}</span>'


def _score(cell: Cell) -> str:
    value = cell["value"]
    return NONE if value is None else _bar(value, score_hue(value), f'<span class="num">{escape(value)}</span>')


def _meter(cell: Cell) -> str:
    shown = cell.get("label") or cell["value"]
    return NONE if shown is None else _bar(cell["value"], cell.get("hue") or "blue", f'<span class="num text-fg-2">{safe(shown)}</span>')


def _phone(cell: Cell) -> str:
    value = escape(cell["value"] or "")
    return f'<a class="num hover:underline" href="tel:{value}">{value}</a>' if value else NONE


def _email(cell: Cell) -> str:
    value = escape(cell["value"] or "")
    return f'<a class="hover:underline" href="mailto:{value}">{value}</a>' if value else NONE


def _flag(cell: Cell) -> str:
    if cell["value"]:
        return f'{icon("check", "sm")}<span class="sr">{escape(_("Yes"))}</span>'
    return f'{NONE}<span class="sr">{escape(_("No"))}</span>'


def _icon(cell: Cell) -> str:
    return f'{icon(cell["icon"], "sm")}<span class="sr">{safe(cell["label"])}</span>'


WRITERS: dict[str, Callable[[Cell], str]] = {
    "text": _text, "money": _money, "number": _number, "percent": _percent, "tag": _tag, "tags": _tags, "date": _date, "due": _due,
    "ago": _ago, "moment": _moment, "person": _person, "score": _score, "meter": _meter, "phone": _phone, "email": _email,
    "flag": _flag, "icon": _icon,
}  # fmt: skip
