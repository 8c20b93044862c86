from django.db import models

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.models import Membership


class Notification(TenantModel):
    """One thing that a member is told: on the page behind the bell, and by e-mail if it cannot wait for that.

    It points at a record by kind and id, or at a page of the workspace by `url` (without the workspace's own prefix).
    """

    change_logged = False

    recipient = TenantForeignKey(Membership, models.CASCADE, related_name="notifications")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, max_length=4000)
    icon = models.CharField(max_length=40, default="bell")
    subject_type = models.CharField(max_length=60, blank=True)
    subject = models.UUIDField(null=True, blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "recipient", "-id"], name="notifications_of_a_member"),
            models.Index(fields=["tenant", "recipient"], condition=models.Q(read_at__isnull=True), name="notifications_unread"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """Where it leads, below the workspace's prefix."""
        if self.subject:
            return f"/go/{self.subject_type}/{self.subject}/"
        return self.url
