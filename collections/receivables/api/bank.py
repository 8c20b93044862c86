"""Bank statements by REST: formats, imports and who may have sent what nobody knows."""

from typing import Any

import django_filters as filters

from ltc.api.fields import TenantRelatedField, TextField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet
from ltc.refusals import Forbidden
from receivables.models import BankFormat, BankImport
from receivables.services.bank import change_format, import_statement, save_format

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class BankFormatSerializer(RecordSerializer):
    """`columns` says which column holds what, by its head or its number: date, amount (or credit and debit), currency, payer_name,
    payer_account, text, ref, value_date. camt.053, MT940 and OFX need none."""

    class Meta:
        model = BankFormat
        fields = [
            *("id", "name", "kind", "bank_account", "currency", "encoding", "delimiter", "date_format", "decimal_mark", "skip_rows"),
            *("columns", *WRITTEN_BY_US),
        ]
        read_only_fields = ["id", *WRITTEN_BY_US]


class BankImportSerializer(RecordSerializer):
    """`content` is the text of the file."""

    format = TenantRelatedField(queryset=BankFormat.objects.all())
    content = TextField(write_only=True, max_length=1_000_000, trim_whitespace=False)

    class Meta:
        model = BankImport
        fields = ["id", "format", "file_name", "content", "sha256", "lines", "made", "known", "outgoing", *WRITTEN_BY_US]
        read_only_fields = ["id", "sha256", "lines", "made", "known", "outgoing", *WRITTEN_BY_US]


class BankImportFilters(filters.FilterSet):
    """What a list of imported statements can be narrowed to."""

    format = filters.UUIDFilter(field_name="format_id")

    class Meta:
        model = BankImport
        fields: list[str] = []


class BankFormatViewSet(RecordViewSet):
    model = BankFormat
    serializer_class = BankFormatSerializer
    search_fields = ("name", "bank_account")
    add = staticmethod(save_format)
    change = staticmethod(change_format)

    def check(self, act: str, record: Any = None) -> None:
        """Who records payments says how banks write their files."""
        if act == "view":
            super().check(act, record)
        elif not self.actor.has_perm("receivables.record_payment"):
            raise Forbidden("You may not do this. Ask your administrator.")


class BankImportViewSet(RecordViewSet):
    model = BankImport
    serializer_class = BankImportSerializer
    filterset_class = BankImportFilters
    orderings = ("created_at",)
    key_required = True

    def check(self, act: str, record: Any = None) -> None:
        """Programs import statements too; they post nothing."""
        if act != "add" or not self.actor.has_perm("receivables.import_payment"):
            super().check(act, record)

    @staticmethod
    def add(*, actor: Any, **values: Any) -> BankImport:
        return import_statement(actor=actor, **values)
