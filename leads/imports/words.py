"""What stands in the rows of an import, asked of the database: no question reads all rows into memory."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import F, Func, TextField, Value

from leads.models import ImportBatch, ImportRow
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.identifiers import uuid7

MOST_WORDS, MOST_OWNERS = 100, 5_000
# So many rows, from the top, tell how dates are written and what kind an attribute is of.
SAMPLE = 5_000
INSERT = """
INSERT INTO leads_importrow (id, tenant_id, batch_id, line, raw, ref, errors, warnings, outcome)
SELECT new.id, %s, %s, new.line, new.raw::jsonb, '', '[]', '[]', %s
  FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS new(id, line, raw)
"""
CHECKED = """
UPDATE leads_importrow AS row SET ref = new.ref, errors = new.errors::jsonb, warnings = new.warnings::jsonb
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS new(id, ref, errors, warnings)
 WHERE row.tenant_id = %s AND row.id = new.id
"""
DONE = """
UPDATE leads_importrow AS row SET outcome = new.outcome, lead_id = new.lead, errors = new.errors::jsonb, warnings = new.warnings::jsonb
  FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[]) AS new(id, outcome, lead, errors, warnings)
 WHERE row.tenant_id = %s AND row.id = new.id
"""


def header_of(columns: Mapping[str, str], name: str) -> str | None:
    """The heading of the column that is mapped to a field."""
    return next((header for header, field in columns.items() if field == name), None)


def words_of(batch: ImportBatch, columns: Mapping[str, str], name: str, *, most: int = MOST_WORDS, sample: int = 0) -> list[str]:
    """The different values of the column that is mapped to a field, in order; of the first `sample` rows if that is given."""
    header = header_of(columns, name)
    if header is None:
        return []
    rows: Any = batch.rows.all()
    if sample:
        last = rows.order_by("line").values_list("line", flat=True)[sample : sample + 1].first()
        rows = rows.filter(line__lt=last) if last else rows
    word = Func(F("raw"), Value(header), function="jsonb_extract_path_text", output_field=TextField())
    found = rows.annotate(word=word).exclude(word="").exclude(word=None).order_by().values_list("word", flat=True).distinct()
    return sorted(found[:most])


def put_in(batch: ImportBatch, lines: list[int], raws: list[str]) -> None:
    """Write rows as they were read; `raws` are their cells as JSON."""
    with connection.cursor() as cursor:
        ids = [str(uuid7()) for _line in lines]
        cursor.execute(INSERT, [current_tenant_id(), batch.pk, ImportRow.Outcome.WAITING, ids, lines, raws])


def write_checked(rows: list[tuple[Any, str, str, str]]) -> None:
    """Note what the check has found: (id, reference, errors and warnings as JSON) of each row."""
    _write(CHECKED, rows)


def write_done(rows: list[tuple[Any, str, Any, str, str]]) -> None:
    """Note what has become of rows: (id, outcome, lead, errors and warnings as JSON) of each."""
    _write(DONE, rows)


def _write(statement: str, rows: list[Any]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*(list(column) for column in zip(*rows, strict=True)), current_tenant_id()])
