"""How numbers, money and moments are written for people, in the language of the page. Pure but for the active language."""

import re
import zlib
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from ltc.money.currencies import CURRENCIES, exponent

SYMBOLS = {
    "CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$", "SGD": "S$", "AUD": "A$",
    "CAD": "C$", "NZD": "NZ$", "KRW": "₩", "INR": "₹", "VND": "₫", "THB": "฿", "BRL": "R$", "MXN": "MX$", "CHF": "CHF ",
}  # fmt: skip
HUES = ("blue", "teal", "green", "amber", "rose", "violet")
MINUS = "−"
NOTHING = "–"
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
ZERO = Decimal(0)


def as_amount(value: Any, currency: str = "") -> tuple[Decimal, str] | None:
    """The amount and its currency, from a money object or from a number with the currency beside it."""
    if value is None or value == "":
        return None
    if hasattr(value, "amount") and hasattr(value, "currency"):
        return Decimal(value.amount), str(value.currency)
    return Decimal(str(value)), currency


def symbol(currency: str) -> str:
    """The sign before an amount; a currency without a sign of its own is written as its code."""
    if currency == "USD" and (get_language() or "").startswith("zh"):
        return "US$"
    return SYMBOLS.get(currency) or (f"{currency} " if currency else "")


def decimals(currency: str) -> int:
    """How many decimals the currency has; two when it is not known."""
    return exponent(currency) if currency in CURRENCIES else 2


def money(value: Any, currency: str = "", *, exact: bool = False) -> str:
    """¥120,900 on pages, where whole amounts drop their decimals; exact keeps them, as documents must."""
    found = as_amount(value, currency)
    if found is None:
        return NOTHING
    amount, code = found
    places = decimals(code)
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    shown = places if exact or rounded != rounded.to_integral_value() else 0
    return f"{MINUS if rounded < ZERO else ''}{symbol(code)}{abs(rounded):,.{shown}f}"


def short_money(value: Any, currency: str = "") -> str:
    """¥4.6M, or in Chinese with the units of ten thousand and a hundred million."""
    found = as_amount(value, currency)
    if found is None:
        return NOTHING
    amount, code = found
    return f"{MINUS if amount < ZERO else ''}{symbol(code)}{short_number(abs(amount))}"


def short_number(value: Any) -> str:
    """A number with one decimal and the largest unit that fits it; the catalogue of the language names the units."""
    amount = Decimal(str(value))
    units = pgettext("short numbers, as size:unit", "1000:K 1000000:M 1000000000:B")
    for pair in reversed(units.split()):
        size, _colon, unit = pair.partition(":")
        if abs(amount) >= int(size):
            scaled = (amount / int(size)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
            return f"{scaled:,.1f}".removesuffix(".0") + unit
    return f"{amount.quantize(Decimal(1), rounding=ROUND_HALF_UP):,}"


def number(value: Any, places: int | None = None) -> str:
    """A plain number with thousands grouped and no trailing zeros."""
    if value is None or value == "":
        return NOTHING
    amount = Decimal(str(value))
    if places is not None:
        return f"{amount:,.{places}f}".replace("-", MINUS)
    text = f"{amount:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


def percent(value: Any, places: int = 0) -> str:
    """0.345 as 35%."""
    if value is None or value == "":
        return NOTHING
    return f"{(Decimal(str(value)) * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,}%".replace("-", MINUS)


def local(value: date | datetime) -> date:
    """The calendar day of a moment in the active time zone."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def day(value: date | datetime | None, *, today: date | None = None) -> str:
    """13 Dec, with the year only when it is not this one."""
    if not value:
        return NOTHING
    on = local(value)
    return _written(on, on.year == (today or timezone.localdate()).year, get_language())


@lru_cache(maxsize=4000)
def _written(on: date, this_year: bool, language: str | None) -> str:
    """A day in a language; a board or a list writes the same few hundred days again and again."""
    return date_format(on, pgettext("date without year", "j M") if this_year else pgettext("date with year", "j M Y"))


def clock(value: datetime) -> str:
    """10:42."""
    return date_format(timezone.localtime(value) if timezone.is_aware(value) else value, "H:i")


def moment(value: datetime | None, *, today: date | None = None) -> str:
    """The time for today, day and time for any other day."""
    if not value:
        return NOTHING
    return clock(value) if local(value) == (today or timezone.localdate()) else f"{day(value, today=today)} {clock(value)}"


def due(value: date | datetime | None, *, today: date | None = None) -> str:
    """How far off something to be done is: in 3 d, Today, 2 d overdue."""
    if not value:
        return NOTHING
    off = (local(value) - (today or timezone.localdate())).days
    near = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}
    if off in near:
        return near[off]
    return _("in %(n)d d") % {"n": off} if off > 0 else _("%(n)d d overdue") % {"n": -off}


def ago(value: date | datetime | None, *, today: date | None = None) -> str:
    """How long ago something happened, in days."""
    if not value:
        return _("Never")
    passed = ((today or timezone.localdate()) - local(value)).days
    if passed <= 0:
        return _("Today")
    return _("Yesterday") if passed == 1 else _("%(n)d d ago") % {"n": passed}


def days(count: int | None) -> str:
    """12 days."""
    return NOTHING if count is None else ngettext("%(n)d day", "%(n)d days", count) % {"n": count}


def day_heading(value: date | datetime, *, today: date | None = None) -> str:
    """The heading over one day of a timeline."""
    off = ((today or timezone.localdate()) - local(value)).days
    return {0: _("Today"), 1: _("Yesterday")}.get(off) or day(value, today=today)


def initials(name: str | None) -> str:
    """Two initials of a Latin name; of a Chinese name the surname's first character."""
    name = (name or "").strip()
    if not name:
        return "?"
    if HAN.match(name):
        return name[0]
    words = [word for word in re.split(r"[\s.@_-]+", name) if word]
    if not words:
        return name[0].upper()
    last = words[-1][0] if len(words) > 1 and not HAN.match(words[-1]) else ""
    return (words[0][0] + last).upper()


def hue(text: Any) -> str:
    """A hue that stays with a name for ever."""
    return HUES[zlib.crc32(str(text).encode()) % len(HUES)]
