import django_filters as filters

from ltc.customers.origin_filters import TouchFilters
from opportunities.models import Opportunity


class OpportunityFilters(TouchFilters):
    """What a list of deals can be narrowed to, on pages and by REST."""

    state__in = filters.BaseInFilter(field_name="state")
    stage__in = filters.BaseInFilter(field_name="stage")
    owner = filters.UUIDFilter(field_name="owner_id")
    team = filters.UUIDFilter(field_name="team_id")
    customer = filters.UUIDFilter(field_name="customer_id")
    lead = filters.UUIDFilter(field_name="lead_id")
    channel = filters.UUIDFilter(field_name="channel_id")
    close_date__gte = filters.DateFilter(field_name="close_date", lookup_expr="gte")
    close_date__lt = filters.DateFilter(field_name="close_date", lookup_expr="lt")
    amount_base__gte = filters.NumberFilter(field_name="amount_base", lookup_expr="gte")
    won_at__gte = filters.IsoDateTimeFilter(field_name="won_at", lookup_expr="gte")
    won_at__lt = filters.IsoDateTimeFilter(field_name="won_at", lookup_expr="lt")
    created_at__gte = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_at__lt = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Opportunity
        fields = {
            **{name: ["exact"] for name in ("state", "stage", "type", "forecast_category", "currency", "number")},
            **{name: ["exact"] for name in ("source_system", "external_ref")},
        }
