"""What a tenant decides for itself: each app declares the options that it reads, and all are kept in `Tenant.settings`.

An option's code is its place in there: `pay_account.bank` is `settings["pay_account"]["bank"]`. What was never set has its default.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.tenancy.models import Tenant

LONGEST: Final = 300
LARGEST: Final = Decimal(10) ** 14


@dataclass(frozen=True)
class Option:
    """`kind`: an amount is in the base currency, a rate a part of one; both are kept as text, so that no digit is lost.

    `pattern` is what a text must match as a whole, `hint` says it in words. An empty text takes the option back to its default.
    """

    code: str
    label: Any
    group: Any
    kind: Literal["text", "amount", "rate", "days", "flag", "choice"] = "text"
    default: Any = ""
    hint: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    pattern: str = ""


_declared: dict[str, Option] = {}


def declare(*options: Option) -> None:
    """Register options. Raises ValueError for a code that is taken."""
    for option in options:
        if option.code in _declared:
            raise ValueError(f"The option {option.code} is declared twice.")
        _declared[option.code] = option


def declared() -> Iterable[Option]:
    """All options, in the order of their apps."""
    return _declared.values()


def value_of(tenant: Tenant, option: Option) -> Any:
    """What the tenant has chosen, or the default."""
    found: Any = tenant.settings
    for step in option.code.split("."):
        if not isinstance(found, dict) or step not in found:
            return option.default
        found = found[step]
    return found


def changed(settings: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with these options set, by code; each is checked. Raises Refusal, with the code as its field."""
    result = {key: dict(value) if isinstance(value, dict) else value for key, value in settings.items()}
    for code, value in values.items():
        option = _declared.get(code)
        if option is None:
            raise Refusal(_("There is no option “%(code)s”.") % {"code": code}, code="invalid_input", field=code)
        read, (first, _dot, rest) = _read(option, value), code.partition(".")
        place, name = (result.setdefault(first, {}), rest) if rest else (result, first)
        if read == option.default:
            place.pop(name, None)
        else:
            place[name] = read
    return {key: value for key, value in result.items() if value != {}}


def _read(option: Option, value: Any) -> Any:
    if value is None or value == "":
        return option.default
    match option.kind:
        case "flag":
            if not isinstance(value, bool):
                raise _refusal(option, _("Say true or false."))
            return value
        case "choice":
            if value not in dict(option.choices):
                raise _refusal(option, _("Choose one of these: %(known)s.") % {"known": ", ".join(dict(option.choices))})
            return value
        case "amount" | "rate" | "days":
            return _number(option, value)
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not text or len(text) > LONGEST or (option.pattern and not re.fullmatch(option.pattern, text)):
        raise _refusal(option, str(option.hint) if option.pattern else _("Give a text of at most %(most)d characters.") % {"most": LONGEST})
    return text


def _number(option: Option, value: Any) -> Any:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise _refusal(option, _("Give a number that is not negative."))
    if option.kind == "days":
        if number != number.to_integral_value() or number > 3650:
            raise _refusal(option, _("Give whole days, at most 3650."))
        return int(number)
    if option.kind == "rate" and number > 1:
        raise _refusal(option, _("Give a part of one: 0.35 means 35 %."))
    if number >= LARGEST or number.normalize().as_tuple().exponent < -8:  # type: ignore[operator]
        raise _refusal(option, _("Give a number that is not negative."))
    return format(number.normalize(), "f")


def _refusal(option: Option, sentence: str) -> Refusal:
    return Refusal(sentence, code="invalid_input", field=option.code)
