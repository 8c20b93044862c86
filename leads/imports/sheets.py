"""The first sheet of a workbook as rows of text, read one row at a time."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

MAX_UNPACKED = 1_500_000_000
MAX_WORDS = 200_000_000  # the texts of a workbook stand in one table, which is held in memory
MAX_WHOLE = 20_000_000  # every other part that is not read piece by piece: styles, names, relations
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, OSError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError),
)


class NoWorkbook(ValueError):
    """The bytes are no workbook that we can read."""


class _Packed(zipfile.ZipFile):
    """A workbook's parts; one that is read whole must be small, whatever it is called."""

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        if self.getinfo(name).file_size > MAX_WHOLE:
            raise NoWorkbook
        return super().read(name, pwd)


class _Reader(ExcelReader):
    """Reads a workbook row by row, out of a file that is not trusted."""

    def __init__(self, file: Any) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive = _Packed(file)

    def read_strings(self) -> None:
        words = self.package.find(SHARED_STRINGS)
        if words is not None and self.archive.getinfo(words.PartName[1:]).file_size > MAX_WORDS:
            raise NoWorkbook
        super().read_strings()


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins so is a packed one, as XLSX files are."""
    return head.startswith(b"PK\x03\x04")


def records_of(file: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with its number. Raises NoWorkbook."""
    try:
        _check_size(file)
        reader = _Reader(file)
        reader.read()
        book = reader.wb
    except BROKEN as error:
        raise NoWorkbook from error
    try:
        sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            return
        sheet.reset_dimensions()  # what a file says of its size is often wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            texts = [text_of(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield number, texts
    except BROKEN as error:
        raise NoWorkbook from error
    finally:
        book.close()


def _check_size(file: Any) -> None:
    """A small file can unpack to a very large one."""
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
            raise NoWorkbook


def text_of(value: Any) -> str:
    """A cell as a CSV file would have it: whole numbers without a point, days and instants as ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case float():
            return repr(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
    return str(value).strip()
