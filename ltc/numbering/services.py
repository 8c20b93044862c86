"""Giving numbers to documents, in one of two ways.

Without gaps (invoices, credit notes, receipts, journal entries): the sequence's row is locked until the end of the caller's
transaction. Numbers are 1 to n in the order of posting, and a rollback gives its number back; the price is that two postings of one
series cannot overlap. So the number is the last write of the posting, which keeps the lock for milliseconds.

With gaps allowed (leads, quotes, orders ...): numbers are drawn from blocks of twenty. A transaction takes the lowest block that no
other one has locked (SKIP LOCKED), so a long import does not hold up a person who enters one record. Nobody waits but for a new block
to be cut from the sequence, once in twenty numbers. The price: numbers are out of order by up to a block per transaction at a time,
and a block that nobody finished is a gap at the end of the year. A single user gets 1, 2, 3.

Neither way needs a second connection, a session lock or a database sequence, so both work under row security and behind a connection
pooler in transaction mode.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from ltc.numbering.models import NumberBlock, NumberSequence
from ltc.numbering.patterns import DEFAULT_PATTERN, check_pattern, default_prefix, render_number
from ltc.refusals import Forbidden
from ltc.users.actors import Actor

BLOCK = 20


class NumberingMixed(ValueError):
    """One series was asked for numbers with and without gaps; it can give only one kind."""


def next_number(doc_type: str, *, on: date, gap_free: bool, series: str = "") -> str:
    """The number of a new document of that day, such as INV-2026-000001. Call it inside the transaction that saves the document.

    `gap_free` belongs to the document type and may not change: NumberingMixed is raised if it does. Ask for a gap-free number as the
    last write of the posting.
    """
    period_key = f"{on.year:04d}"
    key = {"series": series, "doc_type": doc_type, "period_key": period_key}
    if gap_free:
        sequence = locked_sequence(key, gap_free=True)
        value = advance(sequence, 1)
    else:
        sequence = NumberSequence.objects.filter(**key).first() or open_sequence(key, gap_free=False)
        if sequence.gap_free:
            raise NumberingMixed(f"{doc_type} is numbered without gaps: call next_number(gap_free=True).")
        value = draw(key)
    return render_number(sequence.pattern, prefix=sequence.prefix, on=on, sequence=value)


def next_numbers(doc_type: str, *, on: Sequence[date], series: str = "") -> list[str]:
    """The numbers of many new documents of a kind whose numbers may have gaps, one for each of these days, cut off the sequence at once."""
    by_year: dict[str, list[int]] = {}
    for place, day in enumerate(on):
        by_year.setdefault(f"{day.year:04d}", []).append(place)
    found = [""] * len(on)
    for period_key, places in sorted(by_year.items()):
        sequence = locked_sequence({"series": series, "doc_type": doc_type, "period_key": period_key}, gap_free=False)
        first = advance(sequence, len(places))
        for value, place in enumerate(places, start=first):
            found[place] = render_number(sequence.pattern, prefix=sequence.prefix, on=on[place], sequence=value)
    return found


@transaction.atomic
def shape_numbers(doc_type: str, *, actor: Actor, on: date, gap_free: bool, prefix: str, pattern: str, series: str = "") -> NumberSequence:
    """Choose how the numbers of a document type look from now on, this year and later; those given stay as they are.

    Raises BadPattern, ValidationError, Forbidden.
    """
    if not actor.has_perm("settings.change"):
        raise Forbidden(_("You may not change how documents are numbered. Ask your administrator."))
    check_pattern(pattern)
    sequence = locked_sequence({"series": series, "doc_type": doc_type, "period_key": f"{on.year:04d}"}, gap_free=gap_free)
    sequence.prefix, sequence.pattern = prefix, pattern
    sequence.full_clean()
    sequence.save(update_fields=["prefix", "pattern"])
    return sequence


def locked_sequence(key: dict[str, str], *, gap_free: bool) -> NumberSequence:
    """The sequence's row, locked until the transaction ends; made if this is the first document of the year."""
    sequence = NumberSequence.objects.select_for_update().filter(**key).first()
    if sequence is None:
        open_sequence(key, gap_free=gap_free)
        sequence = NumberSequence.objects.select_for_update().get(**key)
    if sequence.gap_free is not gap_free:
        raise NumberingMixed(
            f"{key['doc_type']} is numbered {'without' if sequence.gap_free else 'with'} gaps and cannot change to the other."
        )
    return sequence


def open_sequence(key: dict[str, str], *, gap_free: bool) -> NumberSequence:
    """Start a year at one, looking as in the year before. Of two transactions that do so at once, the second uses the first's."""
    before = (
        NumberSequence.objects.filter(series=key["series"], doc_type=key["doc_type"], period_key__lt=key["period_key"])
        .order_by("-period_key")
        .first()
    )
    look = (before.prefix, before.pattern) if before else (default_prefix(key["doc_type"]), DEFAULT_PATTERN)
    fresh = NumberSequence(**key, prefix=look[0], pattern=look[1], gap_free=gap_free)
    NumberSequence.objects.bulk_create([fresh], ignore_conflicts=True)
    return NumberSequence.objects.get(**key)


def advance(sequence: NumberSequence, count: int) -> int:
    """Take so many numbers from a locked sequence; the first of them."""
    first = sequence.next_value
    sequence.next_value = first + count
    sequence.save(update_fields=["next_value"])
    return first


def draw(key: dict[str, str]) -> int:
    """The next number of a block that nobody else draws from now."""
    block = free_blocks(key).first()
    if block is None:
        sequence = locked_sequence(key, gap_free=False)
        block = free_blocks(key).first()  # whoever held the sequence may have left a block
        if block is None:
            first = advance(sequence, BLOCK)
            block = NumberBlock.objects.create(**key, next_value=first, last_value=first + BLOCK - 1)
    value = block.next_value
    if value == block.last_value:
        block.delete()
    else:
        NumberBlock.objects.filter(pk=block.pk).update(next_value=F("next_value") + 1)
    return value


def free_blocks(key: dict[str, str]) -> QuerySet[NumberBlock]:
    """The blocks that no transaction in flight draws from, lowest numbers first, locked for this one."""
    return NumberBlock.objects.select_for_update(skip_locked=True).filter(**key).order_by("next_value")
