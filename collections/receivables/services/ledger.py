"""Writing the receivables ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ltc.numbering.services import next_number
from ltc.users.actors import Actor
from receivables.models import JournalEntry, JournalLine
from receivables.posting import Line, balanced


def post_entry(
    event: JournalEntry.Event, lines: Sequence[Line], *, on: date, actor: Actor, at: datetime, customer: Any, currency: str,
    fx_rate: Decimal, **links: Any,
) -> JournalEntry:  # fmt: skip
    """Write one balanced entry. `on` is the tenant's day of posting; `links` are the invoice, payment, allocation and what is mirrored.

    Takes the entry's number, so it belongs at the end of the posting transaction.
    """
    balanced(list(lines))
    entry = JournalEntry.objects.create(
        number=next_number("journal_entry", on=on, gap_free=True), entry_date=on, event=event, posted_by=actor.label[:120],
        posted_at=at, **links,
    )  # fmt: skip
    JournalLine.objects.bulk_create(
        JournalLine(
            entry=entry, seq=seq, account=line.account, customer=customer, item_id=line.item, payment_id=line.payment,
            currency=currency, amount_doc=line.amount_doc, amount_base=line.amount_base, fx_rate=fx_rate,
        )
        for seq, line in enumerate(lines, start=1)
    )  # fmt: skip
    return entry


def mirror_entry(entry: JournalEntry, event: JournalEntry.Event, *, on: date, actor: Actor, at: datetime) -> JournalEntry:
    """Take an entry back: the same numbers with the opposite sign, on the day of the correction."""
    mirror = JournalEntry.objects.create(
        number=next_number("journal_entry", on=on, gap_free=True), entry_date=on, event=event, posted_by=actor.label[:120], posted_at=at,
        reverses=entry, invoice=entry.invoice, payment=entry.payment, allocation=entry.allocation,
    )  # fmt: skip
    JournalLine.objects.bulk_create(
        JournalLine(
            entry=mirror, seq=line.seq, account=line.account, customer_id=line.customer_id, item_id=line.item_id,
            payment_id=line.payment_id, currency=line.currency, amount_doc=-line.amount_doc, amount_base=-line.amount_base,
            fx_rate=line.fx_rate,
        )
        for line in entry.lines.order_by("seq")
    )  # fmt: skip
    return mirror
