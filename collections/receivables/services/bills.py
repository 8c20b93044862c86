"""Bills of exchange: what becomes of one that a customer paid with."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.money.exchange import convert
from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables import posting
from receivables.company import day_of, own_company
from receivables.models import Bill, JournalEntry, Payment
from receivables.posting import Account
from receivables.services.ledger import mirror_entry, post_entry, posting_day, require_open

Event = JournalEntry.Event
USED: Final = (Event.BILL_HONOURED, Event.BILL_ENDORSED, Event.BILL_DISCOUNTED)


def _post(
    bill: Bill, event: JournalEntry.Event, into: Account, *, on: date | None, actor: Actor, at: datetime, fee: Decimal = Decimal(0)
) -> date:
    payment = bill.payment
    if payment.state != Payment.State.POSTED or payment.fx_rate is None or payment.amount_base is None:
        raise Refusal(_("Post the payment first."), code="not_posted")
    day = on or posting_day(day_of(at), at=at)
    if on is not None:
        require_open(on)
    if day > day_of(at) or day < payment.received_on:
        raise Refusal(_("Choose a day from the receipt of the bill until today."), code="invalid", field="on")
    lines = posting.bill_settled(
        amount=payment.amount, amount_base=payment.amount_base, payment=payment.pk, into=into, fee=fee,
        fee_base=convert(fee, payment.fx_rate, to_currency=own_company().base_currency),
    )  # fmt: skip
    post_entry(
        event, lines, on=day, actor=actor, at=at, customer=payment.customer, currency=payment.currency, fx_rate=payment.fx_rate,
        payment=payment,
    )  # fmt: skip
    return day


def honour_bill(bill: Bill, *, actor: Actor, at: datetime, on: date | None = None) -> dict[str, Any]:
    """BANK against NOTES; not before the bill is due."""
    if (on or day_of(at)) < bill.due_on:
        raise Refusal(_("The bill is not due yet."), code="not_due", field="on")
    return {"on": _post(bill, Event.BILL_HONOURED, Account.BANK, on=on, actor=actor, at=at)}


def endorse_bill(bill: Bill, *, actor: Actor, at: datetime, to: str, on: date | None = None) -> dict[str, Any]:
    """PAYABLES against NOTES: a supplier took it."""
    return {"on": _post(bill, Event.BILL_ENDORSED, Account.PAYABLES, on=on, actor=actor, at=at), "to": to}


def discount_bill(bill: Bill, *, actor: Actor, at: datetime, fee: Decimal, on: date | None = None) -> dict[str, Any]:
    """BANK and BANK_FEE against NOTES."""
    if not 0 <= fee < bill.payment.amount or quantise(fee, bill.payment.currency) != fee:
        raise Refusal(_("The fee is a part of the bill's amount."), code="invalid", field="fee")
    return {"on": _post(bill, Event.BILL_DISCOUNTED, Account.BANK, on=on, actor=actor, at=at, fee=fee), "fee": fee}


def dishonour_bill(bill: Bill, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """What was done with the bill is mirrored, the payment is taken back, its items are open again with their old due dates."""
    on = day_of(at)
    for entry in bill.payment.entries.filter(event__in=USED, reversals=None).order_by("-number"):
        mirror_entry(entry, Event.BILL_DISHONOURED, on=on, actor=actor, at=at)
    perform(bill.payment, "reverse", actor=SYSTEM, at=at, reason=reason)
    return {"on": on, "reason": reason}
