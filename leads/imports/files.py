"""Uploaded files as rows."""

import itertools
from typing import Any

from leads.imports.reading import (
    MAX_JOINED,
    SAMPLE,
    Joined,
    Row,
    Rows,
    Table,
    Told,
    UnreadableFile,
    shared_column,
    stream,
)
from leads.imports.sentences import UNREADABLE
from ltc.refusals import Refusal


def table_from(file: Any, contacts: Any = None, join_column: str = "") -> Rows:
    """The rows of an uploaded file, with those of a second one that they refer to. Raises Refusal in words, while they are read too."""
    try:
        main = stream(_plain(file))
    except UnreadableFile as error:
        raise refused(error) from error
    if not contacts:
        return Told(main, refused)
    try:
        second = _small(stream(_plain(contacts)))
        column = join_column or shared_column(_sample(file), second)
        if not column or column not in main.headers or column not in second.headers:
            raise UnreadableFile("no_join")
        return Told(Joined(stream(_plain(file)), second, column), refused)
    except UnreadableFile as error:
        raise refused(error, "contacts") from error


def refused(error: UnreadableFile, field: str = "file") -> Refusal:
    return Refusal(UNREADABLE[error.reason], code="unreadable_file", field=field)


def _plain(file: Any) -> Any:
    """The file itself behind Django's upload, which knows how to seek and how to be read as text."""
    return getattr(file, "file", file)


def _sample(file: Any) -> Table:
    rows = stream(_plain(file))
    found: tuple[Row, ...] = tuple(itertools.islice(rows.rows, SAMPLE))
    return Table(rows.headers, found)


def _small(rows: Rows) -> Table:
    found = tuple(itertools.islice(rows.rows, MAX_JOINED + 1))
    if len(found) > MAX_JOINED:
        raise UnreadableFile("too_many_joined")
    return Table(rows.headers, found)
