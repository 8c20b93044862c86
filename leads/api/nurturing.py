"""REST of nurturing: sequences, their steps and figures, who is on them, and what went out."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from leads.filters import EnrolmentFilters, NurtureMessageFilters, SequenceFilters, StepFilters
from leads.masking import may_reveal
from leads.models import Enrolment, NurtureMessage, NurtureSequence, NurtureStep
from leads.models.choices import Grade
from leads.nurturing.figures import figures
from leads.nurturing.sequences import add_step, change_step, create_sequence, previews, update_sequence
from ltc.api.fields import ChoiceField, TextField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet
from ltc.calendars.selectors import today
from ltc.customers.masking import mask_email

WRITTEN_BY_US = ["version", "created_at", "updated_at"]


class SequenceSerializer(RecordSerializer):
    """A sequence. `enrols_on` puts leads on it by themselves, of the sources (codes) and grades that are named; empty lists: any."""

    channels = serializers.ListField(child=TextField(max_length=120), required=False, max_length=200)
    grades = serializers.ListField(child=ChoiceField(choices=Grade.choices), required=False, max_length=4)

    class Meta:
        model = NurtureSequence
        fields = ["id", "name", "active", "enrols_on", "channels", "grades", "reply_to", *WRITTEN_BY_US]
        read_only_fields = WRITTEN_BY_US


class StepSerializer(RecordSerializer):
    """A step, `wait` hours or business days after the one before. Texts may use the variables
    of docs/nurturing.md and conditions on them."""

    class Meta:
        model = NurtureStep
        fields = [
            *("id", "sequence", "position", "active", "kind", "wait", "unit", "subject_en", "body_en", "subject_zh", "body_zh"),
            *WRITTEN_BY_US,
        ]
        read_only_fields = WRITTEN_BY_US
        set_once = ["sequence"]


class EnrolmentSerializer(RecordSerializer):
    """A lead on a sequence. Leads are put on with the lead's action `enrol`."""

    class Meta:
        model = Enrolment
        fields = ["id", "lead", "sequence", "state", "how", "language", "stop_reason", "started_at", "ended_at", *WRITTEN_BY_US]
        read_only_fields = fields


class NurtureMessageSerializer(RecordSerializer):
    """One step of one lead. Address and text are kept from who may not see the lead's contact data."""

    lead = serializers.UUIDField(source="enrolment.lead_id", read_only=True)

    class Meta:
        model = NurtureMessage
        fields = [
            *("id", "enrolment", "step", "lead", "status", "not_before", "sent_at", "attempts", "recipient", "subject", "body", "error"),
            *("outcome", "outcome_at", *WRITTEN_BY_US),
        ]
        read_only_fields = fields

    def to_representation(self, instance: NurtureMessage) -> Any:
        said = super().to_representation(instance)
        if may_reveal(instance.enrolment.lead, self.context["request"].actor):
            return said
        hidden = {"recipient": mask_email(instance.recipient), "subject": "", "body": "", "error": ""}
        return {**said, **{name: value for name, value in hidden.items() if name in said}}


class SequenceViewSet(RecordViewSet):
    """Sequences of mails and tasks."""

    model = NurtureSequence
    serializer_class = SequenceSerializer
    filterset_class = SequenceFilters
    orderings = ("name", "created_at")
    search_fields = ("name",)
    has_timeline = False
    add = staticmethod(create_sequence)
    change = staticmethod(update_sequence)

    @action(detail=True, methods=["get"])
    def figures(self, request: Any, pk: str) -> Response:
        """What each step has brought: planned, sent, answered, converted, opted out, undeliverable, in doubt."""
        return Response({"data": [each.as_json() for each in figures(self.record())]})


class StepViewSet(RecordViewSet):
    """The steps of sequences. One that is not wanted any more is switched off."""

    model = NurtureStep
    serializer_class = StepSerializer
    filterset_class = StepFilters
    related = ("sequence",)
    orderings = ("position", "created_at")
    ordering = "position"
    has_timeline = False
    add = staticmethod(add_step)
    change = staticmethod(change_step)

    @action(detail=True, methods=["get"])
    def preview(self, request: Any, pk: str) -> Response:
        """The step as it would reach somebody invented, in both languages."""
        step, tenant = self.record(), request._request.tenant
        day = today(tenant, at=timezone.now()).isoformat()
        return Response({"data": previews(step, our_company=tenant.name, today=day)})


class EnrolmentViewSet(RecordViewSet):
    """Leads on sequences, and why they stopped."""

    model = Enrolment
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilters
    related = ("lead", "sequence")
    orderings = ("started_at", "created_at")
    ordering = "-started_at"


class NurtureMessageViewSet(RecordViewSet):
    """What is planned and what went out, step by step and lead by lead."""

    model = NurtureMessage
    serializer_class = NurtureMessageSerializer
    filterset_class = NurtureMessageFilters
    related = ("enrolment__lead", "step")
    orderings = ("not_before", "created_at")
    ordering = "-created_at"
    has_timeline = False
    has_changes = False
