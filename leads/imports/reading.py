"""A file as rows with line numbers, one after the other, and two files joined to one: however long the file, little of it is in memory."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from leads.imports.sheets import NoWorkbook, is_workbook, records_of

MAX_BYTES = 150_000_000
MAX_ROWS = 300_000
MAX_JOINED = 50_000
SAMPLE = 2_000
PIECE = 1_000_000
MAX_COLUMNS = 200
MAX_CELL = 20_000
DELIMITERS = (",", "\t", ";", "|")
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ENCODINGS = ("utf-8", "gb18030", "cp1252")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[0-9 ().,-]*", re.ASCII)

csv.field_size_limit(PIECE)


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


class Rows(Protocol):
    """Rows that can be read once, in order; `headers` is complete when they have been."""

    @property
    def headers(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> Iterable[Row]: ...


@dataclass(frozen=True)
class Table:
    """Rows that are all there."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


class Stream:
    """The rows of a file as they are read. What stands beyond the heading becomes a heading of its own when it is met."""

    def __init__(self, records: Iterator[tuple[int, Sequence[str]]]) -> None:
        self._records = records
        try:
            _line, cells = next(records)
        except StopIteration:
            raise UnreadableFile("empty") from None
        self.named = named(cells)
        self.beyond: dict[str, None] = {}

    @property
    def headers(self) -> tuple[str, ...]:
        return (*self.named, *self.beyond)

    @property
    def rows(self) -> Iterator[Row]:
        number = 0
        for number, (line, cells) in enumerate(self._records, start=1):
            if number > MAX_ROWS:
                raise UnreadableFile("too_many_rows")
            row = by_header(self.named, cells)
            if len(row) > len(self.named):
                self.beyond.update(dict.fromkeys(list(row)[len(self.named) :]))
            yield Row(line, row)
        if not number:
            raise UnreadableFile("no_rows")


def encoding_of(file: Any) -> tuple[str, str]:
    """The encoding of a file, and what to do where it does not fit: by its mark, else the first that fits: UTF-8, GB 18030, Windows."""
    file.seek(0)
    head = file.read(200)
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            if not _fits(file, encoding):
                raise UnreadableFile("not_text")
            return encoding, "strict"
    if head.count(0) > len(head) // 4:  # UTF-16 without a mark: every second byte of Latin text is zero
        return ("utf-16-le" if head[1:2] == b"\0" else "utf-16-be"), "replace"
    for encoding in ENCODINGS:
        if _fits(file, encoding):
            return encoding, "strict"
    raise UnreadableFile("not_text")


def _fits(file: Any, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def stream(file: Any) -> Stream:
    """The rows of a CSV file or of the first sheet of a workbook; blank lines are left out. Raises UnreadableFile, later too."""
    file.seek(0, io.SEEK_END)
    if file.tell() > MAX_BYTES:
        raise UnreadableFile("too_large")
    file.seek(0)
    return Stream(_sheet(file) if is_workbook(file.read(4)) else _lines(file))


def _sheet(file: Any) -> Iterator[tuple[int, Sequence[str]]]:
    file.seek(0)
    try:
        yield from records_of(file)
    except NoWorkbook as error:
        raise UnreadableFile("no_workbook") from error


def _lines(file: Any) -> Iterator[tuple[int, Sequence[str]]]:
    encoding, errors = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors=errors, newline="")
    try:
        plain = (line.replace("\0", "") for line in text)
        before = list(itertools.takewhile(lambda line: not line.strip(), first := _Kept(plain)))
        heading = first.last
        reader = csv.reader(itertools.chain(before, [heading], plain), delimiter=delimiter_of(heading), skipinitialspace=True)
        line = 1
        for cells in reader:
            starts, line = line, reader.line_num + 1
            if any(cell.strip() for cell in cells):
                yield starts, cells
    except csv.Error as error:
        raise UnreadableFile("not_text") from error
    finally:
        text.detach()


class _Kept:
    """An iterator that knows what it gave last."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self.last = lines, ""

    def __iter__(self) -> "_Kept":
        return self

    def __next__(self) -> str:
        self.last = next(self._lines, "")
        if not self.last:
            raise StopIteration
        return self.last


def settled(rows: Rows) -> Table:
    """All rows at once, for files that are small."""
    found = tuple(rows.rows)
    return Table(rows.headers, found)


def read_table(data: bytes) -> Table:
    """The rows of a small file that is in memory. Raises UnreadableFile."""
    return settled(stream(io.BytesIO(data)))


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


class Joined:
    """The rows of the main file with the columns of the row of the second that they name. A heading in both files is kept apart."""

    def __init__(self, main: Rows, second: Table, column: str) -> None:
        self._main, self._column = main, column
        self._names = {name: name if name not in main.headers else f"{name} (2)" for name in second.headers if name != column}
        self._known = {row.cells[column]: row.cells for row in second.rows if row.cells.get(column)}

    @property
    def headers(self) -> tuple[str, ...]:
        return (*self._main.headers, *self._names.values())

    @property
    def rows(self) -> Iterator[Row]:
        for row in self._main.rows:
            other = self._known.get(row.cells.get(self._column, ""), {})
            yield Row(row.line, {**row.cells, **{ours: other.get(theirs, "") for theirs, ours in self._names.items()}})


def joined(main: Table, second: Table, column: str) -> Table:
    """Two tables as one."""
    return settled(Joined(main, second, column))


class Told:
    """Rows whose reading may fail half-way, in words of the caller's."""

    def __init__(self, rows: Rows, tell: Callable[[UnreadableFile], Exception]) -> None:
        self._rows, self._tell = rows, tell

    @property
    def headers(self) -> tuple[str, ...]:
        return self._rows.headers

    @property
    def rows(self) -> Iterator[Row]:
        try:
            yield from self._rows.rows
        except UnreadableFile as error:
            raise self._tell(error) from error
