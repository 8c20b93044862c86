from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.models import TenantLog


class Work(TenantLog):
    """A job, written in the transaction that wants it done: the outbox and the job ledger in one. Celery only rings the bell."""

    append_only = False
    change_logged = False

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField()
    nudged_at = models.DateTimeField(null=True)
    nudges = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "key"], name="work_once_per_kind_and_key"),
            models.CheckConstraint(condition=models.Q(state__in=["pending", "done", "dead", "cancelled"]), name="work_state_is_legal"),
        ]
        indexes = [
            models.Index(fields=["tenant", "available_at"], condition=models.Q(state="pending"), name="work_pending"),
            models.Index(fields=["tenant", "kind", "done_at"], name="work_history"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Clockwork(models.Model):
    """How far the schedule has been written: slots up to `ticked_at` have their work rows. One row, global."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ticked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_clockwork")]

    def __str__(self) -> str:
        return f"ticked at {self.ticked_at:%F %T}"
