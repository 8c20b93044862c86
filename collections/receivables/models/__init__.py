from receivables.models.adjustments import Bill, PaymentEarmark, Refund, WriteOff
from receivables.models.allocations import Allocation
from receivables.models.credits import CreditNote, CreditNoteLine
from receivables.models.invoices import Invoice, InvoiceLine, ReceivableItem
from receivables.models.ledger import JournalEntry, JournalLine
from receivables.models.payments import Payment
from receivables.models.periods import IntegrityCheck, Period
from receivables.models.reminders import (
    DunningCase,
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
    DunningPolicy,
    DunningStep,
)

__all__ = [
    "Allocation",
    "Bill",
    "CreditNote",
    "CreditNoteLine",
    "DunningCase",
    "DunningMessage",
    "DunningNotice",
    "DunningNoticeItem",
    "DunningPolicy",
    "DunningStep",
    "IntegrityCheck",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "Payment",
    "PaymentEarmark",
    "Period",
    "ReceivableItem",
    "Refund",
    "WriteOff",
]
