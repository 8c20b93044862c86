from typing import Any

from django.db.models import QuerySet

from ltc.notifications.models import Notification

MOST_COUNTED = 100


def notifications_of(member: Any) -> QuerySet[Notification]:
    """What a member was told, newest first."""
    return Notification.objects.filter(recipient=member.pk).order_by("-pk")


def unread_count(member: Any) -> int:
    """How much of it they have not read, counted up to a hundred."""
    return Notification.objects.filter(recipient=member.pk, read_at__isnull=True)[:MOST_COUNTED].count()
