"""The first sheet of a workbook as rows of text, read one row at a time."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MAX_UNPACKED = 1_500_000_000
MAX_WORDS = 200_000_000  # the texts of a workbook stand in one table, which is held in memory
WORDS = "xl/sharedStrings.xml"


class NoWorkbook(ValueError):
    """The bytes are no workbook that we can read."""


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins so is a packed one, as XLSX files are."""
    return head.startswith(b"PK\x03\x04")


def records_of(file: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with its number. Raises NoWorkbook."""
    try:
        _check_size(file)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, ParseError) as error:
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
    except (ParseError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise NoWorkbook from error
    finally:
        book.close()


def _check_size(file: Any) -> None:
    """A small file can unpack to a very large one."""
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        sizes = {part.filename: part.file_size for part in packed.infolist()}
    if sum(sizes.values()) > MAX_UNPACKED or sizes.get(WORDS, 0) > MAX_WORDS:
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
