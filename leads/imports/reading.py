"""Bytes of a file to rows with line numbers, and two files joined to one. Pure."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_BYTES = 15_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 20_000
DELIMITERS = (",", "\t", ";", "|")
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ENCODINGS = ("utf-8", "gb18030", "cp1252")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[0-9 ().,-]*", re.ASCII)

csv.field_size_limit(MAX_BYTES)


class UnreadableFile(ValueError):
    """The bytes are no table that we can read; the message says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Row:
    """One record of a file, by heading; `line` is the line of the file on which it starts (the heading is on line 1)."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def decode(data: bytes) -> str:
    """The text of a file, by its byte order mark, else the first encoding that fits: UTF-8, GB 18030 (GBK), Windows."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too_large")
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFile("not_text") from error
    if data[:200].count(0) > len(data[:200]) // 4:  # UTF-16 without a mark: every second byte of Latin text is zero
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return data.decode(encoding, errors="replace")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("not_text")


def read_table(data: bytes) -> Table:
    """The rows of a CSV file; blank lines are left out. Raises UnreadableFile."""
    text = decode(data).replace("\0", "")
    delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    headers: tuple[str, ...] = ()
    rows: list[Row] = []
    line = 1
    for cells in reader:
        starts, line = line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if not headers:
            headers = named(cells)
            continue
        if len(rows) >= MAX_ROWS:
            raise UnreadableFile("too_many_rows")
        rows.append(Row(starts, by_header(headers, cells)))
    if not headers:
        raise UnreadableFile("empty")
    if not rows:
        raise UnreadableFile("no_rows")
    beyond = tuple(name for name in dict.fromkeys(name for row in rows for name in row.cells) if name not in headers)
    return Table(headers + beyond, tuple(rows))


def delimiter_of(text: str) -> str:
    """The sign that splits the heading into most columns, quotes minded."""
    heading = next((line for line in text.splitlines() if line.strip()), "")

    def columns(delimiter: str) -> int:
        return len(next(csv.reader([heading], delimiter=delimiter), []))

    return max(DELIMITERS, key=lambda delimiter: (columns(delimiter), -DELIMITERS.index(delimiter)))


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Headings, each different and none empty."""
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile("too_many_columns")
    found: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:80] or f"#{place}"
        count, unique = 2, name
        while unique in found:
            unique, count = f"{name} ({count})", count + 1
        found.append(unique)
    return tuple(found)


def guarded(cell: str) -> str:
    """A cell that a spreadsheet shows and does not carry out: text that begins like a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def by_header(headers: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a row by heading; what stands beyond the headings is kept by its place."""
    row = {name: unguarded(cells[place].strip())[:MAX_CELL] if place < len(cells) else "" for place, name in enumerate(headers)}
    for place, cell in enumerate(cells[len(headers) :], start=len(headers) + 1):
        if cell.strip():
            row[f"#{place}"] = cell.strip()[:MAX_CELL]
    return row


def table_of(records: Iterable[dict[str, object]]) -> Table:
    """Rows that a program sent, as a table; the first is line 1."""
    rows = [
        Row(line, {str(name)[:80]: "" if value is None else str(value)[:MAX_CELL] for name, value in record.items()})
        for line, record in enumerate(records, start=1)
    ]
    if not rows:
        raise UnreadableFile("no_rows")
    if len(rows) > MAX_ROWS:
        raise UnreadableFile("too_many_rows")
    headers = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    if len(headers) > MAX_COLUMNS:
        raise UnreadableFile("too_many_columns")
    return Table(headers, tuple(Row(row.line, {name: row.cells.get(name, "") for name in headers}) for row in rows))


def shared_column(main: Table, second: Table) -> str | None:
    """The column by which a row of one file names a row of the other: in both, and unique in the second; the fullest match wins."""
    found: list[tuple[int, str]] = []
    for name in main.headers:
        if name not in second.headers:
            continue
        keys = [row.cells[name] for row in second.rows if row.cells.get(name)]
        known = set(keys)
        if len(known) == len(keys) and known:
            found.append((sum(row.cells.get(name, "") in known for row in main.rows), name))
    best = max(found, default=(0, ""))
    return best[1] if best[0] else None


def joined(main: Table, second: Table, column: str) -> Table:
    """The rows of the main file with the columns of the row of the second that they name. A heading in both files is kept apart."""
    names = {name: name if name not in main.headers else f"{name} (2)" for name in second.headers if name != column}
    known = {row.cells[column]: row.cells for row in second.rows if row.cells.get(column)}
    rows = []
    for row in main.rows:
        other = known.get(row.cells.get(column, ""), {})
        rows.append(Row(row.line, {**row.cells, **{ours: other.get(theirs, "") for theirs, ours in names.items()}}))
    return Table(main.headers + tuple(names.values()), tuple(rows))
