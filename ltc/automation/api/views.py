from ltc.api.viewsets import RecordViewSet
from ltc.automation import services
from ltc.automation.api.serializers import CustomFieldSerializer
from ltc.automation.filters import CustomFieldFilters
from ltc.automation.models import CustomField


class CustomFieldViewSet(RecordViewSet):
    """The attributes that a tenant has added to its leads."""

    model = CustomField
    serializer_class = CustomFieldSerializer
    filterset_class = CustomFieldFilters
    orderings = ("created_at",)
    search_fields = ("label", "code")
    add = staticmethod(services.create_field)
    change = staticmethod(services.update_field)
