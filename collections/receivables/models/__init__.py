from receivables.models.invoices import Invoice, InvoiceLine, ReceivableItem
from receivables.models.ledger import JournalEntry, JournalLine
from receivables.models.payments import Allocation, Payment
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
    "DunningCase",
    "DunningMessage",
    "DunningNotice",
    "DunningNoticeItem",
    "DunningPolicy",
    "DunningStep",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "Payment",
    "ReceivableItem",
]
