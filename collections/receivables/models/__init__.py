from receivables.models.history import HistoryFault, HistoryImport, HistoryPart, ImportedFact
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
    "HistoryFault",
    "HistoryImport",
    "HistoryPart",
    "ImportedFact",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "Payment",
    "ReceivableItem",
]
