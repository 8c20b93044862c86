"""Payment accounts and online payments by REST. Providers themselves tell by signed notices, see docs/documents.md."""

from typing import Any

from django.utils.functional import cached_property
from rest_framework import serializers

from ltc.api.fields import TextField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet
from receivables.company import own_company
from receivables.filters import OnlinePaymentFilters
from receivables.models import OnlineAccount, OnlinePayment
from receivables.online import notice_url
from receivables.services.online import set_up_account

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class OnlineAccountSerializer(RecordSerializer):
    """`secret` is what the provider signs with; it is never shown. `notice_url` is where the provider sends its notices."""

    secret = TextField(write_only=True, required=False, max_length=200)
    notice_url = serializers.SerializerMethodField()

    class Meta:
        model = OnlineAccount
        fields = ["id", "name", "provider", "bank_account", "currencies", "secret", "state", "notice_url", *WRITTEN_BY_US]
        read_only_fields = ["id", "state", "notice_url", *WRITTEN_BY_US]

    def get_notice_url(self, account: OnlineAccount) -> str:
        return notice_url(account, self.workspace)

    @cached_property
    def workspace(self) -> str:
        """The tenant's address, asked once for a list."""
        return own_company().code


class OnlinePaymentSerializer(RecordSerializer):
    class Meta:
        model = OnlinePayment
        fields = [
            *("id", "account", "invoice", "customer", "link", "currency", "amount", "state", "charge", "payment", "told_amount"),
            *("told_currency", "reason", *WRITTEN_BY_US),
        ]
        read_only_fields = fields


class OnlineAccountViewSet(RecordViewSet):
    model = OnlineAccount
    serializer_class = OnlineAccountSerializer
    search_fields = ("name",)
    key_required = match_required = True
    add = staticmethod(set_up_account)

    def check(self, act: str, record: Any = None) -> None:
        super().check("set_up" if act == "add" else act, record)


class OnlinePaymentViewSet(RecordViewSet):
    model = OnlinePayment
    serializer_class = OnlinePaymentSerializer
    filterset_class = OnlinePaymentFilters
    orderings = ("created_at",)
