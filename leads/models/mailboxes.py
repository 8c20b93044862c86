"""Mailboxes whose mails become leads, and the mails themselves, kept whatever becomes of them."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.channels import Campaign, Channel
from leads.models.leads import Lead
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.models import Membership
from ltc.users.visibility import Visible

MOST_KEPT = 262_144  # bytes of a mail as it came, so that it can be read again


class Mailbox(Visible, TenantRecord):
    """A mailbox that is looked into every few minutes. It is only read: nothing in it is marked, moved or deleted."""

    permission_area = "mailboxes"
    own_fields = ()

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none, inside our own network only")

    name = models.CharField(_("name"), max_length=120)
    address = models.EmailField(_("e-mail address"), max_length=254)
    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), default=993, validators=[MinValueValidator(1), MaxValueValidator(65_535)])
    security = models.CharField(_("encryption"), max_length=8, choices=Security, default=Security.TLS)
    login = models.CharField(_("login"), max_length=254)
    secret = models.TextField(blank=True, max_length=2000, editable=False)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    starts_on = models.DateField(_("mails from this day on"))
    channel = TenantForeignKey(Channel, models.PROTECT, related_name="mailboxes", verbose_name=_("source"))
    campaign = TenantForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="mailboxes", verbose_name=_("campaign"))
    owner = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner of the leads"),
        help_text=_("Empty: the rules of distribution find one."),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)
    uid_validity = models.BigIntegerField(default=0, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    polled_at = models.DateTimeField(_("last looked into"), null=True, editable=False)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="mailbox_name_is_unique"),
            models.CheckConstraint(condition=models.Q(security__in=["tls", "starttls", "none"]), name="mailbox_security_is_legal"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.campaign is not None and self.campaign.channel_id != self.channel_id:
            raise ValidationError({"campaign": _("This campaign belongs to another source.")})
        if any(letter in self.folder + self.host + self.login for letter in "\r\n\0"):
            raise ValidationError({"host": _("Leave out line breaks.")})


class InboundMail(Visible, TenantRecord):
    """A mail that came, and what became of it. One that could not become a lead waits to be tried again; none is lost."""

    permission_area = "forms"

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        LEAD = "lead", _("Lead made")
        REPLY = "reply", _("Added to a lead")
        BOUNCE = "bounce", _("Undeliverable mail")
        IGNORED = "ignored", _("Left alone")
        FAILED = "failed", _("Failed")

    class Why(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic answer")
        LIST = "list", _("newsletter or list")
        BOUNCE = "bounce", _("undeliverable mail of someone else")
        OURS = "ours", _("from ourselves")
        SPAM = "spam", _("marked as spam")
        NO_SENDER = "no_sender", _("no sender")

    mailbox = TenantForeignKey(Mailbox, models.PROTECT, related_name="mails", verbose_name=_("mailbox"))
    key = models.CharField(max_length=64, editable=False)
    uid = models.BigIntegerField(editable=False)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome, default=Outcome.WAITING)
    why = models.CharField(_("why left alone"), max_length=9, choices=Why, blank=True)
    by_hand = models.BooleanField(default=False, editable=False)
    message_id = models.CharField(max_length=300, blank=True, editable=False)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    sender_name = models.CharField(_("name"), max_length=120, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), max_length=20_000, blank=True)
    answers = models.JSONField(default=list, editable=False)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    is_cut = models.BooleanField(_("too large to be read whole"), default=False)
    received_at = models.DateTimeField(_("received"))
    lead = TenantForeignKey(Lead, models.PROTECT, null=True, related_name="mails", verbose_name=_("lead"))
    error = models.TextField(_("what went wrong"), blank=True, max_length=1000)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("received e-mail")
        verbose_name_plural = _("received e-mails")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="a_mail_counts_once")]
        indexes = [
            models.Index(fields=["tenant", "-received_at", "-id"], name="mails_newest_first"),
            models.Index(fields=["tenant", "outcome", "-received_at", "-id"], name="mails_by_outcome"),
        ]

    def __str__(self) -> str:
        return self.subject or self.sender_name or self.sender or f"{self.received_at:%F %T}"
