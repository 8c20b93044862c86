"""The journal as the general ledger takes it: one line of a CSV file per line of an entry."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Final

from django.utils.encoding import force_str

from receivables.company import account_codes
from receivables.models import JournalLine

NAME: Final = "journal_%s_%s.csv"
HEAD: Final = (
    "number", "entry_date", "period", "event", "line", "account", "account_code", "customer", "customer_name", "document", "currency",
    "amount", "fx_rate", "debit_base", "credit_base", "reverses", "posted_at",
)  # fmt: skip
# A spreadsheet takes text that begins like this for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def journal_csv(first: date, last: date) -> Iterator[str]:
    """The lines of all entries of these days in the order of their numbers, the head first. Amounts in base are debit and credit."""
    yield _row(HEAD)
    codes = account_codes()
    lines = JournalLine.objects.filter(entry__entry_date__range=(first, last)).select_related(
        "entry__invoice", "entry__payment", "entry__credit_note", "entry__reverses", "customer"
    )
    for line in lines.order_by("entry__number", "seq").iterator(chunk_size=1000):
        entry = line.entry
        document = entry.credit_note or entry.payment or entry.invoice
        yield _row((
            entry.number, entry.entry_date.isoformat(), f"{entry.entry_date:%Y-%m}", entry.event, line.seq, line.account,
            codes.get(line.account, line.account), line.customer_id or "", _text(line.customer.name if line.customer else ""),
            _text(force_str(document.number or "") if document else ""), line.currency, f"{line.amount_doc:f}", f"{line.fx_rate:f}",
            f"{max(line.amount_base, 0):f}", f"{max(-line.amount_base, 0):f}", entry.reverses.number if entry.reverses else "",
            entry.posted_at.isoformat(),
        ))  # fmt: skip


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _row(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
