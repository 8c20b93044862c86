"""Doors to what corrects and completes the ledger: through the same services and transitions as the pages."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from rest_framework.response import Response
from rest_framework.views import APIView

from ltc.api import queries
from ltc.api.fields import IDENTIFIER
from ltc.api.problems import Problem
from ltc.api.viewsets import RecordViewSet
from ltc.customers.models import Customer
from ltc.refusals import Forbidden
from receivables.api.documents import WithPdf
from receivables.api.ledger_serializers import (
    BillSerializer,
    CreditNoteSerializer,
    EarmarkSerializer,
    JournalEntrySerializer,
    PeriodSerializer,
    RefundSerializer,
    TaxInvoiceSerializer,
    WriteOffSerializer,
)
from receivables.export import NAME, journal_csv
from receivables.ledger_filters import (
    BillFilters,
    CreditNoteFilters,
    EarmarkFilters,
    JournalFilters,
    PeriodFilters,
    RefundFilters,
    TaxInvoiceFilters,
    WriteOffFilters,
)
from receivables.models import Bill, CreditNote, JournalEntry, PaymentEarmark, Period, Refund, TaxInvoice, WriteOff
from receivables.services.credits import draft_credit_note
from receivables.services.differences import write_off
from receivables.services.earmarks import earmark
from receivables.services.periods import open_period
from receivables.services.refunds import request_refund
from receivables.services.tax import draft_tax_invoice
from receivables.statements import BadSpan, span_of, statement_of


class CreditNoteViewSet(WithPdf, RecordViewSet):
    model = CreditNote
    serializer_class = CreditNoteSerializer
    filterset_class = CreditNoteFilters
    prefetch = ("lines",)
    orderings = ("created_at", "credit_date")
    key_required = match_required = True
    add = staticmethod(draft_credit_note)

    def check(self, act: str, record: Any = None) -> None:
        """Sales and delivery may ask for a credit note of an invoice that they see; the service looks at the invoice."""
        super().check("request_credit" if act == "add" and not self.actor.has_perm("receivables.add") else act, record)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(number__istartswith=text) | queryset.filter(invoice__number__istartswith=text)


class WriteOffViewSet(RecordViewSet):
    model = WriteOff
    serializer_class = WriteOffSerializer
    filterset_class = WriteOffFilters
    orderings = ("created_at",)
    key_required = match_required = True
    add = staticmethod(write_off)


class RefundViewSet(RecordViewSet):
    model = Refund
    serializer_class = RefundSerializer
    filterset_class = RefundFilters
    orderings = ("created_at",)
    key_required = match_required = True
    add = staticmethod(request_refund)


class TaxInvoiceViewSet(RecordViewSet):
    model = TaxInvoice
    serializer_class = TaxInvoiceSerializer
    filterset_class = TaxInvoiceFilters
    orderings = ("created_at",)
    key_required = match_required = True
    add = staticmethod(draft_tax_invoice)


class EarmarkViewSet(RecordViewSet):
    model = PaymentEarmark
    serializer_class = EarmarkSerializer
    filterset_class = EarmarkFilters
    key_required = match_required = True
    add = staticmethod(earmark)


class BillViewSet(RecordViewSet):
    model = Bill
    serializer_class = BillSerializer
    filterset_class = BillFilters
    orderings = ("due_on",)
    key_required = match_required = True


class PeriodViewSet(RecordViewSet):
    model = Period
    serializer_class = PeriodSerializer
    filterset_class = PeriodFilters
    orderings = ("month",)
    key_required = match_required = True
    add = staticmethod(open_period)

    def check(self, act: str, record: Any = None) -> None:
        super().check("close" if act == "add" else act, record)


class JournalEntryViewSet(RecordViewSet):
    model = JournalEntry
    serializer_class = JournalEntrySerializer
    filterset_class = JournalFilters
    prefetch = ("lines",)
    orderings = ("entry_date", "number")


def _asks(request: Any, permission: str) -> Any:
    actor = request._request.actor
    if not actor.has_perm(permission):
        raise Forbidden("You may not see these records. Ask your administrator.")
    return actor


def _span(parameters: Any) -> tuple[date, date]:
    try:
        return span_of(parameters.get("from"), parameters.get("to"))
    except BadSpan as error:
        raise Problem("invalid", errors=[{"pointer": f"?{error.field}", "code": "invalid", "detail": str(error)}]) from error


class JournalExportView(APIView):
    """The journal for the general ledger."""

    def get(self, request: Any) -> HttpResponse | StreamingHttpResponse:
        """A CSV file of all lines of the entries dated `from` to `to` (this month if not given), in the order of their numbers."""
        _asks(request, "ledger.view")
        first, last = _span(queries.checked(request.query_params, frozenset({"from", "to"})))
        headers = {"Content-Disposition": f'attachment; filename="{NAME % (first, last)}"'}
        return HttpResponse("".join(journal_csv(first, last)), content_type="text/csv; charset=utf-8", headers=headers)


class StatementView(APIView):
    """What happened on a customer's account."""

    def get(self, request: Any, customer: str) -> Response:
        """The movements `from` to `to` in one `currency`: opening, invoices, credits, receipts, adjustments, closing. All as text."""
        actor = _asks(request, "receivables.view")
        parameters = queries.checked(request.query_params, frozenset({"from", "to", "currency"}))
        visible = Customer.objects.visible_to(actor, "receivables.view")
        found = visible.filter(pk=customer).first() if IDENTIFIER.fullmatch(customer) else None
        if found is None:
            raise Http404
        first, last = _span(parameters)
        return Response(statement_of(found, first, last, currency=parameters.get("currency") or "").as_data())
