from receivables.models.account_statements import Statement
from receivables.models.cases import DunningCase
from receivables.models.disputes import Dispute
from receivables.models.history import HistoryFault, HistoryImport, HistoryPart, ImportedFact
from receivables.models.invoices import Invoice, InvoiceLine, ReceivableItem
from receivables.models.ledger import JournalEntry, JournalLine
from receivables.models.payments import Allocation, Payment
from receivables.models.policies import (
    Channel,
    CustomerDunningSetting,
    DunningPolicy,
    DunningStep,
    DunningTemplate,
    ItemStop,
)
from receivables.models.promises import PromiseItem, PromiseToPay
from receivables.models.reminders import (
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
)

__all__ = [
    "Allocation",
    "Channel",
    "CustomerDunningSetting",
    "Dispute",
    "DunningCase",
    "DunningMessage",
    "DunningNotice",
    "DunningNoticeItem",
    "DunningPolicy",
    "DunningStep",
    "DunningTemplate",
    "HistoryFault",
    "HistoryImport",
    "HistoryPart",
    "ImportedFact",
    "Invoice",
    "InvoiceLine",
    "ItemStop",
    "JournalEntry",
    "JournalLine",
    "Payment",
    "PromiseItem",
    "PromiseToPay",
    "ReceivableItem",
    "Statement",
]
