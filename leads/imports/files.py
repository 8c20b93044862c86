"""Uploaded files as one table."""

from typing import Any

from leads.imports.reading import MAX_BYTES, Table, UnreadableFile, joined, read_table, shared_column
from leads.imports.sentences import UNREADABLE
from ltc.refusals import Refusal


def table_from(file: Any, contacts: Any = None, join_column: str = "") -> Table:
    """The rows of an uploaded file, with those of a second one that they refer to. Raises Refusal in words."""
    try:
        main = read_table(_bytes(file))
    except UnreadableFile as error:
        raise Refusal(UNREADABLE[error.reason], code="unreadable_file", field="file") from error
    if not contacts:
        return main
    try:
        second = read_table(_bytes(contacts))
        column = join_column or shared_column(main, second)
        if not column or column not in main.headers or column not in second.headers:
            raise UnreadableFile("no_join")
    except UnreadableFile as error:
        raise Refusal(UNREADABLE[error.reason], code="unreadable_file", field="contacts") from error
    return joined(main, second, column)


def _bytes(file: Any) -> bytes:
    if file.size > MAX_BYTES:
        raise UnreadableFile("too_large")
    data: bytes = file.read()
    return data
