from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from delivery import services
from delivery.api.serializers import AcceptanceSerializer, CommitmentSerializer, ShipmentSerializer
from delivery.filters import AcceptanceFilters, CommitmentFilters, ShipmentFilters
from delivery.models import Acceptance, DeliveryCommitment, Shipment
from ltc.api.viewsets import RecordViewSet


class ShipmentViewSet(RecordViewSet):
    model = Shipment
    serializer_class = ShipmentSerializer
    filterset_class = ShipmentFilters
    prefetch = ("lines",)
    orderings = ("created_at", "updated_at", "planned_on", "number")
    has_trace = True

    @staticmethod
    def add(*, actor: Any, lines: Sequence[dict[str, Any]] = (), **values: Any) -> Shipment:
        packed = [services.Packed(line["commitment"], line["qty"]) for line in lines]
        return services.plan_shipment(actor=actor, lines=packed, **values)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(Q(number__istartswith=text) | Q(order__number__istartswith=text) | Q(tracking_no__istartswith=text))


class CommitmentViewSet(RecordViewSet):
    model = DeliveryCommitment
    serializer_class = CommitmentSerializer
    filterset_class = CommitmentFilters
    orderings = ("promised_current", "created_at")


class AcceptanceViewSet(RecordViewSet):
    model = Acceptance
    serializer_class = AcceptanceSerializer
    filterset_class = AcceptanceFilters
    orderings = ("created_at", "due_on", "number")
    has_trace = True
    add = staticmethod(services.submit_for_acceptance)
