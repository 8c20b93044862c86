from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
from ltc.users.visibility import Visible
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.models import StatefulModel
from receivables.models.cases import DunningCase
from receivables.models.invoices import ReceivableItem, require_finance_approver


class DunningPolicy(Visible, TenantRecord):
    """How a tenant reminds its customers of what they owe."""

    permission_area = "reminders"
    own_fields = ()

    name = models.CharField(_("Name"), max_length=80)
    is_default = models.BooleanField(_("Default"), default=False)
    min_interval_days = models.PositiveSmallIntegerField(_("Least days between two reminders"), default=3)
    min_amount = AmountField(_("Smallest amount reminded of"), default=100, help_text=_("In base currency."))
    business_days_only = models.BooleanField(_("On business days only"), default=True)
    windows = models.JSONField(_("Sending hours"), default=list, help_text=_("Pairs of local times."))

    class Meta:
        verbose_name = _("Reminder policy")
        verbose_name_plural = _("Reminder policies")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_default=True), name="one_default_dunning_policy"),
            models.CheckConstraint(condition=Q(min_amount__gte=0), name="dunning_min_amount_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class DunningStep(Visible, TenantModel):
    """One level of a policy: so many days after the due date, in which tone, on which ways."""

    permission_area = "reminders"
    own_fields = ()

    policy = TenantForeignKey(DunningPolicy, models.CASCADE, related_name="steps")
    level = models.PositiveSmallIntegerField(_("Level"))
    offset_days = models.SmallIntegerField(_("Days after the due date"))
    tone = models.CharField(_("Tone"), max_length=10)
    channels = ArrayField(models.CharField(max_length=12), default=list)
    from_base = AmountField(_("Smallest item"), default=0)
    requires_approval = models.BooleanField(_("Needs approval"), default=False)

    class Meta:
        verbose_name = _("Reminder level")
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "policy", "level"], name="dunning_level_is_unique"),
            models.CheckConstraint(condition=Q(level__gte=1), name="dunning_levels_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.offset_days:+d}"


class DunningNotice(StatefulModel):
    """One reminder to one customer: all items that are due for it, in the tone of the highest level among them."""

    permission_area = "receivables"
    visible_through = "case__customer__"

    class State(models.TextChoices):
        WAITING_APPROVAL = "waiting_approval", _("Waits for approval")
        QUEUED = "queued", _("Queued")
        DONE = "done", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    case = TenantForeignKey(DunningCase, models.PROTECT, related_name="notices")
    run_date = models.DateField(_("Day"))
    level = models.PositiveSmallIntegerField(_("Level"))
    language = models.CharField(_("Language"), max_length=10)
    state = StateField(_("State"), choices=State, default=State.QUEUED)

    class Meta:
        verbose_name = _("Reminder")
        verbose_name_plural = _("Reminders")
        ordering = ["-run_date", "-id"]
        indexes = [models.Index(fields=["tenant", "-run_date", "-id"], name="reminders_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "case", "run_date"], condition=~Q(state="cancelled"), name="one_reminder_per_customer_and_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.customer} {self.run_date}"

    @transition(
        state, source=State.WAITING_APPROVAL, target=State.QUEUED, permission="receivables.approve_reminder", label=_("Approve"),
        icon="check", primary=True,
    )  # fmt: skip
    def approve(self, *, actor: Any) -> None:
        """The last notice before legal steps may go out."""
        require_finance_approver(actor, author=None)

    @transition(
        state, source=[State.WAITING_APPROVAL, State.QUEUED], target=State.CANCELLED, permission="receivables.approve_reminder",
        label=_("Do not send"), icon="ban", danger=True,
    )  # fmt: skip
    def refuse(self) -> None:
        """It is not sent, and this level is used up."""

    @transition(state, source=State.QUEUED, target=State.CANCELLED, permission="receivables.send_reminder", label=_("Drop"), automatic=True)
    def drop(self) -> None:
        """Everything in it was paid before it went out."""

    @transition(state, source=State.QUEUED, target=State.DONE, permission="receivables.send_reminder", label=_("Finish"), automatic=True)
    def finish(self) -> None:
        """It is out."""


class DunningMessage(Visible, TenantRecord):
    """A reminder on one way to the customer. In doubt whether it went out, it is `uncertain` and never sent again by itself."""

    permission_area = "receivables"
    visible_through = "notice__case__customer__"

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        UNCERTAIN = "uncertain", _("Uncertain")
        FAILED = "failed", _("Failed")
        SIMULATED = "simulated", _("Simulated")
        CANCELLED = "cancelled", _("Cancelled")

    notice = TenantForeignKey(DunningNotice, models.PROTECT, related_name="messages")
    channel = models.CharField(_("Channel"), max_length=12, default="email")
    recipient = models.CharField(_("To"), max_length=254)
    contact_name = models.CharField(_("Contact"), max_length=120, blank=True)
    subject = models.CharField(_("Subject"), max_length=300, blank=True)
    body = models.TextField(_("Text"), blank=True, max_length=20_000)
    body_hash = models.CharField(max_length=64, blank=True)
    not_before = models.DateTimeField(_("Not before"))
    status = models.CharField(_("State"), max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("Sent"), null=True, blank=True)
    error = models.CharField(_("Error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Reminder message")
        indexes = [
            models.Index(fields=["tenant", "not_before"], condition=Q(status__in=["queued", "sending"]), name="reminders_to_send"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "notice", "channel"], name="one_message_per_reminder_and_channel"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "sending", "sent", "uncertain", "failed", "simulated", "cancelled"]),
                name="dunning_message_status_is_legal",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["sent", "simulated"], sent_at__isnull=False) | ~Q(status__in=["sent", "simulated"]),
                name="a_sent_reminder_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.recipient}"


class DunningNoticeItem(Visible, TenantModel):
    """A level of an item that is used: reserved by a reminder, sent with it, or superseded by a higher one.

    The unique index over (item, epoch, level) is what makes a reminder go out once, however many planners run.
    """

    permission_area = "receivables"
    visible_through = "item__customer__"

    class State(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        SENT = "sent", _("Sent")
        SUPERSEDED = "superseded", _("Superseded")
        RELEASED = "released", _("Released")

    USED = (State.RESERVED, State.SENT, State.SUPERSEDED)

    notice = TenantForeignKey(DunningNotice, models.PROTECT, null=True, blank=True, related_name="items")
    item = TenantForeignKey(ReceivableItem, models.PROTECT, related_name="reminders")
    epoch = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(_("Level"))
    open_amount = AmountField(_("Open"), default=0)
    days_overdue = models.PositiveSmallIntegerField(_("Days overdue"), default=0)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.RESERVED)
    at = models.DateTimeField(_("When"))

    class Meta:
        verbose_name = _("Reminded item")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "item", "epoch", "level"], condition=~Q(state="released"), name="a_level_is_used_once_per_item"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "sent", "superseded", "released"]), name="reminded_item_state_is_legal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.level}"
