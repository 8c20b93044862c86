from typing import Any

from django.db.models import QuerySet

from ltc.activities.models import Activity


def open_tasks(member: Any) -> QuerySet[Activity]:
    """What a member has still to do, the most urgent first."""
    return Activity.objects.filter(assignee=member.pk, due_at__isnull=False, done_at__isnull=True).order_by("due_at", "pk")


def activities_about(subject: Any) -> QuerySet[Activity]:
    """What was done about a record, newest first."""
    return Activity.objects.filter(subject=subject.pk).order_by("-occurred_at", "-pk")
