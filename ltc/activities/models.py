from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership, Team
from ltc.users.visibility import Visible


class Activity(Visible, TenantRecord):
    """A call, a visit, a note, a task: what someone did about a record, or is to do.

    One with a due date that is not done is an open task of its assignee. The subject is named by kind and id: any record may be one.
    """

    permission_area = "activities"
    own_fields = ("assignee", "owner")

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", pgettext_lazy("activity", "E-mail")
        WECOM = "wecom", _("WeCom message")
        NOTE = "note", _("Note")
        TASK = "task", _("Task")
        SYSTEM = "system", _("System")

    class Direction(models.TextChoices):
        INWARD = "in", _("From the customer")
        OUTWARD = "out", _("To the customer")

    subject_type = models.CharField(max_length=60)
    subject = models.UUIDField()
    subject_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=Kind)
    direction = models.CharField(max_length=3, choices=Direction, blank=True)
    occurred_at = models.DateTimeField()
    result = models.TextField(blank=True, max_length=20_000)
    next_action = models.CharField(max_length=200, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    assignee = TenantForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="+")
    owner = TenantForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="+")
    team = TenantForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["call", "visit", "meeting", "email", "wecom", "note", "task", "system"]),
                name="activity_kind_is_known",
            ),
            models.CheckConstraint(condition=~models.Q(kind="task") | models.Q(due_at__isnull=False), name="activity_task_has_a_due_date"),
        ]
        indexes = [
            models.Index(fields=["tenant", "subject", "-occurred_at"], name="activities_of_a_record"),
            models.Index(
                fields=["tenant", "assignee", "due_at"],
                condition=models.Q(due_at__isnull=False, done_at__isnull=True),
                name="activities_open_tasks",
            ),
        ]

    def __str__(self) -> str:
        return self.result[:80] or str(self.get_kind_display())

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.due_at is not None and self.done_at is None
