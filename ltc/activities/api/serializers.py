from ltc.activities.models import Activity
from ltc.api.serializers import RecordSerializer

WRITTEN_BY_US = ("subject_name", "done_at", "owner", "version", "created_at", "updated_at")


class ActivitySerializer(RecordSerializer):
    """`subject_type` is the kind of record by its label (`leads.lead`), `subject` its id; a next action with a date becomes a task."""

    class Meta:
        model = Activity
        fields = [
            *(
                "id",
                "subject_type",
                "subject",
                "kind",
                "direction",
                "occurred_at",
                "result",
                "next_action",
                "next_at",
                "due_at",
                "assignee",
            ),
            *WRITTEN_BY_US,
        ]
        read_only_fields = WRITTEN_BY_US
        extra_kwargs = {"occurred_at": {"required": False}}
