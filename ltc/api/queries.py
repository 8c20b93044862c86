"""The part of an address behind the question mark: only what a resource knows, once each, of a sane size."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django_filters import BooleanFilter

from ltc.api.pages import DEFAULT_LIMIT, MAX_LIMIT
from ltc.api.problems import Problem

LONGEST_VALUE: Final = 500
LONGEST_SEARCH: Final = 100
LIMIT: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


def _problem(name: str, code: str, detail: str) -> Problem:
    kind = "unknown_parameter" if code == "unknown_parameter" else "invalid"
    return Problem(kind, errors=[{"pointer": f"?{name[:60]}", "code": code, "detail": detail}])


def checked(parameters: Any, known: Iterable[str]) -> Mapping[str, str]:
    """The parameters, each once. Raises Problem for unknown, repeated, overlong and unstorable ones."""
    known = frozenset(known)
    for name in parameters:
        if name not in known:
            raise _problem(name, "unknown_parameter", f"There is no such parameter. Known are: {', '.join(sorted(known)) or 'none'}.")
        values = parameters.getlist(name)
        if len(values) > 1:
            raise _problem(name, "repeated_parameter", "Give this parameter once.")
        if len(values[0]) > LONGEST_VALUE:
            raise _problem(name, "too_long", f"Give at most {LONGEST_VALUE} characters.")
        if "\x00" in values[0] or any("\ud800" <= letter <= "\udfff" for letter in values[0]):
            raise _problem(name, "invalid", "Give text.")
    return {name: parameters[name] for name in parameters}


def limit_of(parameters: Mapping[str, str]) -> int:
    text = parameters.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not LIMIT.fullmatch(text) or int(text) > MAX_LIMIT:
        raise _problem("limit", "invalid_limit", f"Give a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def search_of(parameters: Mapping[str, str]) -> str:
    text = parameters.get("search", "")
    if len(text) > LONGEST_SEARCH:
        raise _problem("search", "too_long", f"Search for at most {LONGEST_SEARCH} characters.")
    return text.strip()


def ordering_of(parameters: Mapping[str, str], allowed: Iterable[str], default: str) -> str:
    """One of the allowed orders: `created_at` or `-created_at`."""
    text = parameters.get("ordering", default)
    allowed = tuple(allowed)
    if text != default and text.removeprefix("-") not in allowed:
        raise _problem("ordering", "invalid_ordering", f"Order by one of: {', '.join(allowed) or 'nothing'}, or with - in front.")
    return text


def fields_of(parameters: Mapping[str, str], known: Iterable[str]) -> frozenset[str] | None:
    """The fields that the caller wants of each record; None for all. The id always comes along."""
    text = parameters.get("fields")
    if text is None:
        return None
    wanted, known = frozenset(text.split(",")), frozenset(known)
    if not wanted <= known:
        raise _problem("fields", "unknown_field", f"There is no field {', '.join(sorted(wanted - known))[:100]}.")
    return wanted | {"id"}


def wants_count(parameters: Mapping[str, str]) -> bool:
    text = parameters.get("include")
    if text not in {None, "count"}:
        raise _problem("include", "invalid_include", "Only count can be included.")
    return text is not None


def check_booleans(parameters: Mapping[str, str], filterset: Any) -> None:
    """A filter that is true or false takes no third word; django-filter would leave it out."""
    for name, value in parameters.items():
        if isinstance(filterset.base_filters.get(name), BooleanFilter) and value not in {"true", "false"}:
            raise _problem(name, "invalid", "Give true or false.")


def filter_errors(errors: Mapping[str, Any]) -> Problem:
    """What a FilterSet's form says, as a problem."""
    found = [{"pointer": f"?{name}", "code": "invalid", "detail": str(text)} for name, texts in errors.items() for text in texts]
    return Problem("invalid", errors=found)
