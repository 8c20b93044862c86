"""The REST of service cases and surveys."""

from typing import Any

from rest_framework.decorators import action
from rest_framework.response import Response

from delivery.after_sales import open_case, record_answer, send_survey, update_case
from delivery.filters import CaseFilters, SurveyFilters
from delivery.models import Case, Survey
from ltc.api.fields import IntegerField, TextField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.api.viewsets import RecordViewSet

WRITTEN_BY_US = ("version", "created_at", "updated_at")
CLOCKS = (
    *("opened_at", "sla_response_due", "sla_resolve_due", "first_response_at", "resolved_at", "closed_at", "reopened_count"),
    *("resolution", "root_cause"),
)


class CaseSerializer(RecordSerializer):
    """A service case; its clocks run in the tenant's working hours."""

    class Meta:
        model = Case
        fields = [
            *("id", "number", "title", "description", "customer", "contact", "order", "product", "serial", "type", "priority", "state"),
            *("owner", "team", *CLOCKS, *WRITTEN_BY_US),
        ]
        read_only_fields = ["number", "state", "team", *CLOCKS, *WRITTEN_BY_US]
        set_once = ["customer", "priority", "owner"]


class CaseViewSet(RecordViewSet):
    model = Case
    serializer_class = CaseSerializer
    filterset_class = CaseFilters
    orderings = ("opened_at", "created_at")
    search_fields = ("title", "number")
    add = staticmethod(open_case)
    change = staticmethod(update_case)


class SurveySerializer(RecordSerializer):
    """A question to a customer, with the answer if there is one."""

    class Meta:
        model = Survey
        fields = ["id", "kind", "customer", "case", "order", "sent_at", "score", "comment", "responded_at", *WRITTEN_BY_US]
        read_only_fields = ["sent_at", "score", "comment", "responded_at", *WRITTEN_BY_US]


class AnswerSerializer(Strict):
    """What the customer answered: 1 to 5 for satisfaction, 0 to 10 for recommendation."""

    score = IntegerField(min_value=0, max_value=10)
    comment = TextField(required=False, max_length=2000)


class SurveyViewSet(RecordViewSet):
    model = Survey
    serializer_class = SurveySerializer
    filterset_class = SurveyFilters
    orderings = ("sent_at", "created_at")
    has_timeline = False
    add = staticmethod(send_survey)

    @action(detail=True, methods=["post"], url_path="answers")
    def answers(self, request: Any, pk: str) -> Response:
        """Note what the customer answered; for a day it may be corrected."""
        record = self.record(locked=True)
        self.check("answer", record)
        asked = AnswerSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return self.answer(self.fresh(record_answer(record, actor=self.actor, **asked.validated_data)))
