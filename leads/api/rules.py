from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from leads.assignment import create_rule, distribute_waiting, update_rule
from leads.filters import RuleFilters
from leads.models import DistributionRule
from ltc.api.fields import TextField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet


class RuleSerializer(RecordSerializer):
    """A rule of the ordered list; exactly one of `member`, `team` and `pool` is where the lead goes."""

    regions = serializers.ListField(child=TextField(max_length=120), required=False, max_length=200)
    industries = serializers.ListField(child=TextField(max_length=120), required=False, max_length=200)
    products = serializers.ListField(child=TextField(max_length=120), required=False, max_length=200)
    channels = serializers.ListField(child=TextField(max_length=120), required=False, max_length=200)

    class Meta:
        model = DistributionRule
        fields = [
            *("id", "name", "position", "active", "regions", "industries", "products", "channels", "score_min", "score_max"),
            *("working_hours_only", "member", "team", "pool", "version", "created_at", "updated_at"),
        ]
        read_only_fields = ["version", "created_at", "updated_at"]


class RuleViewSet(RecordViewSet):
    """The ordered rules by which new leads find their owner."""

    model = DistributionRule
    serializer_class = RuleSerializer
    filterset_class = RuleFilters
    related = ("member", "team", "pool")
    orderings = ("position", "created_at")
    ordering = "position"
    search_fields = ("name",)
    has_timeline = False
    add = staticmethod(create_rule)
    change = staticmethod(update_rule)

    @action(detail=False, methods=["post"])
    def run(self, request: Any) -> Response:
        """Run the rules over the leads that wait in no pool of their own, at most 500 at once; `placed` is how many found a place."""
        return Response({"placed": distribute_waiting(actor=self.actor)})
