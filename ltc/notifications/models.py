from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
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


class OutgoingMessage(TenantRecord):
    """A message that leaves the house at most once. In doubt whether it went out, it is `uncertain` and never sent again by itself."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        BOUNCED = "bounced", _("Bounced")
        UNCERTAIN = "uncertain", _("Uncertain")
        FAILED = "failed", _("Failed")
        SIMULATED = "simulated", _("Simulated")
        CANCELLED = "cancelled", _("Cancelled")

    recipient = models.CharField(_("To"), max_length=254)
    subject = models.CharField(_("Subject"), max_length=300, blank=True)
    body = models.TextField(_("Text"), blank=True, max_length=20_000)
    body_hash = models.CharField(max_length=64, blank=True)
    not_before = models.DateTimeField(_("Not before"))
    status = models.CharField(_("State"), max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("Sent"), null=True, blank=True)
    error = models.CharField(_("Error"), max_length=500, blank=True)
    provider = models.CharField(_("Sent through"), max_length=20, blank=True)
    provider_ref = models.CharField(_("Reference there"), max_length=200, blank=True)

    class Meta:
        abstract = True
