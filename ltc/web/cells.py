"""What stands in a table's cell or beside a property's name: a kind and a value, which the templates write.

A kind may also carry tone (late, now, muted), url, title and note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

Cell = dict[str, Any]
Hues = Mapping[Any, str]


def text(value: Any, **extra: Any) -> Cell:
    return {"kind": "text", "value": "" if value is None else str(value), **extra}


def number(value: Any, **extra: Any) -> Cell:
    return {"kind": "number", "value": value, **extra}


def percent(value: Any, **extra: Any) -> Cell:
    """A part of one: 0.13 is written 13%."""
    return {"kind": "percent", "value": value, **extra}


def money(value: Any, currency: str = "", **extra: Any) -> Cell:
    return {"kind": "money", "value": value, "currency": currency, **extra}


def tag(label: Any, hue: str = "slate", **extra: Any) -> Cell:
    return {"kind": "tag", "label": "" if label is None else str(label), "hue": hue, **extra}


def date(value: Any, *, late: bool = False, **extra: Any) -> Cell:
    return {"kind": "date", "value": value, "late": late, **extra}


def due(value: Any, **extra: Any) -> Cell:
    return {"kind": "due", "value": value, **extra}


def ago(value: Any, *, late: bool = False, **extra: Any) -> Cell:
    return {"kind": "ago", "value": value, "late": late, **extra}


def moment(value: Any, *, late: bool = False, **extra: Any) -> Cell:
    return {"kind": "moment", "value": value, **({"tone": "late"} if late else {}), **extra}


def person(value: Any, **extra: Any) -> Cell:
    """A member, or a name."""
    return {"kind": "person", "name": "" if value is None else str(value), **extra}


def score(value: int | None, **extra: Any) -> Cell:
    return {"kind": "score", "value": value, **extra}


def meter(value: int | None, **extra: Any) -> Cell:
    """A bar from 0 to 100."""
    return {"kind": "meter", "value": value, **extra}


def flag(value: bool, **extra: Any) -> Cell:
    return {"kind": "flag", "value": value, **extra}


def link(label: Any, url: str, **extra: Any) -> Cell:
    return {"kind": "text", "value": "" if label is None else str(label), "url": url, **extra}


def phone(value: str, **extra: Any) -> Cell:
    return {"kind": "phone", "value": value, **extra}


def email(value: str, **extra: Any) -> Cell:
    return {"kind": "email", "value": value, **extra}


MAKERS: dict[str, Callable[..., Cell]] = {
    "text": text, "number": number, "percent": percent, "tag": tag, "date": date, "due": due, "ago": ago,
    "moment": moment, "person": person, "score": score, "meter": meter, "flag": flag, "phone": phone, "email": email,
}  # fmt: skip


def reach(record: Any, path: str) -> Any:
    """The value at the end of a path of attributes (`customer.name`), None where it breaks off."""
    return reduce(lambda value, step: None if value is None else getattr(value, step), path.split("."), record)


@dataclass(frozen=True)
class Column:
    """One column of a list, or one property of a record.

    The value is at `path` (the name itself if none is given) and is written as `kind`, or `cell` makes the whole cell of the record.
    An `optional` one is shown to who chooses it; `edit` names the form field with which a cell is changed in place.
    `sort` is the model field that the column sorts by; a column without one cannot be sorted. A tag takes its label from the field's
    choices and its hue from `hues`; an amount finds its currency at `currency`.
    """

    name: str
    label: Any
    kind: str = "text"
    path: str = ""
    cell: Callable[[Any], Cell] | None = None
    sort: str = ""
    hues: Hues | None = None
    currency: str = "currency"
    icon: str = ""
    edit: str = ""
    hide_small: bool = False
    optional: bool = False

    @property
    def align(self) -> str:
        return "end" if self.kind in {"money", "number", "percent"} else "start"

    def of(self, record: Any) -> Cell:
        """This column's cell of one record."""
        made = self.cell(record) if self.cell else self._made(record)
        return {"name": self.name, "column": self.label, "align": self.align, "hide_small": self.hide_small, **made}

    def _made(self, record: Any) -> Cell:
        path = self.path or self.name
        value = reach(record, path)
        if self.kind == "money":
            return money(value, reach(record, self.currency) or "" if self.currency else "")
        if self.kind == "tag":
            return tag(self._label(record, path, value), (self.hues or {}).get(str(value), "slate"))
        return MAKERS[self.kind](value)

    def _label(self, record: Any, path: str, value: Any) -> Any:
        owner, _dot, name = path.rpartition(".")
        bearer = reach(record, owner) if owner else record
        model: Any = type(bearer)
        labels = _labels_of(model, name)
        return str(labels.get(value, value)) if value not in (None, "") else value  # translated once, not each time it is looked at


@cache
def _labels_of(model: Any, name: str) -> dict[Any, Any]:
    """The labels of a field's choices. Django's get_…_display makes this dictionary anew for each cell."""
    fields = {field.name: field for field in model._meta.fields} if hasattr(model, "_meta") else {}
    return dict(fields[name].flatchoices) if name in fields else {}
