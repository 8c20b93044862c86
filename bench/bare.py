"""What the product is compared with: Django REST framework as its tutorial uses it, on a plain connection without tenants,
rights, versions or limits."""

import uuid
from typing import Any

from rest_framework import filters, pagination, parsers, renderers, serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from leads.api.serializers import LeadSerializer
from leads.models import Lead
from ltc.tenancy.context import all_tenants
from opportunities.models import Opportunity


class Bare:
    authentication_classes: Any = ()
    permission_classes: Any = ()
    renderer_classes: Any = (renderers.JSONRenderer,)
    parser_classes: Any = (parsers.JSONParser,)

    def get_exception_handler(self) -> Any:
        return lambda error, context: None


class Empty(Bare, APIView):
    def get(self, request: Any) -> Response:
        return Response({})


class PlainReference(serializers.PrimaryKeyRelatedField):
    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        return queryset.using("bare")


class BareLeadSerializer(serializers.ModelSerializer):
    serializer_related_field = PlainReference

    class Meta:
        model = Lead
        fields = [name for name in LeadSerializer.Meta.fields if name in {field.name for field in Lead._meta.concrete_fields}]
        extra_kwargs = {"captured_at": {"required": False}}


class BareOpportunitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Opportunity
        exclude = ["tenant"]


class NewestFirst(pagination.CursorPagination):
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = "-captured_at"


class LatestFirst(NewestFirst):
    max_page_size = 250
    ordering = "-id"


class BareLeads(Bare, viewsets.ModelViewSet):
    serializer_class = BareLeadSerializer
    pagination_class = NewestFirst
    filter_backends = (filters.SearchFilter,)
    search_fields = ("company_name", "contact_name", "title", "email", "number")

    def get_queryset(self) -> Any:
        return Lead.objects.using("bare").filter(tenant_id=self.kwargs["tenant"])

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        with all_tenants():  # the field that fills in the tenant wants to know that none is active on purpose
            return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = Lead(tenant_id=self.kwargs["tenant"], number=uuid.uuid4().hex, **serializer.validated_data)
        serializer.instance.save(using="bare", force_insert=True)


class BareOpportunities(Bare, viewsets.ModelViewSet):
    serializer_class = BareOpportunitySerializer
    pagination_class = LatestFirst

    def get_queryset(self) -> Any:
        return Opportunity.objects.using("bare").filter(tenant_id=self.kwargs["tenant"], state="open")
