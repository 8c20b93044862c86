from typing import Any

from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.response import Response

from ltc.api.viewsets import RecordViewSet
from ltc.customers import selectors, services
from ltc.customers.api.serializers import AddressSerializer, ContactSerializer, CustomerSerializer, TransferSerializer
from ltc.customers.filters import ContactFilters, CustomerFilters
from ltc.customers.models import Contact, Customer, CustomerAddress
from ltc.refusals import Forbidden


class CustomerViewSet(RecordViewSet):
    model = Customer
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilters
    orderings = ("sort_key", "created_at", "updated_at", "last_activity_at")
    add = staticmethod(services.create_customer)
    change = staticmethod(services.update_customer)

    def search(self, queryset: Any, text: str) -> Any:
        return selectors.named_like(queryset, text)

    @action(detail=True, methods=["post"])
    def transfer(self, request: Any, pk: str) -> Response:
        """Give the customer to another owner and that one's team."""
        record = self.record()
        asked = TransferSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return self.answer(self.fresh(services.transfer_customer(record, actor=self.actor, owner=asked.validated_data["owner"])))


class ContactViewSet(RecordViewSet):
    model = Contact
    serializer_class = ContactSerializer
    filterset_class = ContactFilters
    orderings = ("name", "created_at", "updated_at")
    search_fields = ("name", "email", "phone")
    related = ("customer",)

    def search(self, queryset: Any, text: str) -> Any:
        """Who sees phone and e-mail only masked finds nobody by them either."""
        return super().search(queryset, text) if self._reveals() else queryset.filter(name__icontains=text)

    def narrowed(self, queryset: Any) -> Any:
        if {"email", "phone"} & set(self.parameters) and not self._reveals():
            raise Forbidden(_("Your role sees phone numbers and e-mail addresses masked and cannot look people up by them."))
        return queryset

    def hidden_changes(self, record: Contact) -> frozenset[str]:
        return frozenset() if self.actor.has_perm("customers.reveal", record) else frozenset({"email", "phone"})

    def _reveals(self) -> bool:
        return bool(self.actor.has_perm("customers.reveal"))

    @staticmethod
    def add(*, actor: Any, customer: Customer, **values: Any) -> Contact:
        return services.add_contact(customer, actor=actor, **values)

    change = staticmethod(services.update_contact)


class AddressViewSet(RecordViewSet):
    model = CustomerAddress
    serializer_class = AddressSerializer
    related = ("customer",)

    @staticmethod
    def add(*, actor: Any, customer: Customer, **values: Any) -> CustomerAddress:
        return services.add_address(customer, actor=actor, **values)
