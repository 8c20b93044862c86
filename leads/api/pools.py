from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from leads.filters import PoolFilters
from leads.models import PublicPool
from leads.models.pools import RULES
from leads.pools import create_pool, update_pool
from leads.sweeping import Forecast, Sweeper
from ltc.api.fields import DateField, IntegerField, TenantRelatedField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.api.viewsets import RecordViewSet
from ltc.users.models import Membership, Team

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class PoolSerializer(RecordSerializer):
    """A public pool: `teams` (with all below them) and `people` may claim from it; a default or open one is everyone's."""

    teams = TenantRelatedField(queryset=Team.objects.all(), many=True, required=False)
    people = TenantRelatedField(queryset=Membership.objects.all(), many=True, required=False)

    class Meta:
        model = PublicPool
        fields = ["id", "name", "active", "is_default", "open_to_all", "teams", "people", *RULES, *WRITTEN_BY_US]
        read_only_fields = WRITTEN_BY_US


class SimulationSerializer(Strict):
    """A day, and rules that are tried out in place of the pool's own."""

    on = DateField()
    idle_days = IntegerField(required=False, min_value=1, max_value=3650)
    no_progress_days = IntegerField(required=False, min_value=1, max_value=3650)
    warn_before_days = IntegerField(required=False, min_value=0, max_value=3650)
    new_lead_grace_hours = IntegerField(required=False, min_value=0, max_value=3650)

    def validate(self, attrs: Any) -> Any:
        if attrs.get("warn_before_days", 0) > attrs.get("idle_days", 3650):
            raise serializers.ValidationError({"warn_before_days": "The warning cannot come more days ahead than there are."})
        return attrs


class PoolViewSet(RecordViewSet):
    """The public pools and their rules."""

    model = PublicPool
    serializer_class = PoolSerializer
    filterset_class = PoolFilters
    prefetch = ("members__team", "members__member")
    orderings = ("name", "created_at")
    search_fields = ("name",)
    has_timeline = False
    add = staticmethod(create_pool)
    change = staticmethod(update_pool)

    @action(detail=True, methods=["post"])
    def simulate(self, request: Any, pk: str) -> Response:
        """What the nightly sweep of this pool would do on a day, by its rules or by others. Nothing is changed."""
        pool = self.record()
        self.check("simulate", pool)
        asked = SimulationSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        changes = dict(asked.validated_data)
        on = changes.pop("on")
        return Response(told(Sweeper(on, changes={pool.pk: changes}, only=pool.pk).forecast()))


def told(forecast: Forecast) -> dict[str, Any]:
    """A forecast as JSON; of the records the first 200."""
    return {
        "on": forecast.on.isoformat(),
        "reclaimed": {"leads": forecast.reclaimed["lead"], "customers": forecast.reclaimed["customer"]},
        "warned": {"leads": forecast.warned["lead"], "customers": forecast.warned["customer"]},
        "kept": {str(cause): count for cause, count in forecast.kept.items()},
        "causes": {str(cause): count for cause, count in forecast.causes.items()},
        "owners": [{"owner": str(owner.pk), "name": owner.name, "records": count} for owner, count in forecast.owners.most_common()],
        "records": [
            {
                "kind": each.kind,
                "id": str(each.id),
                "owner": str(each.owner.pk),
                "cause": str(each.verdict.cause),
                "idle": each.verdict.idle,
                "stale": each.verdict.stale,
            }
            for each in forecast.first
        ],
    }
