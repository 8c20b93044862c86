"""What lies on the clerk's desk: customers billed each month who pay after their habits, and money with an unclear memo."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from ltc.customers.models import Customer
from ltc.customers.services import create_customer
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.demo.walk import Cast
from receivables.models import Invoice
from receivables.services.free_invoices import issue_past_invoice
from receivables.services.receipts import record_payment

# Name in Chinese and in English, how many days late they usually pay, and how much they are billed a month in thousands.
DEBTORS: Final = (
    ("示例水务装备集团", "Granite Water Works", 55, 213), ("东莞示例食品集团", "Lakeside Foods Group", 12, 168),
    ("佛山示例包装材料", "Fieldpoint Packaging", 3, 42), ("宁波示例五金制品", "Anchor Hardware", 24, 57),
    ("苏州示例电子科技", "Silverline Electronics", 0, 96), ("广州示例日化", "Bluebell Home Care", 33, 30),
)  # fmt: skip
TERM: Final = timedelta(days=30)
MONTHS, FEWER = 6, 3


def lay_out(cast: Cast, *, scale: float) -> None:
    """Bill the debtors month by month, book what they paid, and leave some money to be placed."""
    chinese = cast.company.locale != "en"
    months = MONTHS if scale >= 0.5 else FEWER
    debtors = [_debtor(cast, names[0] if chinese else names[1]) for names in DEBTORS]
    for back in range(months, 0, -1):
        for customer, (_zh, _en, late, amount) in zip(debtors, DEBTORS, strict=True):
            invoiced = cast.office(cast.anchor - timedelta(days=30 * back + cast.dice.randrange(8)))
            gross = Decimal(amount * 1000 + cast.dice.randrange(90_000)) / (1 if chinese else 7)
            _bill(cast, customer, invoiced, gross.quantize(Decimal("0.01")), late)
    _unplaced(cast, debtors)


def _debtor(cast: Cast, name: str) -> Customer:
    cast.number += 1
    return create_customer(
        actor=SYSTEM, name=name, owner=cast.anyone("rep"), country=cast.company.country, at=cast.anchor - timedelta(days=240),
        contacts=[
            {
                "name": cast.dice.choice(cast.company.contacts), "email": f"books{cast.number}@{cast.company.domain}",
                "phone": f"{cast.company.phone}{cast.number:04d}", "is_dunning": True, "is_billing": True,
            }
        ],
    )  # fmt: skip


def _bill(cast: Cast, customer: Customer, at: datetime, gross: Decimal, late: int) -> None:
    due = cast.day(at) + TERM
    invoice = issue_past_invoice(
        customer=customer, items=[{"amount": gross, "due_date": due}], on=cast.day(at), at=at, currency=cast.company.currency,
        sent_to=f"books@{cast.company.domain}",
    )  # fmt: skip
    paid = cast.office(datetime.combine(due, time(10), cast.zone) + timedelta(days=round(late * cast.dice.uniform(0.4, 1.5)) - 1))
    if cast.is_past(paid):
        _pay(cast, invoice, paid)


def _pay(cast: Cast, invoice: Invoice, at: datetime) -> None:
    cast.number += 1
    payment = record_payment(
        actor=SYSTEM, amount=invoice.gross, currency=invoice.currency, received_on=cast.day(at), customer=invoice.customer, at=at,
        bank_ref=f"BANK-{cast.number:06d}", bank_account="DEMO", payer_name=invoice.customer.name, remittance_text=invoice.number or "",
    )  # fmt: skip
    perform(payment, "post", actor=SYSTEM, at=at)


def _unplaced(cast: Cast, debtors: list[Customer]) -> None:
    """Money on account of which the memo does not say what it is for."""
    at = cast.anchor - timedelta(hours=3)
    chinese, currency = cast.company.locale != "en", cast.company.currency
    unclear = record_payment(
        actor=SYSTEM, amount=Decimal(86_000), currency=currency, received_on=cast.day(at), customer=debtors[3], at=at, bank_ref="BANK-UNCLEAR",
        bank_account="DEMO", payer_name=debtors[3].name, remittance_text="货款" if chinese else "for goods",
    )  # fmt: skip
    perform(unclear, "post", actor=SYSTEM, at=at)
