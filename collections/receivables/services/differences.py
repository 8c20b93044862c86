"""Write-offs: bad debt with approval, small differences within the tenant's tolerance at once."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.money.exchange import convert
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables import posting
from receivables.company import day_of, is_small, own_company
from receivables.models import Allocation, JournalEntry, Payment, ReceivableItem, WriteOff
from receivables.models.invoices import require_finance_approver
from receivables.services.invoicing import follow_items
from receivables.services.ledger import lock_debt, mirror_entry, post_entry, posting_day, require_open

ZERO: Final = Decimal(0)
Event = JournalEntry.Event
Kind = WriteOff.Kind
AT_ONCE: Final = (Kind.SMALL_DIFFERENCE,)


@transaction.atomic
def write_off(
    *, actor: Actor, item: ReceivableItem | None = None, payment: Payment | None = None, amount: Decimal, kind: str,
    date: date | None = None, reason: str = "", at: datetime | None = None, follows: Allocation | None = None,
    external_ref: str | None = None,
) -> WriteOff:  # fmt: skip
    """Ask for an amount to be written off: of an item, or (a small difference) of a payment's rest. In its currency.

    A small difference within the tolerance is posted at once, above it refused (`tolerance_exceeded`); everything else waits for a
    finance approver, unless the system itself (an import) says so. Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    if not actor.has_perm("receivables.write_off"):
        raise Forbidden(_("You may not write off. Ask finance."))
    subject: Any = item or payment
    if subject is None or (item is not None and payment is not None):
        raise Refusal(_("Name an item or a payment."), code="required", field="item")
    on = date or day_of(at)
    if on > day_of(at):
        raise Refusal(_("This day is still to come."), code="date_in_future", field="date")
    require_open(on)
    _check_amount(subject, amount)
    by_system = actor.kind == "system"
    rate = item.invoice.fx_rate if item is not None else payment.fx_rate if payment is not None else None
    if kind == Kind.SMALL_DIFFERENCE and not by_system and not is_small(amount, rate=rate):
        raise Refusal(_("This is more than a small difference. Write it off as bad debt."), code="tolerance_exceeded", field="amount")
    if item is not None and follows is None and kind in (Kind.SMALL_DIFFERENCE, Kind.DISCOUNT):
        follows = item.allocations.filter(active=True, payment__isnull=False).order_by("-posted_at", "-pk").first()
    asked = WriteOff(
        customer=subject.customer, item=item, payment=payment, follows=follows, kind=kind, currency=subject.currency, amount=amount,
        date=on, reason=reason, drafted_by=actor.pk, external_ref=external_ref,
    )  # fmt: skip
    asked.full_clean()
    asked.save()
    record(asked, kind=Entry.Kind.SYSTEM, name="requested", to_state=asked.state, actor=actor, at=at)
    if kind in AT_ONCE or by_system:
        perform(asked, "approve", actor=SYSTEM, at=at)
    return asked


def _check_amount(subject: Any, amount: Decimal) -> None:
    if amount <= 0 or quantise(amount, subject.currency) != amount:
        raise Refusal(_("Give an amount of more than zero, with no more decimals than the currency."), code="invalid", field="amount")
    left = subject.open_amount if isinstance(subject, ReceivableItem) else subject.unallocated
    if amount > left:
        raise Refusal(
            _("Only %(open)s of this is open.") % {"open": f"{left.normalize():f}"}, code="item_overallocated", field="amount"
        )  # fmt: skip


def prepare_write_off(asked: WriteOff, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Post it: the item is relieved, by the remainder if nothing is open after it."""
    require_finance_approver(actor, author=asked.drafted_by)
    on = posting_day(asked.date, at=at)
    if asked.payment_id:
        return {"on": on, "amount_base": _write_off_rest(asked, on=on, actor=actor, at=at)}
    lock_debt(asked.customer_id, asked.currency)
    item = ReceivableItem.objects.select_for_update(of=("self",)).select_related("invoice").get(write_offs=asked)
    _check_amount(item, asked.amount)
    if not item.released:
        raise Refusal(_("This is not due yet. Release it first."), code="wrong_item")
    assert item.invoice.fx_rate is not None
    at_rate = convert(asked.amount, item.invoice.fx_rate, to_currency=own_company().base_currency)
    base = item.open_base if asked.amount == item.open_amount else min(at_rate, item.open_base)
    kind = Allocation.Kind.DISCOUNT if asked.kind == Kind.DISCOUNT else Allocation.Kind.WRITE_OFF
    allocation = Allocation.objects.create(
        kind=kind, write_off=asked, item=item, amount=asked.amount, base_item=base, base_source=base, fx_diff=ZERO, date=on,
        method=Allocation.Method.MANUAL, posted_at=at,
    )  # fmt: skip
    item.open_amount -= asked.amount
    item.open_base -= base
    item.closed_on = None if item.open_amount else on
    item.save(update_fields=["open_amount", "open_base", "closed_on"])
    post_entry(
        Event.WRITTEN_OFF, posting.written_off(kind=asked.kind, amount=asked.amount, amount_base=base, item=item.pk), on=on, actor=actor,
        at=at, customer=asked.customer, currency=asked.currency, fx_rate=item.invoice.fx_rate, write_off=asked, allocation=allocation,
    )  # fmt: skip
    follow_items(item.invoice, on=on, actor=actor, at=at)
    return {"on": on, "amount_base": base}


def _write_off_rest(asked: WriteOff, *, on: date, actor: Actor, at: datetime) -> Decimal:
    payment = Payment.objects.select_for_update(of=("self",)).get(write_offs=asked)
    lock_debt(payment.customer_id, payment.currency)
    _check_amount(payment, asked.amount)
    assert payment.fx_rate is not None
    base = rest_in_base(payment, asked.amount)
    payment.take(asked.amount, base)
    payment.save(update_fields=["unallocated", "unallocated_base"])
    post_entry(
        Event.WRITTEN_OFF, posting.overpaid(amount=asked.amount, amount_base=base, payment=payment.pk), on=on, actor=actor, at=at,
        customer=payment.customer, currency=payment.currency, fx_rate=payment.fx_rate, write_off=asked, payment=payment,
    )  # fmt: skip
    return base


def rest_in_base(source: Any, amount: Decimal) -> Decimal:
    """What a part of the rest of a payment or credit note is in base: all that is left with the last of it."""
    if amount == source.unallocated:
        return Decimal(source.unallocated_base)
    return min(convert(amount, source.fx_rate, to_currency=own_company().base_currency), source.unallocated_base)


def take_write_off_back(asked: WriteOff, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """The entry is mirrored today; the item is open again, or the rest of the payment on account again."""
    on = day_of(at)
    if asked.payment_id:
        payment = Payment.objects.select_for_update(of=("self",)).get(write_offs=asked)
        payment.take(-asked.amount, -(asked.amount_base or ZERO))
        payment.save(update_fields=["unallocated", "unallocated_base"])
        mirror_entry(asked.entries.get(event=Event.WRITTEN_OFF), Event.WRITE_OFF_REVERSED, on=on, actor=actor, at=at)
        return {"on": on, "reason": reason}
    lock_debt(asked.customer_id, asked.currency, closed_too=True)
    allocation = asked.allocations.get(active=True)
    item = ReceivableItem.objects.select_for_update(of=("self",)).select_related("invoice").get(write_offs=asked)
    item.open_amount += allocation.amount
    item.open_base += allocation.base_item
    item.closed_on = None
    item.save(update_fields=["open_amount", "open_base", "closed_on"])
    perform(allocation, "reverse", actor=SYSTEM, at=at, on=on)
    mirror_entry(asked.entries.get(event=Event.WRITTEN_OFF), Event.WRITE_OFF_REVERSED, on=on, actor=actor, at=at)
    follow_items(item.invoice, on=on, actor=actor, at=at)
    return {"on": on, "reason": reason}


def post_difference(allocation: Allocation, source: Any, difference: Decimal, *, actor: Actor, at: datetime) -> None:
    """The small difference that an allocation left: of the item if positive, of the source's rest if negative."""
    if difference > 0:
        item = ReceivableItem.objects.select_related("invoice").get(pk=allocation.item_id)
        write_off(
            actor=SYSTEM, item=item, amount=difference, kind=Kind.SMALL_DIFFERENCE, date=_day(allocation, at), at=at, follows=allocation
        )
    elif isinstance(source, Payment):
        source.save(update_fields=["unallocated", "unallocated_base"])
        write_off(
            actor=SYSTEM,
            payment=source,
            amount=-difference,
            kind=Kind.SMALL_DIFFERENCE,
            date=_day(allocation, at),
            at=at,
            follows=allocation,
        )
        source.refresh_from_db(fields=["unallocated", "unallocated_base", "version"])


def _day(allocation: Allocation, at: datetime) -> date:
    return posting_day(allocation.date, at=at)
