import django_filters as filters

from ltc.customers.models import Contact, Customer
from ltc.customers.origin_filters import TouchFilters


class CustomerFilters(TouchFilters):
    """What a list of customers can be narrowed to, on pages and by REST."""

    state__in = filters.BaseInFilter(field_name="state")
    owner = filters.UUIDFilter(field_name="owner_id")
    owner__isnull = filters.BooleanFilter(field_name="owner", lookup_expr="isnull")
    team = filters.UUIDFilter(field_name="team_id")
    created_at__gte = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_at__lt = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Customer
        fields = {
            **{name: ["exact"] for name in ("state", "kind", "uscc", "industry", "region", "country", "credit_hold")},
            **{name: ["exact"] for name in ("enterprise_class", "source_channel_code", "source_system", "external_ref")},
        }


class ContactFilters(filters.FilterSet):
    """What a list of contacts can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Contact
        fields = {"email": ["exact"], "phone": ["exact"], "is_billing": ["exact"], "is_dunning": ["exact"]}
