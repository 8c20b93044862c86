from django.db import models

from ltc.tenancy.models import TenantLog


class IdempotencyKey(TenantLog):
    """A write that a client named, with the answer that it got: a repeated one gets the same answer and does nothing.

    Written in the transaction of the effect, so a crash leaves neither. Kept for 48 hours.
    """

    append_only = False
    change_logged = False

    key = models.CharField(max_length=255, db_collation="C")
    actor = models.UUIDField()
    request = models.CharField(max_length=600)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True, max_length=2_000_000)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="idempotency_key_is_unique")]
        indexes = [models.Index(fields=["tenant", "created_at"], name="idempotency_keys_by_age")]

    def __str__(self) -> str:
        return f"{self.request} {self.key}"
