from typing import Any

from leads.collisions import request_access
from leads.filters import RequestFilters
from leads.models import AccessRequest
from ltc.api.fields import TextField
from ltc.api.serializers import RecordSerializer
from ltc.api.viewsets import RecordViewSet


class RequestSerializer(RecordSerializer):
    """Asking for another's record. `ticket` comes with a likely duplicate; which record it is only who sees that record is told."""

    ticket = TextField(write_only=True, max_length=500)

    class Meta:
        model = AccessRequest
        fields = ["id", "kind", "state", "requester", "approver", "reason", "answer", "ticket", "version", "created_at", "updated_at"]
        read_only_fields = ["state", "requester", "approver", "answer", "version", "created_at", "updated_at"]

    def to_representation(self, instance: AccessRequest) -> Any:
        said, actor = super().to_representation(instance), self.context["request"].actor
        for name in ("lead", "customer"):
            subject = getattr(instance, name)
            seen = subject is not None and actor.has_perm(f"{name}s.view", subject)
            said[name] = str(subject.pk) if seen else None
        return said


class RequestViewSet(RecordViewSet):
    """Requests to join a customer or to take a lead or customer over: made by reps, decided by the owner's manager."""

    model = AccessRequest
    serializer_class = RequestSerializer
    filterset_class = RequestFilters
    related = ("lead", "customer")
    orderings = ("created_at",)
    has_changes = False
    add = staticmethod(request_access)
