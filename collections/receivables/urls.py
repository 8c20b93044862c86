from django.urls import URLPattern, path

from ltc.customers.views import CUSTOMERS
from ltc.web.records import RecordPage
from ltc.web.routes import record_routes
from receivables import ledger_pages, pages
from receivables.views import door, till
from receivables.views.account_statements import STATEMENTS, StatementCreate, StatementList, StatementRecord
from receivables.views.adjustments import (
    BILLS,
    CREDITS,
    REFUNDS,
    WRITE_OFFS,
    BillList,
    BillRecord,
    CreditNoteCreate,
    CreditNoteList,
    CreditNoteRecord,
    RefundCreate,
    RefundList,
    RefundRecord,
    WriteOffCreate,
    WriteOffList,
    WriteOffRecord,
)
from receivables.views.bank import (
    BANK_STATEMENTS,
    FORMATS,
    BankStatementCreate,
    BankStatementList,
    BankStatementRecord,
    FormatCreate,
    FormatEdit,
    FormatList,
    FormatRecord,
)
from receivables.views.cash_forecast import CashForecastPage
from receivables.views.documents import PdfView
from receivables.views.history import HistoryFaultsView, HistoryUploadView, HistoryView
from receivables.views.invoices import INVOICES, ITEMS, InvoiceCreate, InvoiceList, InvoiceRecord, ItemList, ItemRecord
from receivables.views.ledger import (
    JOURNAL,
    PERIODS,
    EarmarkView,
    JournalExport,
    JournalList,
    JournalRecord,
    PeriodCreate,
    PeriodList,
    PeriodRecord,
    ReleaseView,
    StatementView,
)
from receivables.views.links import LINKS, LinkList, LinkRecord
from receivables.views.online import ACCOUNTS, WISHES, AccountCreate, AccountList, AccountRecord, WishList, WishRecord
from receivables.views.payments import (
    ALLOCATIONS,
    PAYMENTS,
    AllocationList,
    AllocationRecord,
    PaymentCreate,
    PaymentList,
    PaymentRecord,
    TraceView,
)
from receivables.views.policies import (
    POLICIES,
    CustomerSettings,
    PolicyCreate,
    PolicyEdit,
    PolicyList,
    PolicyRecord,
    StopItem,
    TextEdit,
    TextList,
)
from receivables.views.portal import portal
from receivables.views.promises import (
    DISPUTES,
    PROMISES,
    DisputeCreate,
    DisputeList,
    DisputeRecord,
    PromiseCreate,
    PromiseList,
    PromiseRecord,
)
from receivables.views.rehearsal import PlannedReminders
from receivables.views.reminders import CASES, REMINDERS, CaseList, CaseRecord, ReminderList, ReminderRecord
from receivables.views.tax import TAX_INVOICES, TaxInvoiceCreate, TaxInvoiceList, TaxInvoiceRecord
from receivables.views.workbench import Workbench

__all__ = ["ledger_pages", "pages", "urlpatterns"]


def as_file(page: RecordPage) -> URLPattern:
    """The address of a document as PDF, `<plural>:pdf`."""
    return path("<uuid:pk>/pdf/", PdfView.as_view(page=page), name="pdf")


urlpatterns = [
    record_routes(INVOICES, list_view=InvoiceList, record_view=InvoiceRecord, create_view=InvoiceCreate, more=[as_file(INVOICES)]),
    record_routes(
        ITEMS,
        list_view=ItemList,
        record_view=ItemRecord,
        more=[path("<uuid:pk>/release/", ReleaseView.as_view(page=ITEMS), name="release")],
    ),
    record_routes(
        PAYMENTS,
        list_view=PaymentList,
        record_view=PaymentRecord,
        create_view=PaymentCreate,
        more=[path("<uuid:pk>/earmark/", EarmarkView.as_view(page=PAYMENTS), name="earmark")],
    ),
    record_routes(BANK_STATEMENTS, list_view=BankStatementList, record_view=BankStatementRecord, create_view=BankStatementCreate),
    record_routes(FORMATS, list_view=FormatList, record_view=FormatRecord, create_view=FormatCreate, edit_view=FormatEdit),
    record_routes(TAX_INVOICES, list_view=TaxInvoiceList, record_view=TaxInvoiceRecord, create_view=TaxInvoiceCreate),
    record_routes(CREDITS, list_view=CreditNoteList, record_view=CreditNoteRecord, create_view=CreditNoteCreate, more=[as_file(CREDITS)]),
    record_routes(WRITE_OFFS, list_view=WriteOffList, record_view=WriteOffRecord, create_view=WriteOffCreate),
    record_routes(REFUNDS, list_view=RefundList, record_view=RefundRecord, create_view=RefundCreate),
    record_routes(BILLS, list_view=BillList, record_view=BillRecord),
    record_routes(PERIODS, list_view=PeriodList, record_view=PeriodRecord, create_view=PeriodCreate),
    record_routes(
        JOURNAL,
        list_view=JournalList,
        record_view=JournalRecord,
        more=[path("export/", JournalExport.as_view(), name="export")],
    ),
    path("customers/<uuid:pk>/statement/", StatementView.as_view(), name="customer_statement"),
    record_routes(ALLOCATIONS, list_view=AllocationList, record_view=AllocationRecord),
    record_routes(REMINDERS, list_view=ReminderList, record_view=ReminderRecord),
    record_routes(CASES, list_view=CaseList, record_view=CaseRecord),
    record_routes(PROMISES, list_view=PromiseList, record_view=PromiseRecord, create_view=PromiseCreate),
    record_routes(DISPUTES, list_view=DisputeList, record_view=DisputeRecord, create_view=DisputeCreate),
    record_routes(POLICIES, list_view=PolicyList, record_view=PolicyRecord, create_view=PolicyCreate, edit_view=PolicyEdit),
    record_routes(
        STATEMENTS, list_view=StatementList, record_view=StatementRecord, create_view=StatementCreate, more=[as_file(STATEMENTS)]
    ),
    path("workbench/", Workbench.as_view(), name="workbench"),
    path("cash-forecast/", CashForecastPage.as_view(), name="cash-forecast"),
    record_routes(LINKS, list_view=LinkList, record_view=LinkRecord),
    record_routes(WISHES, list_view=WishList, record_view=WishRecord),
    record_routes(ACCOUNTS, list_view=AccountList, record_view=AccountRecord, create_view=AccountCreate),
    path("portal/<str:token>/", portal, name="portal"),
    path("portal/invoice/<str:token>/", door.invoice_page, name="portal-invoice"),
    path("portal/invoice/<str:token>/pdf/", door.invoice_pdf, name="portal-invoice-pdf"),
    path("portal/invoice/<str:token>/pay/", till.pay_invoice, name="portal-invoice-pay"),
    path("portal/till/<str:token>/", till.till, name="payment-till"),
    path("hooks/payments/<slug:code>/<uuid:pk>/", till.notices, name="payment-notices"),
    path("portal/invoice/<str:token>/viewed/", door.invoice_viewed, name="portal-invoice-viewed"),
    path("reminder-plan/", PlannedReminders.as_view(), name="reminder-plan"),
    path("reminder-texts/", TextList.as_view(), name="reminder-texts"),
    path("reminder-texts/<slug:code>/<slug:language>/", TextEdit.as_view(), name="reminder-text"),
    path("customer-reminders/<uuid:pk>/", CustomerSettings.as_view(page=CUSTOMERS), name="customer-reminders"),
    path("stop-reminders/<uuid:pk>/", StopItem.as_view(page=INVOICES), name="stop-reminders"),
    path("history-imports/", HistoryUploadView.as_view(), name="history-imports"),
    path("history-imports/<uuid:pk>/", HistoryView.as_view(), name="history-import"),
    path("history-imports/<uuid:pk>/faults.csv", HistoryFaultsView.as_view(), name="history-faults"),
    path("trace/<slug:kind>/<uuid:pk>/", TraceView.as_view(), name="trace"),
]
