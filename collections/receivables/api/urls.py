from ltc.api.routers import router
from ltc.api.trace import traces
from receivables.api.bank import BankFormatViewSet, BankImportViewSet
from receivables.api.cash import CashForecastView
from receivables.api.chasing import (
    DisputeViewSet,
    PromiseViewSet,
    ReminderPlanView,
    ReminderPolicyViewSet,
    ReminderSettingViewSet,
    ReminderStopViewSet,
    ReminderTextViewSet,
    StatementViewSet,
    WorklistView,
)
from receivables.api.history import HistoryImportViewSet
from receivables.api.ledger_views import (
    BillViewSet,
    CreditNoteViewSet,
    EarmarkViewSet,
    JournalEntryViewSet,
    JournalExportView,
    PeriodViewSet,
    RefundViewSet,
    StatementView,
    TaxInvoiceViewSet,
    WriteOffViewSet,
)
from receivables.api.links import InvoiceLinkViewSet
from receivables.api.online import OnlineAccountViewSet, OnlinePaymentViewSet
from receivables.api.views import (
    AllocationViewSet,
    InvoiceViewSet,
    PaymentViewSet,
    ReceivableItemViewSet,
    ReminderCaseViewSet,
    ReminderViewSet,
)
from receivables.trace import trace

traces(trace)

router.register("history-imports", HistoryImportViewSet)
router.register("invoices", InvoiceViewSet)
router.register("invoice-links", InvoiceLinkViewSet)
router.register("payment-accounts", OnlineAccountViewSet)
router.register("online-payments", OnlinePaymentViewSet)
router.register("receivable-items", ReceivableItemViewSet)
router.register("payments", PaymentViewSet)
router.register("allocations", AllocationViewSet)
router.register("reminders", ReminderViewSet)
router.register("reminder-cases", ReminderCaseViewSet)
router.register("credit-notes", CreditNoteViewSet)
router.register("write-offs", WriteOffViewSet)
router.register("refunds", RefundViewSet)
router.register("earmarks", EarmarkViewSet)
router.register("bills", BillViewSet)
router.register("periods", PeriodViewSet)
router.register("journal-entries", JournalEntryViewSet)
router.add("journal-export", JournalExportView)
router.add("statements/(?P<customer>[^/]+)", StatementView)
router.register("promises", PromiseViewSet)
router.register("disputes", DisputeViewSet)
router.register("bank-formats", BankFormatViewSet)
router.register("bank-imports", BankImportViewSet)
router.register("tax-invoices", TaxInvoiceViewSet)
router.register("reminder-policies", ReminderPolicyViewSet)
router.register("reminder-settings", ReminderSettingViewSet)
router.register("reminder-stops", ReminderStopViewSet)
router.register("reminder-texts", ReminderTextViewSet)
router.add("reminder-plan", ReminderPlanView)
router.register("account-statements", StatementViewSet)
router.add("worklist", WorklistView)
router.add("cash-forecast", CashForecastView)
