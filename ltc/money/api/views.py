from typing import Any

import django_filters as filters

from ltc.api.viewsets import RecordViewSet
from ltc.money.api.serializers import ExchangeRateSerializer, TaxCodeSerializer
from ltc.money.models import ExchangeRate, TaxCode
from ltc.money.services import record_exchange_rate


class ExchangeRateFilters(filters.FilterSet):
    """What a list of exchange rates can be narrowed to."""

    class Meta:
        model = ExchangeRate
        fields = {"from_currency": ["exact"], "to_currency": ["exact"], "rate_date": ["exact", "gte", "lte"], "source": ["exact"]}


class ExchangeRateViewSet(RecordViewSet):
    model = ExchangeRate
    serializer_class = ExchangeRateSerializer
    filterset_class = ExchangeRateFilters
    add = staticmethod(record_exchange_rate)

    def check(self, act: str, record: Any = None) -> None:
        super().check("change" if act == "add" else act, record)


class TaxCodeViewSet(RecordViewSet):
    model = TaxCode
    serializer_class = TaxCodeSerializer
