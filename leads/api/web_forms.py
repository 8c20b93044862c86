"""REST of web forms and of what visitors have sent by them."""

from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from leads.filters import FormFilters, SubmissionFilters
from leads.masking import mask_submission
from leads.models import FormSubmission, WebForm
from leads.web_forms import create_form, retry, update_form
from ltc.api.fields import ObjectField, TextField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.api.viewsets import RecordViewSet

WRITTEN_BY_US = ["version", "created_at", "updated_at"]


class WebFormSerializer(RecordSerializer):
    """A web form. `asked` and `required` name fields of a lead or, as `attributes.<code>`, attributes of your own; `origins` may build it
    in; `path` is its public page."""

    asked = serializers.ListField(child=TextField(max_length=80), min_length=1, max_length=60)
    required: Any = serializers.ListField(child=TextField(max_length=80), min_length=1, max_length=60)
    origins = serializers.ListField(child=TextField(max_length=200), required=False, max_length=50)
    path = serializers.SerializerMethodField()

    class Meta:
        model = WebForm
        fields = [
            *("id", "name", "heading", "intro", "asked", "required", "button", "consent_text", "consent_version", "channel", "campaign"),
            *("owner", "thanks", "thanks_url", "double_opt_in", "origins", "active", "path", *WRITTEN_BY_US),
        ]
        read_only_fields = ["consent_version", *WRITTEN_BY_US]

    def get_path(self, form: WebForm) -> str:
        return f"/f/{self.context['request'].tenant.code}/{form.token}/"


class SubmissionSerializer(RecordSerializer):
    """What a visitor has sent, what it became, and why not if it failed."""

    class Meta:
        model = FormSubmission
        fields = [
            *("id", "form", "outcome", "values", "trail", "language", "consent_version", "consent_text", "confirmed_at", "lead", "error"),
            *("attempts", *WRITTEN_BY_US),
        ]
        read_only_fields = fields

    def to_representation(self, instance: FormSubmission) -> Any:
        return super().to_representation(mask_submission(instance, self.context["request"].actor))


class RetrySerializer(Strict):
    """Other answers, if the ones that were sent cannot become a lead."""

    values = ObjectField(required=False)

    def validate_values(self, value: Any) -> Any:
        if any(not isinstance(each, str) for each in value.values()):
            raise serializers.ValidationError("Give text for each answer.")
        return value


class WebFormViewSet(RecordViewSet):
    """Forms on public pages, whose answers become leads."""

    model = WebForm
    serializer_class = WebFormSerializer
    filterset_class = FormFilters
    orderings = ("name", "created_at")
    search_fields = ("name",)
    has_timeline = False
    add = staticmethod(create_form)
    change = staticmethod(update_form)


class SubmissionViewSet(RecordViewSet):
    """What visitors have sent. Nothing is lost: what could not become a lead waits here, to be corrected and tried again."""

    model = FormSubmission
    serializer_class = SubmissionSerializer
    filterset_class = SubmissionFilters
    orderings = ("created_at",)
    ordering = "-created_at"
    has_timeline = False
    has_changes = False

    @action(detail=True, methods=["post"])
    def retry(self, request: Any, pk: str) -> Response:
        """Make a lead of a submission that failed or was taken for spam, with other answers if need be."""
        asked = RetrySerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return self.answer(retry(self.record(), actor=self.actor, **asked.validated_data), HTTPStatus.ACCEPTED)
