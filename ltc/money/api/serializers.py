from ltc.api.serializers import RecordSerializer
from ltc.money.models import ExchangeRate, TaxCode

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class ExchangeRateSerializer(RecordSerializer):
    """Units of `to_currency` for one of `from_currency`. A day's rate of one source is entered once; entered again, it is corrected."""

    class Meta:
        model = ExchangeRate
        fields = ["id", "from_currency", "to_currency", "rate_date", "rate", "source", *WRITTEN_BY_US]
        read_only_fields = ["id", *WRITTEN_BY_US]


class TaxCodeSerializer(RecordSerializer):
    class Meta:
        model = TaxCode
        fields = ["id", "code", "name", "rate", "kind", "valid_from", "valid_to", "is_default", *WRITTEN_BY_US]
        read_only_fields = fields
