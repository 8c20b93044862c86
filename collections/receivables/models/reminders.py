from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField
from ltc.notifications.models import OutgoingMessage
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.visibility import Visible
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.models import StatefulModel
from receivables.models.cases import DunningCase
from receivables.models.invoices import ReceivableItem, require_finance_approver
from receivables.models.policies import Channel
from receivables.models.promises import PromiseToPay


class DunningNotice(StatefulModel):
    """One reminder to one customer: all items that are due for it, in the tone of the highest level among them."""

    permission_area = "receivables"
    visible_through = "case__customer__"

    class State(models.TextChoices):
        WAITING_APPROVAL = "waiting_approval", _("Waits for approval")
        QUEUED = "queued", _("Queued")
        DONE = "done", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        BROKEN_PROMISE = "broken_promise", _("Broken promise")
        STATEMENT = "statement", _("Statement of account")
        MANUAL = "manual", _("By hand")

    WHOLE = "all"

    case = TenantForeignKey(DunningCase, models.PROTECT, related_name="notices")
    kind = models.CharField(_("Kind"), max_length=14, choices=Kind, default=Kind.REMINDER)
    promise = TenantForeignKey(
        PromiseToPay, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name=_("Promise to pay")
    )
    scope_key = models.CharField(max_length=40, default=WHOLE, editable=False)
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
                fields=["tenant", "case", "run_date", "kind", "scope_key"],
                condition=~Q(state="cancelled"),
                name="one_reminder_per_customer_and_day",
            ),
            models.UniqueConstraint(
                fields=["tenant", "promise"], condition=Q(kind="broken_promise"), name="one_notice_of_a_broken_promise"
            ),
            models.CheckConstraint(condition=Q(kind="broken_promise") | Q(promise__isnull=True), name="a_notice_of_a_promise_says_so"),
            models.CheckConstraint(
                condition=Q(kind__in=["reminder", "broken_promise", "statement", "manual"]), name="dunning_notice_kind_is_legal"
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

    @transition(
        state, source=[State.QUEUED, State.DONE], target=None, permission="receivables.resend_reminder",
        label=_("Send again"), icon="rotate-ccw", inputs=[Input("reason", _("Reason"), max_length=300)],
        confirm=_("Send it again only if you know that it did not arrive."),
    )  # fmt: skip
    def resend(self, *, reason: str) -> None:
        """Someone has looked: it did not arrive, and gets another attempt."""

    @transition(
        state, source=[State.QUEUED, State.DONE], target=State.DONE, permission="receivables.resend_reminder",
        label=_("It did go out"), icon="check",
    )  # fmt: skip
    def confirm(self) -> None:
        """Someone has looked: the customer has it."""


class DunningMessage(Visible, OutgoingMessage):
    """A reminder on one way to the customer. In doubt whether it went out, it is `uncertain` and never sent again by itself."""

    permission_area = "receivables"
    visible_through = "notice__case__customer__"

    notice = TenantForeignKey(DunningNotice, models.PROTECT, related_name="messages")
    channel = models.CharField(_("Channel"), max_length=12, choices=Channel, default=Channel.EMAIL)
    contact_name = models.CharField(_("Contact"), max_length=120, blank=True)
    copies = ArrayField(models.CharField(max_length=254), verbose_name=_("Copies to"), default=list, blank=True)

    class Meta:
        verbose_name = _("Reminder message")
        indexes = [
            models.Index(fields=["tenant", "not_before"], condition=Q(status__in=["queued", "sending"]), name="reminders_to_send"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "notice", "channel"], name="one_message_per_reminder_and_channel"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["queued", "sending", "sent", "delivered", "bounced", "uncertain", "failed", "simulated", "cancelled"]
                ),
                name="dunning_message_status_is_legal",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["sent", "delivered", "bounced", "simulated"], sent_at__isnull=False)
                | ~Q(status__in=["sent", "delivered", "bounced", "simulated"]),
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
    dunnable_amount = AmountField(_("Reminded of"), default=0)
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
