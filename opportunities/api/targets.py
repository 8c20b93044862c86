"""The REST of quotas and sales costs."""

from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet
from opportunities.models import Quota, SalesCost
from opportunities.targets import record_sales_cost, set_quota, update_quota, update_sales_cost

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class QuotaSerializer(RecordSerializer):
    """A quota of a person (`user`) or a team for a period: `2026`, `2026-Q3` or `2026-07`."""

    class Meta:
        model = Quota
        fields = ["id", "user", "team", "period", "starts_on", "ends_on", "amount", *WRITTEN_BY_US]
        read_only_fields = ["starts_on", "ends_on", *WRITTEN_BY_US]


class QuotaViewSet(RecordViewSet):
    model = Quota
    serializer_class = QuotaSerializer
    orderings = ("starts_on", "created_at")
    has_timeline = False
    add = staticmethod(set_quota)
    change = staticmethod(update_quota)


class SalesCostSerializer(RecordSerializer):
    """What the sales force cost."""

    class Meta:
        model = SalesCost
        fields = ["id", "cost_date", "amount", "currency", "fx_rate", "base_amount", "note", *WRITTEN_BY_US]
        read_only_fields = ["fx_rate", "base_amount", *WRITTEN_BY_US]


class SalesCostViewSet(RecordViewSet):
    model = SalesCost
    serializer_class = SalesCostSerializer
    orderings = ("cost_date", "created_at")
    has_timeline = False
    add = staticmethod(record_sales_cost)
    change = staticmethod(update_sales_cost)
