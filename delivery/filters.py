import django_filters as filters

from delivery.models import Acceptance, Case, DeliveryCommitment, Shipment, Survey


class ShipmentFilters(filters.FilterSet):
    """What a list of shipments can be narrowed to, on pages and by REST."""

    state__in = filters.BaseInFilter(field_name="state")
    order = filters.UUIDFilter(field_name="order_id")
    customer = filters.UUIDFilter(field_name="order__customer_id")
    planned_on__gte = filters.DateFilter(field_name="planned_on", lookup_expr="gte")
    planned_on__lte = filters.DateFilter(field_name="planned_on", lookup_expr="lte")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Shipment
        fields = {"state": ["exact"], "number": ["exact"], "tracking_no": ["exact"]}


class CommitmentFilters(filters.FilterSet):
    """What a list of commitments can be narrowed to."""

    order = filters.UUIDFilter(field_name="order_line__order_id")
    promised_current__gte = filters.DateFilter(field_name="promised_current", lookup_expr="gte")
    promised_current__lte = filters.DateFilter(field_name="promised_current", lookup_expr="lte")

    class Meta:
        model = DeliveryCommitment
        fields = {"state": ["exact"], "kind": ["exact"]}


class AcceptanceFilters(filters.FilterSet):
    """What a list of acceptances can be narrowed to."""

    order = filters.UUIDFilter(field_name="order_id")
    shipment = filters.UUIDFilter(field_name="shipment_id")
    due_on__lte = filters.DateFilter(field_name="due_on", lookup_expr="lte")

    class Meta:
        model = Acceptance
        fields = {"state": ["exact"], "kind": ["exact"], "number": ["exact"]}


class CaseFilters(filters.FilterSet):
    """What a list of service cases can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")
    opened_at__gte = filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_at__lt = filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = Case
        fields = {"state": ["exact"], "priority": ["exact"], "type": ["exact"], "number": ["exact"]}


class SurveyFilters(filters.FilterSet):
    """What a list of surveys can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")
    responded_at__gte = filters.IsoDateTimeFilter(field_name="responded_at", lookup_expr="gte")
    responded_at__lt = filters.IsoDateTimeFilter(field_name="responded_at", lookup_expr="lt")

    class Meta:
        model = Survey
        fields = {"kind": ["exact"], "score": ["exact"]}
