from typing import Any

from django.db.models import Q
from rest_framework.decorators import action
from rest_framework.response import Response

from ltc.api.matching import check_match
from ltc.api.viewsets import RecordViewSet
from receivables.api.documents import WithPdf
from receivables.api.ledger_serializers import ReleaseSerializer
from receivables.api.serializers import (
    AllocationSerializer,
    InvoiceSerializer,
    PaymentSerializer,
    ReceivableItemSerializer,
    ReminderCaseSerializer,
    ReminderSerializer,
)
from receivables.filters import (
    AllocationFilters,
    InvoiceFilters,
    PaymentFilters,
    ReceivableItemFilters,
    ReminderCaseFilters,
    ReminderFilters,
)
from receivables.models import Allocation, DunningCase, DunningNotice, Invoice, Payment, ReceivableItem
from receivables.services.bank import candidates
from receivables.services.free_invoices import draft
from receivables.services.receipts import record_payment
from receivables.services.retention import release_retention


class InvoiceViewSet(WithPdf, RecordViewSet):
    model = Invoice
    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilters
    prefetch = ("lines", "items")
    orderings = ("created_at", "updated_at", "invoice_date", "gross_base", "number")
    key_required = match_required = True
    has_trace = True

    add = staticmethod(draft)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(Q(number__istartswith=text) | Q(order__number__istartswith=text) | Q(customer__name__icontains=text))


class ReceivableItemViewSet(RecordViewSet):
    model = ReceivableItem
    serializer_class = ReceivableItemSerializer
    filterset_class = ReceivableItemFilters
    orderings = ("due_date", "open_base", "created_at")
    match_required = True
    has_trace = True

    @action(detail=True, methods=["post"])
    def release(self, request: Any, pk: str) -> Response:
        """Retention is owed from now on: its condition is met."""
        record = self.record()
        self.check("release", record)
        check_match(request, record, required=True)
        asked = ReleaseSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return self.answer(self.fresh(release_retention(item=record, actor=self.actor, **asked.validated_data)))


class PaymentViewSet(RecordViewSet):
    model = Payment
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilters
    prefetch = ("allocations",)
    orderings = ("received_on", "amount_base", "created_at", "number")
    key_required = match_required = True
    has_trace = True
    add = staticmethod(record_payment)

    @action(detail=True, methods=["get"])
    def suggestions(self, request: Any, pk: str) -> Response:
        """Who may have sent it, if nobody knows; and which items what is left of it would pay."""
        payment = self.record()
        found = payment.suggestion() if payment.customer_id else None
        return Response(
            {
                "customers": [
                    {
                        "customer": str(each.customer.pk),
                        "name": each.customer.name,
                        "why": each.method,
                        "items": [str(i.pk) for i in each.items],
                    }
                    for each in candidates(payment)
                ],
                "method": found.method if found else None,
                "certain": found.is_certain if found else False,
                "rows": [{"item": str(share.item), "amount": str(share.amount)} for share in found.shares] if found else [],
                "rest": str(found.rest) if found else str(payment.unallocated),
            }
        )

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(Q(number__istartswith=text) | Q(payer_name__icontains=text) | Q(bank_ref__istartswith=text))


class AllocationViewSet(RecordViewSet):
    model = Allocation
    serializer_class = AllocationSerializer
    filterset_class = AllocationFilters
    orderings = ("date", "created_at")
    key_required = match_required = True
    has_trace = True


class ReminderViewSet(RecordViewSet):
    model = DunningNotice
    serializer_class = ReminderSerializer
    filterset_class = ReminderFilters
    prefetch = ("messages", "items")
    orderings = ("run_date", "level", "created_at")


class ReminderCaseViewSet(RecordViewSet):
    model = DunningCase
    serializer_class = ReminderCaseSerializer
    filterset_class = ReminderCaseFilters
    orderings = ("created_at", "last_reminded_on")
