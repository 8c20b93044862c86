"""The lines of a file, one at a time, whatever they are."""

import json
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from receivables.history.values import Wrong

LONGEST_LINE = 1_000_000
BOM = b"\xef\xbb\xbf"


def lines_of(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | Wrong]]:
    """Each line that is not blank with its number: what it says, or what is wrong with it."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(BOM)
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            _pass_over(file)
            yield number, Wrong(_("The line is longer than a million bytes."), _("One line holds one object: check its line ends."))
        elif raw := raw.strip():
            yield number, read_line(raw)


def _pass_over(file: IO[bytes]) -> None:
    """To the end of a line that is too long."""
    while (piece := file.readline(LONGEST_LINE)) and not piece.endswith(b"\n"):
        pass


def read_line(raw: bytes) -> dict[str, Any] | Wrong:
    """The object of a line, or what is wrong with it."""
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        return Wrong(_("The line is not UTF-8 (byte %(place)s).") % {"place": error.start + 1}, _("Save the file as UTF-8."))
    except Wrong as wrong:
        return wrong
    except (ValueError, RecursionError):
        return Wrong(_("The line is not JSON."), _('Write one object a line, such as {"object": "team", …}.'))
    if not isinstance(found, dict):
        return Wrong(_("The line is not an object."), _('Write one object a line, such as {"object": "team", …}.'))
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Wrong(_("The field stands twice."), _("Take one of them out."), twice)
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)
