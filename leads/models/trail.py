"""What happened around a lead, append-only: where it came from, what it did, who had it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.channels import Campaign, Channel
from leads.models.leads import Lead
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantLog
from ltc.users.models import Membership
from ltc.users.visibility import Visible


class LeadTouch(TenantLog):
    """One contact of a lead with our marketing; the first one says where the lead came from."""

    class Kind(models.TextChoices):
        CAPTURE = "capture", _("Captured")
        VISIT = "visit", _("Visit")
        FORM = "form", _("Form")
        EVENT = "event", _("Event")
        IMPORT = "import", _("Import")
        EMAIL = "email", _("E-mail")
        OTHER = "other", _("Other")

    lead = TenantForeignKey(Lead, models.PROTECT, related_name="touches")
    channel = TenantForeignKey(Channel, models.PROTECT, related_name="+")
    campaign = TenantForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.CAPTURE)
    occurred_at = models.DateTimeField()
    url = models.CharField(max_length=2000, blank=True)
    referrer = models.CharField(max_length=2000, blank=True)
    click_id = models.CharField(max_length=300, blank=True)
    utm = models.JSONField(default=dict, blank=True)
    dedupe_key = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "lead touches"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "dedupe_key"], condition=~models.Q(dedupe_key=""), name="lead_touch_counts_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.occurred_at:%F %T}"


class LeadEvent(Visible, TenantLog):
    """Something that a lead did or that we did with it, as the engagement score counts it."""

    permission_area = "leads"
    visible_through = "lead__"

    class Type(models.TextChoices):
        QUOTE_REQUEST = "quote_request", _("Asked for a quote")
        DEMO_REQUEST = "demo_request", _("Asked for a demonstration")
        MEETING_HELD = "meeting_held", _("Meeting held")
        EVENT_ATTENDED = "event_attended", _("Came to an event")
        FORM_SUBMIT = "form_submit", _("Sent a form")
        CALL_CONNECTED = "call_connected", _("Answered a call")
        CONTENT_DOWNLOAD = "content_download", _("Downloaded something")
        WECOM_REPLY = "wecom_reply", _("Replied on WeCom")
        PAGE_VIEW_PRICING = "page_view_pricing", _("Looked at prices")
        EMAIL_CLICK = "email_click", _("Clicked in an e-mail")
        EMAIL_OPEN = "email_open", _("Opened an e-mail")
        PAGE_VIEW = "page_view", _("Visited a page")
        NO_SHOW = "no_show", _("Did not show up")
        UNSUBSCRIBE = "unsubscribe", _("Unsubscribed")
        EMAIL_BOUNCED = "email_bounced", _("E-mail bounced")

    lead = TenantForeignKey(Lead, models.PROTECT, related_name="events")
    type = models.CharField(max_length=20, choices=Type)
    occurred_at = models.DateTimeField()
    quantity = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=60)
    dedupe_key = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "source", "dedupe_key"], name="lead_event_counts_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="lead_event_happened_at_least_once"),
        ]
        indexes = [models.Index(fields=["tenant", "lead", "occurred_at"], name="lead_events_in_time")]

    def __str__(self) -> str:
        return f"{self.type} at {self.occurred_at:%F %T}"

    @classmethod
    def in_pool_of(cls, actor: Any, prefix: str = "") -> models.Q:
        """Events of the leads in the actor's pools."""
        return Lead.in_pool_of(actor, prefix)


class LeadAssignment(TenantLog):
    """A lead went from one owner to another, or to or from the pool."""

    class Method(models.TextChoices):
        MANUAL = "manual", _("By hand")
        RULE = "rule", _("By rule")
        ROUND_ROBIN = "round_robin", _("In turn")
        CLAIM = "claim", _("Claimed")
        RECLAIM = "reclaim", _("Reclaimed")
        RETURN = "return", _("Returned")
        TRANSFER = "transfer", _("Transferred")

    lead = TenantForeignKey(Lead, models.PROTECT, related_name="assignments")
    from_member = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    to_member = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=11, choices=Method)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "to_member", "method", "at"], name="lead_claims_of_a_member"),
            models.Index(fields=["tenant", "lead", "-at"], name="lead_owners_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.method} at {self.at:%F %T}"


class LeadScoreSnapshot(TenantLog):
    """What a lead scored, from an instant on until the next one: the score, its parts, and which scorecard or model gave it."""

    lead = TenantForeignKey(Lead, models.PROTECT, related_name="snapshots")
    at = models.DateTimeField()
    score = models.PositiveSmallIntegerField()
    grade = models.CharField(max_length=1)
    rule_score = models.PositiveSmallIntegerField()
    fit_score = models.DecimalField(max_digits=5, decimal_places=2)
    engagement_score = models.DecimalField(max_digits=5, decimal_places=2)
    win_probability = models.DecimalField(max_digits=6, decimal_places=5, null=True)
    matrix_cell = models.CharField(max_length=2, blank=True)
    mode = models.CharField(max_length=6)
    scorecard = models.PositiveIntegerField(default=0)
    model = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["tenant", "lead", "-at", "-id"], name="lead_scores_in_time")]

    def __str__(self) -> str:
        return f"{self.score} at {self.at:%F %T}"
