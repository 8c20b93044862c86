"""Customer links by REST. Sending is the invoice's action `send`; here a link is opened without an e-mail, revoked and renewed."""

from ltc.api.fields import TenantRelatedField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet
from receivables.filters import InvoiceLinkFilters
from receivables.models import Invoice, InvoiceLink
from receivables.services.sending import make_link

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class InvoiceLinkSerializer(RecordSerializer):
    """`url` is the customer's address; empty while it opens nothing."""

    invoice = TenantRelatedField(queryset=Invoice.objects.all())

    class Meta:
        model = InvoiceLink
        fields = [
            *("id", "invoice", "customer", "recipient", "language", "message", "state", "url", "expires_at", "mailed_at", "viewed_at"),
            *("last_viewed_at", "views", *WRITTEN_BY_US),
        ]
        read_only_fields = [name for name in fields if name not in ("invoice", "recipient", "language", "message")]
        extra_kwargs = {"language": {"required": False}}


class InvoiceLinkViewSet(RecordViewSet):
    model = InvoiceLink
    serializer_class = InvoiceLinkSerializer
    filterset_class = InvoiceLinkFilters
    orderings = ("created_at",)
    add = staticmethod(make_link)
