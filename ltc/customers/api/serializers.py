from typing import Any

from ltc.api.fields import BooleanField, TenantRelatedField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.customers.masking import contact_points
from ltc.customers.models import Contact, Customer, CustomerAddress
from ltc.users.models import Membership

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class ContactSerializer(RecordSerializer):
    class Meta:
        model = Contact
        fields = [
            *("id", "customer", "name", "title", "seniority", "phone", "email", "is_billing", "is_dunning", "language"),
            *("consent_marketing", "consent_at", "email_status", *WRITTEN_BY_US),
        ]
        read_only_fields = WRITTEN_BY_US
        set_once = ["customer"]

    def to_representation(self, instance: Contact) -> Any:
        said = super().to_representation(instance)
        shown = contact_points(instance, self.context["request"].actor)
        return {**said, **{name: value for name, value in shown.items() if name in said}}


class PersonSerializer(RecordSerializer):
    """A contact that comes with a new customer."""

    class Meta:
        model = Contact
        fields = ["name", "title", "seniority", "phone", "email", "is_billing", "is_dunning", "language"]


class AddressSerializer(RecordSerializer):
    class Meta:
        model = CustomerAddress
        fields = ["id", "customer", "kind", "lines", "region", "receiver", "phone", *WRITTEN_BY_US]
        read_only_fields = WRITTEN_BY_US


class CustomerSerializer(RecordSerializer):
    """`contacts` and `despite_duplicates` are for creating: the people at the customer, and that someone looked at the duplicates."""

    contacts = PersonSerializer(many=True, required=False, write_only=True, max_length=50)
    despite_duplicates = BooleanField(required=False, write_only=True)

    class Meta:
        model = Customer
        fields = [
            *("id", "name", "name_en", "state", "kind", "uscc", "tax_id", "industry", "size_employees", "enterprise_class", "region"),
            *("country", "time_zone", "language", "currency_default", "owner", "team", "source_channel_code", "origin", "credit_limit"),
            *("credit_hold", "credit_hold_reason", "invoice_title", "merged_into", "last_activity_at", "first_order_at"),
            *("touch_ends", "source_system", "external_ref", "contacts", "despite_duplicates", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("state", "credit_hold", "credit_hold_reason", "merged_into", "last_activity_at", "first_order_at", "touch_ends"),
            *WRITTEN_BY_US,
        ]
        set_once = ["owner", "team", "contacts"]


class TransferSerializer(Strict):
    """Whom a customer is given to; null gives it to nobody."""

    owner = TenantRelatedField(queryset=Membership.objects.all(), allow_null=True)
