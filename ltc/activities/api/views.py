import uuid
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.response import Response

from ltc.activities.api.serializers import ActivitySerializer
from ltc.activities.filters import ActivityFilters
from ltc.activities.models import Activity
from ltc.activities.services import complete_task, log_activity, reopen_task
from ltc.api.viewsets import RecordViewSet
from ltc.refusals import Refusal
from ltc.users.roles import Scope
from ltc.workflow.models import StatefulModel


def subjects() -> dict[str, Any]:
    """The kinds of records that something can be done about, by their labels."""
    return {model._meta.label_lower: model for model in apps.get_models() if issubclass(model, StatefulModel)}


def about_seen_records(activities: Any, actor: Any) -> Any:
    """Leave out what others did about records that the actor does not see: the words tell of the record."""
    own = Q(assignee=actor.pk) | Q(owner=actor.pk)
    for label, model in subjects().items():
        if Scope.ALL not in actor.scopes(f"{model.permission_area}.view"):
            seen = model.objects.visible_to(actor).values("pk")
            activities = activities.filter(~Q(subject_type=label) | own | Q(subject__in=seen))
    return activities


def subject_of(kind: str, pk: uuid.UUID, actor: Any) -> Any:
    """The record that an activity is about. Raises Refusal, in the same words whether it does not exist or is not seen."""
    model = subjects().get(kind)
    found = model.objects.visible_to(actor).filter(pk=pk).first() if model else None
    if found is None:
        raise Refusal(_("There is no such record."), code="unknown_record", field="subject")
    return found


class ActivityViewSet(RecordViewSet):
    """What people did about records, and their tasks."""

    model = Activity
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilters
    orderings = ("occurred_at", "due_at", "created_at")
    has_timeline = False

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False) or Scope.ALL not in self.actor.scopes("activities.view"):
            return found  # the other scopes are one's own activities, and those of one's own people
        return about_seen_records(found, self.actor)

    @staticmethod
    def add(*, actor: Any, subject_type: str, subject: uuid.UUID, occurred_at: datetime | None = None, **values: Any) -> Activity:
        values["kind"] = Activity.Kind(values["kind"])
        return log_activity(subject_of(subject_type, subject, actor), actor=actor, at=occurred_at, **values)

    @action(detail=True, methods=["post"])
    def done(self, request: Any, pk: str) -> Response:
        """Tick a task off."""
        return self.answer(self.fresh(complete_task(self.record(), actor=self.actor)))

    @action(detail=True, methods=["post"])
    def reopen(self, request: Any, pk: str) -> Response:
        """Take a tick back."""
        return self.answer(self.fresh(reopen_task(self.record(), actor=self.actor)))
