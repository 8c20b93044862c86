"""Invoices and payments, made the short way: by walking there."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ltc.customers.models import Contact
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from orders.models import Order
from receivables.models import Invoice, Payment, ReceivableItem
from receivables.services.receipts import record_payment
from tests import make
from tests.delivery import make as goods

NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


def approver() -> Membership:
    return make.member("fin", capabilities=["finance_approver"])


def order(owner: Membership, *, term: str = "3-6-1", price: str = "1000.00", at: datetime = NOON, **fields: Any) -> Order:
    """A confirmed order over ten pieces of that price, whose customer can be written to."""
    confirmed = goods.confirmed(owner, term=term, at=at, lines=[goods.orders.line(price, qty="10")], **fields)
    Contact.objects.get_or_create(customer=confirmed.customer, email="pay@example.com", defaults={"name": "Ms Chen", "is_billing": True})
    return confirmed


def issued(draft: Invoice, *, at: datetime = NOON, sent: bool = True, **inputs: Any) -> Invoice:
    """Submitted, approved, issued and sent."""
    invoice = perform(draft, "submit", actor=SYSTEM, at=at)
    if invoice.state == Invoice.State.IN_APPROVAL:
        perform(invoice, "approve", actor=SYSTEM, at=at)
    perform(invoice, "issue", actor=SYSTEM, at=at, **inputs)
    if sent:
        perform(invoice, "mark_sent", actor=SYSTEM, at=at, channel="email", recipient="pay@example.com")
    return invoice


def paid(customer: Any, amount: str, *, at: datetime = NOON, currency: str = "CNY", on: date | None = None, **fields: Any) -> Payment:
    """Money of a customer, posted."""
    payment = record_payment(
        actor=SYSTEM, amount=Decimal(amount), currency=currency, received_on=on or at.date(), customer=customer, at=at, **fields
    )
    return perform(payment, "post", actor=SYSTEM, at=at)


def at(month: int, day: int, hour: int = 2) -> datetime:
    """An instant of 2026: ten o'clock in Shanghai unless said otherwise."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def owed(owner: Membership, *, due: date, price: str = "10000.00", on: datetime | None = None, **fields: Any) -> ReceivableItem:
    """An item of 30 % of ten pieces, due on a day, whose invoice was sent on the third of August 2026."""
    issued_at = on or at(8, 3, 4)
    draft = Invoice.objects.get(order=order(owner, at=issued_at, price=price, **fields))
    ReceivableItem.objects.filter(invoice=issued(draft, at=issued_at)).update(due_date=due)
    return draft.items.get()
