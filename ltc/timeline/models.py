from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.models import TenantLog


class Entry(TenantLog):
    """One line of a record's history: a transition, a note, an activity. Append-only; the funnel metrics read it."""

    class Kind(models.TextChoices):
        TRANSITION = "transition", _("Change of state")
        NOTE = "note", _("Note")
        ACTIVITY = "activity", _("Activity")
        SYSTEM = "system", _("System")

    at = models.DateTimeField()
    written_at = models.DateTimeField(auto_now_add=True)
    subject_type = models.CharField(max_length=60)
    subject = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=60, blank=True)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    actor_kind = models.CharField(max_length=6)
    actor = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=120)
    body = models.TextField(blank=True, max_length=20_000)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["tenant", "subject", "-at", "-id"], name="timeline_of_a_record"),
            models.Index(fields=["tenant", "subject_type", "name", "at"], name="timeline_of_a_step"),
            models.Index(fields=["tenant", "subject_type", "at"], name="timeline_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.name or self.kind} at {self.at:%F %T}"


class Change(TenantLog):
    """What a write changed, column by column, from what to what. Written by a trigger, so bulk and raw SQL are in it too."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=60, blank=True)
    request = models.CharField(max_length=60, blank=True)
    table_name = models.CharField(max_length=63)
    row = models.CharField(max_length=40)
    operation = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "row", "-id"], name="changes_of_a_row"),
            models.Index(fields=["tenant", "at"], name="changes_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row}"
