"""The REST of forecasts that people hand in."""

from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet
from opportunities.forecasting import change_forecast, submit_forecast
from opportunities.models import ForecastSubmission

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class ForecastSerializer(RecordSerializer):
    """What a person will win in a period. Once handed in, only `is_locked` is changed."""

    class Meta:
        model = ForecastSubmission
        fields = [
            *("id", "user", "team", "period", "starts_on", "ends_on", "commit_amount", "best_case_amount", "note", "submitted_at"),
            *("is_locked", *WRITTEN_BY_US),
        ]
        read_only_fields = ["team", "starts_on", "ends_on", "submitted_at", *WRITTEN_BY_US]
        extra_kwargs = {"best_case_amount": {"required": False}}


class NewForecastSerializer(ForecastSerializer):
    class Meta(ForecastSerializer.Meta):
        read_only_fields = [*ForecastSerializer.Meta.read_only_fields, "is_locked"]


class ForecastViewSet(RecordViewSet):
    model = ForecastSubmission
    serializer_class = ForecastSerializer
    orderings = ("submitted_at", "starts_on")
    has_timeline = False
    add = staticmethod(submit_forecast)
    change = staticmethod(change_forecast)
