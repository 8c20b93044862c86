from receivables.models.cases import DunningCase
from receivables.models.disputes import Dispute
from receivables.models.history import HistoryFault, HistoryImport, HistoryPart, ImportedFact
from receivables.models.invoices import Invoice, InvoiceLine, ReceivableItem
from receivables.models.ledger import JournalEntry, JournalLine
from receivables.models.payments import Allocation, Payment
from receivables.models.promises import PromiseItem, PromiseToPay
from receivables.models.reminders import (
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
    DunningPolicy,
    DunningStep,
)

__all__ = [
    "Allocation",
    "Dispute",
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
    "PromiseItem",
    "PromiseToPay",
    "ReceivableItem",
]
