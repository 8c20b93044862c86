"""Pages of a list by keyset: the cursor holds the sort value and the id of the last row, and the next page starts behind it."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Func, Value

from ltc.api.problems import Problem

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
COUNT_CAP: Final = 10_000


class Beyond(Func):
    """(sort, id) > (value, id) as one row comparison, which an index on (tenant, sort, id) answers."""

    output_field = models.BooleanField()
    conditional = True
    arity = 4

    def __init__(self, *expressions: Any, descending: bool) -> None:
        super().__init__(*expressions)
        self.template = f"((%(expressions)s) {'<' if descending else '>'} (%(marks)s))"

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]
        parts, parameters = [], []
        for expression in self.source_expressions:
            sql, values = compiler.compile(expression)
            parts.append(sql)
            parameters.extend(values)
        return self.template % {"expressions": ", ".join(parts[:2]), "marks": ", ".join(parts[2:])}, parameters


@dataclass(frozen=True)
class Order:
    """One of the orders that a list allows: a field or lookup, up or down, and the id among equals."""

    name: str
    field: models.Field
    nullable: bool

    @property
    def lookup(self) -> str:
        return self.name.lstrip("-")

    @property
    def is_descending(self) -> bool:
        return self.name.startswith("-")

    @property
    def is_by_id(self) -> bool:
        return self.lookup in {"id", "pk"}

    @classmethod
    def of(cls, model: type[models.Model], name: str) -> "Order":
        step, nullable = model, False
        found: Any = None
        for part in name.lstrip("-").split("__"):
            found = step._meta.get_field("id" if part == "pk" else part)
            nullable = nullable or found.null
            step = found.related_model or step
        return cls(name, found, nullable)

    def sorted(self, queryset: Any) -> Any:
        key = "-pk" if self.is_descending else "pk"
        if self.is_by_id:
            return queryset.order_by(key)
        column = F(self.lookup)
        nulls = True if self.nullable else None
        return queryset.order_by(column.desc(nulls_last=nulls) if self.is_descending else column.asc(nulls_last=nulls), key)

    def after(self, queryset: Any, value: Any, pk: str) -> Any:
        beyond = "lt" if self.is_descending else "gt"
        if self.is_by_id:
            return queryset.filter(**{f"pk__{beyond}": pk})
        if value is None:
            return queryset.filter(**{f"{self.lookup}__isnull": True, f"pk__{beyond}": pk})
        key = queryset.model._meta.pk
        behind = Q(Beyond(F(self.lookup), F("pk"), Value(value, self.field), Value(pk, key), descending=self.is_descending))
        return queryset.filter(behind | Q(**{f"{self.lookup}__isnull": True}) if self.nullable else behind)

    def value(self, record: Any) -> Any:
        for step in self.lookup.split("__"):
            record = None if record is None else getattr(record, step)
        return record


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and where the next ones start."""

    rows: Sequence[Any]
    next_cursor: str | None
    count: int | None = None

    def body(self, data: Any) -> dict[str, Any]:
        said = {"data": data, "next_cursor": self.next_cursor, "has_more": self.next_cursor is not None}
        if self.count is not None:
            said["count"] = min(self.count, COUNT_CAP)
            said["count_is_exact"] = self.count <= COUNT_CAP
        return said


def page_of(queryset: Any, *, order: Order, limit: int, cursor: str | None, counted: bool = False) -> Page:
    """One page in one query (two with the count)."""
    count = queryset.order_by()[: COUNT_CAP + 1].count() if counted else None
    rows = order.sorted(queryset)
    if cursor is not None:
        value, pk = opened(cursor, order, queryset.model)
        rows = order.after(rows, value, pk)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, sealed(order, found[-1]) if more else None, count)


def sealed(order: Order, record: Any) -> str:
    value = None if order.is_by_id else order.value(record)
    holder: Any = SimpleNamespace(**{order.field.attname: value})
    text = None if value is None else order.field.value_to_string(holder)
    return base64.urlsafe_b64encode(orjson.dumps([order.name, text, str(record.pk)])).rstrip(b"=").decode()


def opened(cursor: str, order: Order, model: type[models.Model]) -> tuple[Any, str]:
    """The value and id in a cursor. Raises Problem if it was not made for this list and order."""
    try:
        name, text, pk = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if name != order.name or not (text is None or isinstance(text, str)):
            raise ValueError("another list's cursor")
        return (None if text is None else order.field.to_python(text)), str(model._meta.pk.to_python(pk))
    except (ValueError, TypeError, ValidationError, FieldDoesNotExist, binascii.Error) as error:
        error_of_cursor = {"pointer": "?cursor", "code": "invalid_cursor", "detail": "Use next_cursor of the page before."}
        raise Problem("invalid", errors=[error_of_cursor]) from error
