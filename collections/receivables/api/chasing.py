"""The REST of chasing: promises, disputes, reminders and their cases."""

from typing import Any

from ltc.api.viewsets import RecordViewSet
from receivables.api.serializers import DisputeSerializer, PromiseSerializer
from receivables.filters import DisputeFilters, PromiseFilters
from receivables.models import Dispute, PromiseToPay
from receivables.services.disputes import open_dispute
from receivables.services.promises import make_promise


class PromiseViewSet(RecordViewSet):
    model = PromiseToPay
    serializer_class = PromiseSerializer
    filterset_class = PromiseFilters
    prefetch = ("items",)
    orderings = ("created_at", "promised_on")
    add = staticmethod(make_promise)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(customer__name__icontains=text)


class DisputeViewSet(RecordViewSet):
    model = Dispute
    serializer_class = DisputeSerializer
    filterset_class = DisputeFilters
    orderings = ("created_at", "due_on")
    add = staticmethod(open_dispute)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(item__customer__name__icontains=text)
