"""What pages of customers, deals and orders show alike: by what they came to us."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy

from ltc.customers.origin import in_words
from ltc.web import cells
from ltc.web.cells import Cell, Column


def source_columns(*, optional: bool = False) -> tuple[Column, Column]:
    """The first and the last touch that led to a record, as columns of a list or properties of a page."""
    return (
        Column("first_source", gettext_lazy("First source"), icon="megaphone", cell=_touch("first"), optional=optional),
        Column("last_source", gettext_lazy("Last source"), icon="megaphone", cell=_touch("last"), optional=optional),
    )


def _touch(which: str) -> Callable[[Any], Cell]:
    def cell(record: Any) -> Cell:
        return cells.text(in_words(record.touch_ends, which))

    return cell
