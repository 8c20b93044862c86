"""Pages of a long list by where the last one ended: as quick at the millionth row as at the first, and no count."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet


class BadCursor(ValueError):
    """The cursor in the address was not made by this list."""


@dataclass(frozen=True)
class Order:
    """A sort by one field and, among equals, by id: in the same direction, or the older first where `older_first`. Rows without a value
    come last either way."""

    field: str
    descending: bool = False
    older_first: bool = False

    @classmethod
    def parse(cls, text: str) -> "Order":
        field, _comma, ties = text.partition(",")  # "-score,id": of equal scores the older one first
        return cls(field.removeprefix("-"), field.startswith("-"), older_first=ties == "id")

    @property
    def is_by_id(self) -> bool:
        return self.field in {"id", "pk"}

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = "-pk" if self.descending and not self.older_first else "pk"
        if self.is_by_id:
            return queryset.order_by(key)
        column = F(self.field)
        if not self._may_be_null(queryset):  # NULLS LAST on a column that has none would only keep the index from being used
            return queryset.order_by(column.desc() if self.descending else column.asc(), key)
        return queryset.order_by(column.desc(nulls_last=True) if self.descending else column.asc(nulls_last=True), key)

    def after(self, queryset: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        """The rows that come behind the one which the cursor marks."""
        value, key = unseal(cursor)
        beyond = "lt" if self.descending else "gt"
        behind = Q(**{f"pk__{'gt' if self.older_first else beyond}": key})
        if self.is_by_id:
            return queryset.filter(behind)
        nullable = self._may_be_null(queryset)
        if value is None:
            return queryset.filter(behind, **{f"{self.field}__isnull": True})
        rest = Q(**{f"{self.field}__{beyond}": value}) | (Q(**{self.field: value}) & behind)
        if nullable:
            return queryset.filter(rest | Q(**{f"{self.field}__isnull": True}))
        return queryset.filter(rest, **{f"{self.field}__{beyond}e": value})  # the plain bound lets the index start at the right place

    def mark(self, record: Any) -> str:
        """The cursor that marks a record."""
        value = None if self.is_by_id else self._value(record)
        return seal(value, record.pk)

    def _value(self, record: Any) -> Any:
        for step in self.field.split("__"):
            record = getattr(record, step, None)
        return record

    def _may_be_null(self, queryset: QuerySet[Any]) -> bool:
        model: Any = queryset.model
        for step in self.field.split("__"):
            found = model._meta.get_field(step)
            if found.null:
                return True
            model = found.related_model
        return False


def seal(value: Any, key: Any) -> str:
    """A value and an id as text for an address."""
    plain = None if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return base64.urlsafe_b64encode(json.dumps([plain, str(key)]).encode()).decode().rstrip("=")


def unseal(cursor: str) -> tuple[str | None, str]:
    """What `seal` put in. Raises BadCursor."""
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCursor(cursor) from error
    if not isinstance(key, str) or not (value is None or isinstance(value, str)):
        raise BadCursor(cursor)
    return value, key


def page(queryset: QuerySet[Any], order: Order, *, size: int, cursor: str = "") -> tuple[list[Any], str | None]:
    """One page of records, and the cursor of the next if there is one. One query."""
    ordered = order.apply(queryset)
    if cursor:
        ordered = order.after(ordered, cursor)
    records = list(ordered[: size + 1])
    more = len(records) > size
    return records[:size], order.mark(records[size - 1]) if more else None
