"""Whether ledger, items, allocations and payments agree (invariants I1 to I7, I9 and I10, L8 to L10). Finds, never repairs."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice, pairwise
from typing import TypeAlias

from django.db.models import F, Sum

from ltc.money.fields import AmountField
from receivables.models import (
    Allocation,
    CreditNote,
    IntegrityCheck,
    Invoice,
    JournalEntry,
    JournalLine,
    Payment,
    ReceivableItem,
    Refund,
    WriteOff,
)

ZERO = Decimal(0)
MOST_TOLD = 50
Sums: TypeAlias = dict[tuple[object, ...], tuple[Decimal, Decimal]]
LAST_NUMBER = re.compile(r"(\d+)$")


class LedgerBroken(Exception):
    """The books disagree. The message lists what with what."""


def assert_ledger_holds() -> None:
    """Raise LedgerBroken if any invariant of the active tenant's receivables does not hold."""
    if broken := list(violations()):
        raise LedgerBroken("; ".join(broken[:MOST_TOLD]))


def check_books(*, at: datetime) -> IntegrityCheck:
    """Check the active tenant's books and write down what does not agree; nothing is repaired."""
    return IntegrityCheck.objects.create(at=at, findings=list(islice(violations(), MOST_TOLD)))


def violations() -> Iterator[str]:
    """A sentence for each invariant that does not hold."""
    yield from _unbalanced_entries()
    yield from _open_items_against_accounts()
    yield from _payments_against_accounts()
    yield from _items_against_allocations()
    yield from _sources_against_allocations()
    yield from _invoices_against_items()
    yield from _gaps()


def _unbalanced_entries() -> Iterator[str]:
    for row in JournalLine.objects.values("entry").annotate(base=Sum("amount_base")).exclude(base=0):
        yield f"I1: entry {row['entry']} is off by {row['base']}"
    for odd in JournalLine.objects.values("entry", "currency").annotate(doc=Sum("amount_doc")).exclude(doc=0):
        yield f"I1: entry {odd['entry']} is off by {odd['doc']} {odd['currency']}"


def _sums(rows: object, key: tuple[str, ...], doc: str, base: str) -> Sums:
    totals = rows.values(*key).annotate(doc_sum=Sum(doc), base_sum=Sum(base))  # type: ignore[attr-defined]
    found = {tuple(row[name] for name in key): (row["doc_sum"], row["base_sum"]) for row in totals}
    return {where: sums for where, sums in found.items() if any(sums)}


def _compare(name: str, left: Sums, right: Sums) -> Iterator[str]:
    for where in left.keys() | right.keys():
        if (ours := left.get(where, (ZERO, ZERO))) != (theirs := right.get(where, (ZERO, ZERO))):
            yield f"{name}: {where} is {ours} by the records and {theirs} by the ledger"


def _account(account: str, key: tuple[str, ...], sign: int = 1) -> Sums:
    sums = _sums(JournalLine.objects.filter(account=account), key, "amount_doc", "amount_base")
    return {where: (doc * sign, base * sign) for where, (doc, base) in sums.items()}


def _open_items_against_accounts() -> Iterator[str]:
    key = ("customer", "currency")
    booked = ReceivableItem.objects.filter(in_ledger=True)
    yield from _compare("I2 receivables", _sums(booked.filter(retained=False), key, "open_amount", "open_base"), _account("AR", key))
    kept = booked.filter(retained=True)
    yield from _compare("I3 retention", _sums(kept, key, "open_amount", "open_base"), _account("RETENTION", key))
    by_item = _sums(booked.annotate(item=F("pk")).filter(retained=False), ("item",), "open_amount", "open_base")
    yield from _compare("I9 item", by_item, _account("AR", ("item",)))


def _payments_against_accounts() -> Iterator[str]:
    key = ("customer", "currency")
    posted = Payment.objects.filter(state=Payment.State.POSTED)
    credits = CreditNote.objects.filter(state__in=CreditNote.POSTED)
    standing = _added(*(_sums(rows, key, "unallocated", "unallocated_base") for rows in (posted, credits)))
    yield from _compare("I4 on account", standing, _account("ADVANCE", key, -1))
    for name, rows in (("payment", posted), ("credit_note", credits)):
        by_source = _sums(rows.annotate(source=F("pk")), ("source",), "unallocated", "unallocated_base")
        on_account = JournalLine.objects.filter(account="ADVANCE", **{f"{name}__isnull": False})
        sums = _sums(on_account, (name,), "amount_doc", "amount_base")
        yield from _compare(f"I9 {name}", by_source, {where: (-doc, -base) for where, (doc, base) in sums.items()})
    unknown = Payment.objects.filter(state=Payment.State.UNIDENTIFIED)
    suspense = _account("SUSPENSE", ("currency",), -1)
    yield from _compare("I4 suspense", _sums(unknown, ("currency",), "amount", "amount_base"), suspense)


def _added(*sums: Sums) -> Sums:
    total: Sums = {}
    for each in sums:
        for where, (doc, base) in each.items():
            before = total.get(where, (ZERO, ZERO))
            total[where] = before[0] + doc, before[1] + base
    return {where: found for where, found in total.items() if any(found)}


def _totals(rows: object, key: str, amount: str = "amount") -> dict[object, Decimal]:
    return dict(rows.values_list(key).annotate(total=Sum(amount, output_field=AmountField())))  # type: ignore[attr-defined]


def _items_against_allocations() -> Iterator[str]:
    active = Allocation.objects.filter(active=True)
    paid, relieved = _totals(active, "item"), _totals(active, "item", "base_item")
    items = ReceivableItem.objects.filter(in_ledger=True).exclude(invoice__state=Invoice.State.VOID)
    for item in items.values("pk", "amount", "amount_base", "open_amount", "open_base").iterator():
        pk = item["pk"]
        if item["open_amount"] + paid.get(pk, ZERO) != item["amount"]:
            yield f"I5: item {pk} is {item['amount']}, of which {item['open_amount']} is open and {paid.get(pk, ZERO)} settled"
        if item["open_base"] + relieved.get(pk, ZERO) != item["amount_base"]:
            gone = relieved.get(pk, ZERO)
            yield f"I7: item {pk} is {item['amount_base']} in base, of which {item['open_base']} is open and {gone} relieved"
        if item["open_amount"] < 0 or item["open_base"] < 0 or (item["open_amount"] == 0 and item["open_base"] != 0):
            yield f"I6: item {pk} has {item['open_amount']} open, in base {item['open_base']}"


def _sources_against_allocations() -> Iterator[str]:
    active, refunds = Allocation.objects.filter(active=True), Refund.objects.filter(state=Refund.State.POSTED)
    small = _totals(WriteOff.objects.filter(payment__isnull=False, state=WriteOff.State.POSTED), "payment")
    for name, rows, amount in (
        ("payment", Payment.objects.filter(state=Payment.State.POSTED), "amount"),
        ("credit_note", CreditNote.objects.filter(state__in=CreditNote.POSTED), "gross"),
    ):
        used, back = _totals(active, name), _totals(refunds, name)
        for source in rows.values("pk", amount, "unallocated", "unallocated_base").iterator():
            pk = source["pk"]
            gone = used.get(pk, ZERO) + back.get(pk, ZERO) + (small.get(pk, ZERO) if name == "payment" else ZERO)
            if source["unallocated"] + gone != source[amount]:
                yield f"L10: {name} {pk} of {source[amount]} has {source['unallocated']} left and {gone} used"
            if source["unallocated"] < 0 or ((source["unallocated"] == 0) and source["unallocated_base"] != 0):
                yield f"I6: {name} {pk} has {source['unallocated']} left, in base {source['unallocated_base']}"


def _invoices_against_items() -> Iterator[str]:
    for invoice in (
        Invoice.objects.filter(state__in=Invoice.POSTED).annotate(items_total=Sum("items__amount")).exclude(items_total=F("gross"))
    ):
        yield f"L8: invoice {invoice.number} is {invoice.gross} and its items {invoice.items_total}"


def _gaps() -> Iterator[str]:
    for name, numbers in (
        ("invoice", Invoice.objects.exclude(number=None).exclude(kind=Invoice.Kind.PROFORMA).values_list("number", flat=True)),
        ("receipt", Payment.objects.exclude(number=None).values_list("number", flat=True)),
        ("credit note", CreditNote.objects.exclude(number=None).values_list("number", flat=True)),
        ("journal entry", JournalEntry.objects.values_list("number", flat=True)),
    ):
        series: dict[str, list[int]] = {}
        for number in numbers:
            tail = LAST_NUMBER.search(number or "")
            if tail is not None:
                series.setdefault((number or "")[: tail.start()], []).append(int(tail.group(1)))
        for prefix, values in series.items():
            ordered = sorted(values)
            if ordered[0] != 1 or any(later - earlier != 1 for earlier, later in pairwise(ordered)):
                yield f"I10: the {name} numbers {prefix}… have a gap"
            if doubles := [value for value, times in Counter(values).items() if times > 1]:
                yield f"I10: the {name} numbers {prefix}{doubles} are given twice"
