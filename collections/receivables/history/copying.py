"""Many rows at once: COPY into a table of the session, and from there into the real one.

PostgreSQL refuses COPY into a table with row security, which the second step obeys.
"""

import json
import uuid
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db import connection, models

from ltc.tenancy.identifiers import uuid7

ROWS_AT_ONCE = 2000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Copier:
    """Takes rows of one model as field values and writes them by the thousand. `flush` before anybody reads them."""

    def __init__(self, model: type[models.Model], tenant: int, now: datetime) -> None:
        self.model, self.written = model, 0
        self.table = model._meta.db_table
        fields = [
            field
            for field in model._meta.concrete_fields
            if not getattr(field, "generated", False) and not isinstance(field, models.AutoField)
        ]
        self._places = {field.attname: (place, field.get_internal_type() == "JSONField") for place, field in enumerate(fields)}
        self._columns = ", ".join(f'"{field.column}"' for field in fields)
        fixed = {field.attname: _default(field, now) for field in fields} | {"tenant_id": tenant}
        self._blank = [_cell(fixed[name], is_json) for name, (_place, is_json) in self._places.items()]
        self._rows: list[str] = []
        self._made = False

    def add(self, **values: Any) -> None:
        """One row, by the names of its columns (`owner_id`); what is not given has the field's default."""
        cells = self._blank.copy()
        for name, value in values.items():
            place, is_json = self._places[name]
            cells[place] = _cell(value, is_json)
        if "id" not in values and "id" in self._places:
            cells[self._places["id"][0]] = str(uuid7())
        self._rows.append("\t".join(cells))

    @property
    def is_full(self) -> bool:
        return len(self._rows) >= ROWS_AT_ONCE

    def flush(self) -> None:
        if not self._rows:
            return
        waiting = f'"incoming_{self.table}"'
        with connection.cursor() as cursor:
            if not self._made:
                shape = f'SELECT {self._columns} FROM "{self.table}" WITH NO DATA'  # noqa: S608
                cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {waiting} ON COMMIT DROP AS {shape}")
                self._made = True
            cursor.execute(f"TRUNCATE {waiting}")
            cursor.copy_expert(f"COPY {waiting} ({self._columns}) FROM STDIN", StringIO("\n".join(self._rows) + "\n"))
            cursor.execute(f'INSERT INTO "{self.table}" ({self._columns}) SELECT {self._columns} FROM {waiting}')  # noqa: S608
        self.written += len(self._rows)
        self._rows.clear()


def _default(field: Any, now: datetime) -> Any:
    """What a column holds that is not given."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return now
    return None if field.primary_key else field.get_default()


def _cell(value: Any, is_json: bool) -> str:
    if is_json:
        return "\\N" if value is None else JSON.encode(value).translate(ESCAPES)
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    return str(value).translate(ESCAPES) if isinstance(value, str) else str(value)


def plain(value: Any) -> str:
    """A value as JSON keeps it: as the history of `perform` writes it."""
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON.")


JSON = json.JSONEncoder(default=plain, ensure_ascii=False)
