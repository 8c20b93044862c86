"""Payments: recorded, identified, posted, allocated to items, taken back. Both sides end at exactly zero in both currencies."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.money.amounts import quantise
from ltc.money.errors import FxRateMissing
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from orders.models import Order
from receivables import posting
from receivables.allocation import Method
from receivables.company import day_of, own_company
from receivables.models import Allocation, Invoice, JournalEntry, Payment, ReceivableItem
from receivables.services.invoicing import follow_items
from receivables.services.ledger import mirror_entry, post_entry

ZERO: Final = Decimal(0)
Event = JournalEntry.Event


class CannotAllocate(Refusal):
    """The payment or the item does not have so much left."""

    code = "insufficient_unallocated"


@transaction.atomic
def record_payment(
    *, actor: Actor, amount: Decimal, currency: str, received_on: date, customer: Customer | None = None,
    method: str = Payment.Method.BANK_TRANSFER, bank_account: str = "", bank_ref: str = "", payer_name: str = "",
    remittance_text: str = "", at: datetime | None = None,
) -> Payment:  # fmt: skip
    """Enter money that came in; with a customer it is identified at once. It is in the books when it is posted.

    Amount in `currency`, more than zero, in its smallest unit. The same bank line is refused a second time (`duplicate`).
    Raises Forbidden, Refusal, ValidationError.
    """
    at = at or timezone.now()
    if not (actor.has_perm("receivables.record_payment") or actor.has_perm("receivables.import_payment")):
        raise Forbidden(_("You may not record payments. Ask finance."))
    if received_on > day_of(at):
        raise Refusal(_("This day is still to come. Give the day on which the money came in."), code="date_in_future", field="received_on")
    if quantise(amount, currency) != amount:
        raise Refusal(_("The amount has more decimals than the currency."), code="invalid", field="amount")
    if bank_ref and Payment.objects.filter(bank_account=bank_account, bank_ref=bank_ref).exists():
        raise Refusal(_("This bank line is booked already."), code="duplicate", field="bank_ref")
    payment = Payment(
        amount=amount, currency=currency, received_on=received_on, method=method, bank_account=bank_account, bank_ref=bank_ref,
        payer_name=payer_name or (customer.name if customer else ""), remittance_text=remittance_text, recorded_by=actor.pk,
    )  # fmt: skip
    payment.full_clean()
    payment.save()
    record(payment, kind=Entry.Kind.SYSTEM, name="recorded", to_state=payment.state, actor=actor, at=at)
    if customer is not None:
        perform(payment, "identify", actor=SYSTEM, at=at, customer=customer)
    return payment


def prepare_identification(payment: Payment, *, actor: Actor, at: datetime, customer: Customer) -> dict[str, Any]:
    """A payer becomes known: money that waits in suspense goes to the customer's account."""
    if payment.state == Payment.State.UNIDENTIFIED:
        assert payment.fx_rate is not None and payment.amount_base is not None
        lines = posting.payer_identified(amount=payment.amount, amount_base=payment.amount_base, payment=payment.pk)
        post_entry(
            Event.PAYER_IDENTIFIED, lines, on=day_of(at), actor=actor, at=at, customer=customer, currency=payment.currency,
            fx_rate=payment.fx_rate, payment=payment,
        )  # fmt: skip
    return {"customer": customer}


def prepare_posting(payment: Payment, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The entry and the number of a payment. The exchange rate is that of the day on which the money came in, and is frozen."""
    lock_debt(payment.customer_id, payment.currency)
    tenant, today = own_company(), day_of(at)
    try:
        rate = exchange_rate(from_currency=payment.currency, to_currency=tenant.base_currency, on=payment.received_on).rate
    except FxRateMissing as error:
        raise Refusal(str(error), code=error.code) from error
    base = convert(payment.amount, rate, to_currency=tenant.base_currency)
    lines = posting.payment_posted(
        amount=payment.amount, amount_base=base, payment=payment.pk, payer_is_known=payment.customer is not None
    )  # fmt: skip
    post_entry(
        Event.PAYMENT_POSTED, lines, on=today, actor=actor, at=at, customer=payment.customer, currency=payment.currency, fx_rate=rate,
        payment=payment,
    )  # fmt: skip
    return {"number": next_number("receipt", on=today, gap_free=True), "fx_rate": rate, "amount_base": base}


def allocate_the_certain(payment: Payment, *, at: datetime) -> None:
    """Allocate what a payment says itself: items that the payer names, or one of exactly its amount. Anything else waits for a person."""
    if payment.state == Payment.State.POSTED and payment.suggestion().is_certain:
        perform(payment, "allocate", actor=SYSTEM, at=at)


def prepare_allocation(payment: Payment, *, actor: Actor, at: datetime, rows: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Pay items out of what is left of a payment. Without `rows` the engine's suggestion is followed.

    Rows are {"item": ReceivableItem, "amount": Decimal} in the payment's currency. Raises CannotAllocate.
    """
    if rows:
        method, wanted = Method.MANUAL, [(row["item"].pk, Decimal(row["amount"])) for row in rows]
    else:
        proposal = payment.suggestion()
        method, wanted = proposal.method, [(share.item, share.amount) for share in proposal.shares]
    if not wanted:
        raise CannotAllocate(_("There is no open item to pay. The money stays on account."), code="nothing_to_allocate")
    items = {
        item.pk: item for item in ReceivableItem.objects.select_for_update().filter(pk__in=[pk for pk, _amount in wanted]).order_by("pk")
    }
    _check(payment, wanted, items)
    left, left_base = payment.unallocated, payment.unallocated_base
    for pk, amount in wanted:
        left, left_base = _allocate(payment, items[pk], amount, left, left_base, method=method, actor=actor, at=at)
    for invoice in _invoices_of(items.values()):
        follow_items(invoice, on=_date(payment, items.values()), actor=actor, at=at)
    return {"taken": payment.unallocated - left, "taken_base": payment.unallocated_base - left_base}


def _check(payment: Payment, wanted: Sequence[tuple[Any, Decimal]], items: dict[Any, ReceivableItem]) -> None:
    if len({pk for pk, _amount in wanted}) != len(wanted):
        raise CannotAllocate(_("An item is named twice."), code="duplicate", field="rows")
    if sum((amount for _pk, amount in wanted), ZERO) > payment.unallocated:
        raise CannotAllocate(_("Only %(left)s of this payment is left.") % {"left": f"{payment.unallocated:f}"}, field="rows")
    for pk, amount in wanted:
        item = items.get(pk)
        if item is None or item.customer_id != payment.customer_id or item.currency != payment.currency or not item.released:
            raise CannotAllocate(_("Choose items of the same customer and currency that are due."), code="wrong_item", field="rows")
        if amount <= 0 or quantise(amount, payment.currency) != amount:
            raise CannotAllocate(_("Give an amount of more than zero for each item."), code="invalid", field="rows")
        if amount > item.open_amount:
            raise CannotAllocate(
                _("Only %(open)s of this item is open.") % {"open": item.open_amount.normalize()}, code="over_allocation", field="rows"
            )


def _allocate(
    payment: Payment, item: ReceivableItem, amount: Decimal, left: Decimal, left_base: Decimal, *, method: str, actor: Actor, at: datetime
) -> tuple[Decimal, Decimal]:
    """One allocation with its entry; what is left of the payment then, in its currency and in base."""
    assert payment.fx_rate is not None and item.invoice.fx_rate is not None
    relief = posting.relief_of(
        amount, item_open=item.open_amount, item_open_base=item.open_base, item_rate=item.invoice.fx_rate, source_left=left,
        source_left_base=left_base, source_rate=payment.fx_rate, base_currency=own_company().base_currency,
    )  # fmt: skip
    on = _date(payment, [item])
    allocation = Allocation.objects.create(
        payment=payment, item=item, amount=amount, base_item=relief.base_item, base_source=relief.base_source, fx_diff=relief.fx_diff,
        date=on, method=method,
    )  # fmt: skip
    item.open_amount -= amount
    item.open_base -= relief.base_item
    item.closed_on = None if item.open_amount else on
    item.save(update_fields=["open_amount", "open_base", "closed_on"])
    post_entry(
        Event.ALLOCATED, posting.allocated(amount=amount, relief=relief, item=item.pk, payment=payment.pk), on=day_of(at), actor=actor,
        at=at, customer=payment.customer, currency=payment.currency, fx_rate=payment.fx_rate, payment=payment, allocation=allocation,
    )  # fmt: skip
    return left - amount, left_base - relief.base_source


def take_allocation_back(allocation: Allocation, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Reverse an allocation: the entry is mirrored today, the item is open again with its old due date, the money is on account."""
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=allocation.payment_id)
    lock_debt(payment.customer_id, payment.currency, closed_too=True)
    item = ReceivableItem.objects.select_for_update(of=("self",)).get(pk=allocation.item_id)
    item.open_amount += allocation.amount
    item.open_base += allocation.base_item
    item.closed_on = None
    item.save(update_fields=["open_amount", "open_base", "closed_on"])
    payment.unallocated += allocation.amount
    payment.unallocated_base += allocation.base_source
    payment.save(update_fields=["unallocated", "unallocated_base"])
    entry = allocation.entries.get(event=Event.ALLOCATED)
    on = day_of(at)
    mirror_entry(entry, Event.ALLOCATION_REVERSED, on=on, actor=actor, at=at)
    follow_items(item.invoice, on=on, actor=actor, at=at)
    return {"on": on}


def take_payment_back(payment: Payment, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """Reverse a payment: first its allocations, newest first, then the receipt itself."""
    for allocation in payment.allocations.filter(active=True).order_by("-created_at", "-pk"):
        perform(allocation, "reverse", actor=SYSTEM, at=at)
    for entry in payment.entries.filter(event__in=[Event.PAYMENT_POSTED, Event.PAYER_IDENTIFIED]).order_by("-number"):
        mirror_entry(entry, Event.PAYMENT_REVERSED, on=day_of(at), actor=actor, at=at)
    payment.refresh_from_db(fields=["unallocated", "unallocated_base"])
    return {"reason": reason}


def _date(payment: Payment, items: Iterable[ReceivableItem]) -> date:
    """The day of an allocation: that of the money, but not before the invoice (money on account may be older)."""
    return max([payment.received_on, *(item.invoice.invoice_date for item in items if item.invoice.invoice_date)])


def lock_debt(customer: Any, currency: str, *, closed_too: bool = False) -> None:
    """Lock the orders behind what a customer owes, before any number is taken.

    Issuing an invoice locks its order and then takes its numbers; whoever settles invoices must come the same way, or the two wait for
    each other.
    """
    items = ReceivableItem.objects.filter(customer=customer, currency=currency)
    if not closed_too:
        items = items.filter(open_amount__gt=0)
    orders = Order.objects.filter(pk__in=items.values("invoice__order"))
    list(orders.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _invoices_of(items: Iterable[ReceivableItem]) -> list[Invoice]:
    return list({item.invoice_id: item.invoice for item in items}.values())
