"""Settling items: with what is left of payments and credit notes. Both sides end at exactly zero in both currencies."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables import posting
from receivables.allocation import Method, Proposal
from receivables.company import day_of, own_company
from receivables.models import Allocation, CreditNote, Invoice, JournalEntry, Payment, ReceivableItem, WriteOff
from receivables.services.differences import post_difference
from receivables.services.earmarks import move_earmarks
from receivables.services.invoicing import follow_items
from receivables.services.ledger import lock_debt, mirror_entry, post_entry, posting_day

ZERO: Final = Decimal(0)
Event = JournalEntry.Event


class CannotAllocate(Refusal):
    """The payment or the item does not have so much left."""

    code = "insufficient_unallocated"


def allocate_the_certain(payment: Payment, *, at: datetime) -> None:
    """Allocate what a payment says itself: items that the payer names, or one of exactly its amount. Anything else waits for a person,
    unless the tenant (setting `auto_allocate`) has everything allocated."""
    if payment.state != Payment.State.POSTED or not payment.unallocated:
        return
    proposal = payment.suggestion()
    wants_all = own_company().settings.get("auto_allocate") == "all"
    if proposal.is_certain or (wants_all and proposal.shares):
        perform(payment, "allocate", actor=SYSTEM, at=at)


def allocate_what_stands(customer: Any, currency: str, *, at: datetime) -> None:
    """After a new invoice: settle it with what stands on the customer's account, if the tenant has everything allocated."""
    if own_company().settings.get("auto_allocate") != "all":
        return
    standing = Payment.objects.filter(customer=customer, currency=currency, state=Payment.State.POSTED, unallocated__gt=0)
    for payment in standing.order_by("received_on", "pk"):
        allocate_the_certain(payment, at=at)


def prepare_allocation(
    source: Any, *, actor: Actor, at: datetime, rows: Sequence[dict[str, Any]] | None = None, on: date | None = None
) -> dict[str, Any]:
    """Settle items with what is left of a payment or a credit note. Without `rows` the engine's suggestion is followed.

    Rows are {"item": ReceivableItem, "amount": Decimal} in the source's currency. `on` is the day that counts; it is never before the
    money nor before the invoice. Raises CannotAllocate.
    """
    if on is not None and on > day_of(at):
        raise Refusal(_("This day is still to come."), code="date_in_future", field="on")
    lock_debt(source.customer_id, source.currency)
    before, before_base = source.unallocated, source.unallocated_base
    proposal: Proposal | None = None
    if rows:
        method, wanted = Method.MANUAL, [(row["item"].pk, Decimal(row["amount"])) for row in rows]
    else:
        proposal = source.suggestion()
        method, wanted = proposal.method, [(share.item, share.amount) for share in proposal.shares]
    if not wanted:
        raise CannotAllocate(_("There is no open item to pay. The money stays on account."), code="nothing_to_allocate")
    made = settle(source, wanted, method=method, on=on, actor=actor, at=at)
    if proposal is not None and proposal.difference:
        post_difference(made[-1], source, proposal.difference, actor=actor, at=at)
    taken, taken_base = before - source.unallocated, before_base - source.unallocated_base
    source.unallocated, source.unallocated_base = before, before_base  # the transition takes it
    return {"taken": taken, "taken_base": taken_base}


def settle(
    source: Any, wanted: Sequence[tuple[Any, Decimal]], *, method: str, on: date | None, actor: Actor, at: datetime
) -> list[Allocation]:
    """Allocate to each item its amount, with an entry each; what is left of the source is changed on the record, not saved.

    The items must be locked (`lock_debt`). Raises CannotAllocate.
    """
    found = ReceivableItem.objects.select_for_update(of=("self",)).filter(pk__in=[pk for pk, _amount in wanted])
    items = {item.pk: item for item in found.select_related("invoice").order_by("pk")}
    check(source, wanted, items)
    made = []
    for pk, amount in wanted:
        made.append(_allocate(source, items[pk], amount, method=method, on=on, actor=actor, at=at))
    for invoice in invoices_of(items.values()):
        follow_items(invoice, on=max(each.date for each in made if each.item.invoice_id == invoice.pk), actor=actor, at=at)
    return made


def check(source: Any, wanted: Sequence[tuple[Any, Decimal]], items: dict[Any, ReceivableItem]) -> None:
    """Raise CannotAllocate unless the items are the customer's, and source and items have so much left."""
    if len({pk for pk, _amount in wanted}) != len(wanted):
        raise CannotAllocate(_("An item is named twice."), code="duplicate", field="rows")
    for pk, amount in wanted:
        item = items.get(pk)
        if item is not None and item.customer_id == source.customer_id and item.currency != source.currency:
            raise CannotAllocate(_("The item is in another currency than the money."), code="currency_mismatch", field="rows")
        if item is None or item.customer_id != source.customer_id or not item.released or not item.in_ledger:
            raise CannotAllocate(_("Choose items of the same customer and currency that are due."), code="wrong_item", field="rows")
        if amount <= 0 or quantise(amount, source.currency) != amount:
            raise CannotAllocate(_("Give an amount of more than zero for each item."), code="invalid", field="rows")
    if sum((amount for _pk, amount in wanted), ZERO) > source.unallocated:
        raise CannotAllocate(_("Only %(left)s of this payment is left.") % {"left": f"{source.unallocated:f}"}, field="rows")
    for pk, amount in wanted:
        if amount > items[pk].open_amount:
            raise CannotAllocate(
                _("Only %(open)s of this item is open.") % {"open": f"{items[pk].open_amount.normalize():f}"}, code="item_overallocated",
                field="rows",
            )  # fmt: skip


def _allocate(
    source: Any, item: ReceivableItem, amount: Decimal, *, method: str, on: date | None, actor: Actor, at: datetime
) -> Allocation:
    """One allocation with its entry, from the source's rest."""
    assert source.fx_rate is not None and item.invoice.fx_rate is not None and item.invoice.invoice_date is not None
    relief = posting.relief_of(
        amount, item_open=item.open_amount, item_open_base=item.open_base, item_rate=item.invoice.fx_rate,
        source_left=source.unallocated, source_left_base=source.unallocated_base, source_rate=source.fx_rate,
        base_currency=own_company().base_currency,
    )  # fmt: skip
    day = max([source.source_date, item.invoice.invoice_date, *([on] if on else []), *([item.released_on] if item.released_on else [])])
    kind = Allocation.Kind.CREDIT_NOTE if isinstance(source, CreditNote) else Allocation.Kind.PAYMENT
    allocation = Allocation.objects.create(
        kind=kind, item=item, amount=amount, base_item=relief.base_item, base_source=relief.base_source, fx_diff=relief.fx_diff,
        date=day, method=method, posted_at=at, **source.link,
    )  # fmt: skip
    relieve(item, amount, relief.base_item, on=day)
    if isinstance(source, Payment) and item.plan_line_id:
        move_earmarks(source, item.plan_line_id, amount)
    source.take(amount, relief.base_source)
    names = {name: record.pk for name, record in source.link.items()}
    post_entry(
        Event.ALLOCATED, posting.allocated(amount=amount, relief=relief, item=item.pk, **names), on=posting_day(day, at=at), actor=actor,
        at=at, customer=source.customer, currency=source.currency, fx_rate=source.fx_rate, allocation=allocation, **source.link,
    )  # fmt: skip
    return allocation


def relieve(item: ReceivableItem, amount: Decimal, base: Decimal, *, on: date) -> None:
    """So much of an item is no longer owed (negative: owed again)."""
    item.open_amount -= amount
    item.open_base -= base
    item.closed_on = None if item.open_amount else on
    item.save(update_fields=["open_amount", "open_base", "closed_on"])


def take_allocation_back(allocation: Allocation, *, actor: Actor, at: datetime, on: date | None = None) -> dict[str, Any]:
    """Reverse an allocation: the entry is mirrored today, the item is open again with its old due date, the money is on account.

    A small difference or discount that followed from it is taken back with it.
    """
    if allocation.write_off_id:
        if on is None:
            raise Refusal(_("Reverse the write-off itself."), code="is_a_write_off")
        return {"on": on}  # the write-off's own reversal has done the rest
    source = _locked_source(allocation)
    lock_debt(source.customer_id, source.currency, closed_too=True)
    on = day_of(at)
    for difference in allocation.differences.filter(state=WriteOff.State.POSTED).order_by("-posted_at", "-pk"):
        perform(difference, "reverse", actor=SYSTEM, at=at, reason=str(_("Its allocation was reversed.")))
    source.refresh_from_db(fields=["unallocated", "unallocated_base"])
    item = ReceivableItem.objects.select_for_update(of=("self",)).get(pk=allocation.item_id)
    relieve(item, -allocation.amount, -allocation.base_item, on=on)
    source.take(-allocation.amount, -allocation.base_source)
    source.save(update_fields=["unallocated", "unallocated_base"])
    mirror_entry(allocation.entries.get(event=Event.ALLOCATED), Event.ALLOCATION_REVERSED, on=on, actor=actor, at=at)
    if isinstance(source, CreditNote) and source.state == CreditNote.State.APPLIED:
        perform(source, "reopen", actor=SYSTEM, at=at)
    follow_items(item.invoice, on=on, actor=actor, at=at)
    return {"on": on}


def _locked_source(allocation: Allocation) -> Any:
    model: Any = CreditNote if allocation.credit_note_id else Payment
    return model.objects.select_for_update(of=("self",)).get(pk=allocation.credit_note_id or allocation.payment_id)


def apply_credit(credit: CreditNote, *, actor: Actor, at: datetime) -> None:
    """An issued credit note settles the items of its invoice, the latest due first; unreleased retention takes none. The rest stands on
    the customer's account."""
    credit = CreditNote.objects.select_for_update(of=("self",)).get(pk=credit.pk)
    left, wanted = credit.unallocated, []
    for item in credit.invoice.items.filter(open_amount__gt=0, released=True, in_ledger=True).order_by("-due_date", "-seq"):
        if amount := min(item.open_amount, left):
            wanted.append((item.pk, amount))
            left -= amount
    if wanted:
        settle(credit, wanted, method=Method.RULE, on=None, actor=actor, at=at)
        credit.save(update_fields=["unallocated", "unallocated_base"])
    if not credit.unallocated:
        perform(credit, "apply", actor=SYSTEM, at=at)


def invoices_of(items: Iterable[ReceivableItem]) -> list[Invoice]:
    return list({item.invoice_id: item.invoice for item in items}.values())
