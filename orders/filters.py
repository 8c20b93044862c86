import django_filters as filters

from ltc.customers.origin_filters import TouchFilters
from orders.models import Order, PaymentTerm


class OrderFilters(TouchFilters):
    """What a list of orders can be narrowed to, on pages and by REST."""

    state__in = filters.BaseInFilter(field_name="state")
    owner = filters.UUIDFilter(field_name="owner_id")
    team = filters.UUIDFilter(field_name="team_id")
    customer = filters.UUIDFilter(field_name="customer_id")
    opportunity = filters.UUIDFilter(field_name="opportunity_id")
    lead = filters.UUIDFilter(field_name="lead_id")
    payment_term = filters.UUIDFilter(field_name="payment_term_id")
    order_date__gte = filters.DateFilter(field_name="order_date", lookup_expr="gte")
    order_date__lt = filters.DateFilter(field_name="order_date", lookup_expr="lt")
    gross_base__gte = filters.NumberFilter(field_name="gross_base", lookup_expr="gte")
    created_at__gte = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_at__lt = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Order
        fields = {
            **{name: ["exact"] for name in ("state", "currency", "number", "customer_po_no", "billing_policy", "credit_check")},
            **{name: ["exact"] for name in ("delivery_status", "acceptance_status", "billing_status", "collection_status")},
            **{name: ["exact"] for name in ("source_system", "external_ref")},
        }


class PaymentTermFilters(filters.FilterSet):
    """What the list of payment terms can be narrowed to."""

    class Meta:
        model = PaymentTerm
        fields = {name: ["exact"] for name in ("code", "active", "is_default")}
