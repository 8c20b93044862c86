from typing import Any

from django.db.models import Q

from ltc.api.viewsets import RecordViewSet
from opportunities import services
from opportunities.api.serializers import OpportunitySerializer
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity


class OpportunityViewSet(RecordViewSet):
    model = Opportunity
    serializer_class = OpportunitySerializer
    filterset_class = OpportunityFilters
    prefetch = ("lines",)
    orderings = ("created_at", "updated_at", "close_date", "amount_base", "stage_entered_at", "won_at", "number")
    has_trace = True
    add = staticmethod(services.create_opportunity)
    change = staticmethod(services.update_opportunity)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(Q(name__icontains=text) | Q(number__istartswith=text) | Q(customer__name__icontains=text))
