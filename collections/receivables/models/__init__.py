from receivables.models.account_statements import Statement
from receivables.models.adjustments import Bill, PaymentEarmark, Refund, WriteOff
from receivables.models.allocations import Allocation
from receivables.models.bank import BankFormat, BankImport, KnownPayer
from receivables.models.cases import DunningCase
from receivables.models.credits import CreditNote, CreditNoteLine
from receivables.models.disputes import Dispute
from receivables.models.documents import IssuedDocument
from receivables.models.history import HistoryFault, HistoryImport, HistoryPart, ImportedFact, ImportedRecord
from receivables.models.invoices import Invoice, InvoiceLine, ReceivableItem
from receivables.models.ledger import JournalEntry, JournalLine
from receivables.models.links import InvoiceLink
from receivables.models.online import OnlineAccount, OnlinePayment, ProviderNotice
from receivables.models.payments import Payment
from receivables.models.periods import IntegrityCheck, Period
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
from receivables.models.tax import LocalTaxDocument, TaxInvoice

__all__ = [
    "Allocation",
    "BankFormat",
    "BankImport",
    "Bill",
    "Channel",
    "CreditNote",
    "CreditNoteLine",
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
    "ImportedRecord",
    "IntegrityCheck",
    "Invoice",
    "InvoiceLine",
    "InvoiceLink",
    "IssuedDocument",
    "ItemStop",
    "JournalEntry",
    "JournalLine",
    "KnownPayer",
    "LocalTaxDocument",
    "OnlineAccount",
    "OnlinePayment",
    "Payment",
    "PaymentEarmark",
    "Period",
    "PromiseItem",
    "PromiseToPay",
    "ProviderNotice",
    "ReceivableItem",
    "Refund",
    "Statement",
    "TaxInvoice",
    "WriteOff",
]
