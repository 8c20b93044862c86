"""Payments: recorded, identified, posted, earmarked, taken back."""

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
from receivables import posting
from receivables.company import day_of, own_company
from receivables.models import Bill, JournalEntry, KnownPayer, Payment, Refund, WriteOff
from receivables.models.bank import payer_keys
from receivables.services.ledger import lock_debt, mirror_entry, post_entry, posting_day

ZERO: Final = Decimal(0)
Event = JournalEntry.Event


@transaction.atomic
def record_payment(
    *, actor: Actor, amount: Decimal, currency: str, received_on: date, customer: Customer | None = None,
    method: str = Payment.Method.BANK_TRANSFER, bank_account: str = "", bank_ref: str = "", payer_name: str = "",
    remittance_text: str = "", payer_account: str = "", bank_fee: Decimal = ZERO, value_date: date | None = None,
    external_ref: str | None = None, at: datetime | None = None, **bill: Any,
) -> Payment:  # fmt: skip
    """Enter money that came in; with a customer it is identified at once. It is in the books when it is posted.

    Amount in `currency`, more than zero, in its smallest unit, with what a bank kept (`bank_fee`). The same bank line is refused a second
    time (`bank_ref_duplicate`). A bill of exchange is described by `bill_number`, `bill_due_on`, `bill_drawer`, `bill_acceptor`.
    Raises Forbidden, Refusal, ValidationError.
    """
    at = at or timezone.now()
    if not (actor.has_perm("receivables.record_payment") or actor.has_perm("receivables.import_payment")):
        raise Forbidden(_("You may not record payments. Ask finance."))
    if received_on > day_of(at):
        raise Refusal(_("This day is still to come. Give the day on which the money came in."), code="date_in_future", field="received_on")
    if quantise(amount, currency) != amount or quantise(bank_fee, currency) != bank_fee:
        raise Refusal(_("The amount has more decimals than the currency."), code="invalid", field="amount")
    if bank_ref and Payment.objects.filter(bank_account=bank_account, bank_ref=bank_ref).exists():
        raise Refusal(_("This bank line is booked already."), code="bank_ref_duplicate", field="bank_ref")
    payment = Payment(
        amount=amount, currency=currency, received_on=received_on, method=method, bank_account=bank_account, bank_ref=bank_ref,
        payer_name=payer_name or (customer.name if customer else ""), remittance_text=remittance_text, payer_account=payer_account,
        bank_fee=bank_fee, value_date=value_date, external_ref=external_ref, recorded_by=actor.pk,
    )  # fmt: skip
    payment.full_clean()
    payment.save()
    if bill.get("bill_number"):
        _note_bill(payment, **bill)
    record(payment, kind=Entry.Kind.SYSTEM, name="recorded", to_state=payment.state, actor=actor, at=at)
    if customer is not None:
        perform(payment, "identify", actor=SYSTEM, at=at, customer=customer)
    return payment


def prepare_identification(payment: Payment, *, actor: Actor, at: datetime, customer: Customer) -> dict[str, Any]:
    """A payer becomes known: money that waits in suspense goes to the customer's account. What a person says is learned."""
    if actor.kind != "system":
        for key in payer_keys(payment):
            KnownPayer.objects.update_or_create(key=key, defaults={"customer": customer})
    if payment.state == Payment.State.UNIDENTIFIED:
        assert payment.fx_rate is not None and payment.amount_base is not None
        lines = posting.payer_identified(amount=payment.amount, amount_base=payment.amount_base, payment=payment.pk)
        post_entry(
            Event.PAYER_IDENTIFIED, lines, on=day_of(at), actor=actor, at=at, customer=customer, currency=payment.currency,
            fx_rate=payment.fx_rate, payment=payment,
        )  # fmt: skip
    return {"customer": customer}


def _note_bill(
    payment: Payment, *, bill_number: str, bill_due_on: date | None = None, bill_drawer: str = "", bill_acceptor: str = ""
) -> None:
    if not payment.is_bill:
        raise Refusal(_("Only bills and notes have a bill's number."), code="invalid", field="bill_number")
    if bill_due_on is None:
        raise Refusal(_("Say when the bill is due."), code="required", field="bill_due_on")
    bill = Bill(payment=payment, number=bill_number, due_on=bill_due_on, drawer=bill_drawer, acceptor=bill_acceptor)
    bill.full_clean()
    bill.save()


def prepare_posting(
    payment: Payment, *, actor: Actor, at: datetime, fx_rate: Decimal | None = None, on: date | None = None
) -> dict[str, Any]:
    """The entry and the number of a payment. The exchange rate is that of the day on which the money came in, and is frozen.

    It is posted on the day of the money, or, if that month is closed, today; `on` chooses another day. `fx_rate` is given by an import.
    Raises Refusal (`fx_rate_missing`, `period_closed`).
    """
    lock_debt(payment.customer_id, payment.currency)
    tenant = own_company()
    day = on or posting_day(payment.received_on, at=at)
    if day > day_of(at) or day < payment.received_on:
        raise Refusal(_("Post it on a day from its receipt until today."), code="invalid", field="on")
    rate = fx_rate or rate_of(payment.currency, payment.received_on)
    base = convert(payment.amount, rate, to_currency=tenant.base_currency)
    fee_base = convert(payment.bank_fee, rate, to_currency=tenant.base_currency)
    lines = posting.payment_posted(
        amount=payment.amount, amount_base=base, payment=payment.pk, payer_is_known=payment.customer is not None, fee=payment.bank_fee,
        fee_base=fee_base, is_bill=payment.is_bill,
    )  # fmt: skip
    post_entry(
        Event.PAYMENT_POSTED, lines, on=day, actor=actor, at=at, customer=payment.customer, currency=payment.currency, fx_rate=rate,
        payment=payment,
    )  # fmt: skip
    return {"number": next_number("receipt", on=day, gap_free=True), "fx_rate": rate, "amount_base": base, "on": day}


def rate_of(currency: str, on: date) -> Decimal:
    """The exchange rate of a document of that day to the base currency. Raises Refusal (`fx_rate_missing`)."""
    try:
        return exchange_rate(from_currency=currency, to_currency=own_company().base_currency, on=on).rate
    except FxRateMissing as error:
        raise Refusal(str(error), code=error.code) from error


def take_payment_back(payment: Payment, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """Reverse a payment today: first its allocations, newest first, then the receipt itself.

    Not while something of it is paid back (`refund_outstanding`).
    """
    if payment.refunds.filter(state=Refund.State.POSTED).exists():
        raise Refusal(_("Some of this payment was paid back. Take that back first."), code="refund_outstanding")
    if payment.bills.exclude(state__in=[Bill.State.RECEIVED, Bill.State.DISHONOURED]).exists() and actor.kind != "system":
        raise Refusal(_("Its bill was used already. Mark the bill as dishonoured."), code="bill_used")
    on = day_of(at)
    lock_debt(payment.customer_id, payment.currency, closed_too=True)
    for allocation in payment.allocations.filter(active=True).order_by("-posted_at", "-pk"):
        perform(allocation, "reverse", actor=SYSTEM, at=at)
    for difference in payment.write_offs.filter(state=WriteOff.State.POSTED).order_by("-posted_at", "-pk"):
        perform(difference, "reverse", actor=SYSTEM, at=at, reason=reason)
    for entry in payment.entries.filter(event__in=[Event.PAYMENT_POSTED, Event.PAYER_IDENTIFIED], reversals=None).order_by("-number"):
        mirror_entry(entry, Event.PAYMENT_REVERSED, on=on, actor=actor, at=at)
    payment.earmarks.filter(active=True).update(active=False)
    payment.refresh_from_db(fields=["unallocated", "unallocated_base"])
    return {"reason": reason, "on": on}
