from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField, CurrencyField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.visibility import Visible
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.models import StatefulModel
from receivables.events import PromiseBroken, PromiseKept, PromisePartlyKept
from receivables.models.invoices import ReceivableItem


class PromiseToPay(StatefulModel):
    """A customer says that it will pay so much by a day. Until that day and some days of grace its items are not reminded of.

    `made_on` is the day of the promise, `good_until` the last day on which it can still be kept, `closed_on` the day that decided it.
    """

    permission_area = "promises"
    visible_through = "customer__"

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        PARTIALLY_KEPT = "partially_kept", _("Partly kept")
        BROKEN = "broken", _("Broken")
        CANCELLED = "cancelled", _("Cancelled")
        SUPERSEDED = "superseded", _("Superseded")

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        CHAT = "chat", _("Chat")
        MEETING = "meeting", _("Meeting")
        PORTAL = "portal", _("Customer's portal")

    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="promises", verbose_name=_("Customer"))
    currency = CurrencyField(_("Currency"))
    promised_amount = AmountField(_("Promised amount"))
    promised_on = models.DateField(_("Promised for"))
    grace_business_days = models.PositiveSmallIntegerField(_("Days of grace"), default=2)
    contact = TenantForeignKey("customers.Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Contact"))
    channel = models.CharField(_("Channel"), max_length=8, choices=Channel, default=Channel.PHONE)
    evidence = models.CharField(_("Evidence"), max_length=500, blank=True)
    state = StateField(_("State"), choices=State, default=State.OPEN)
    made_at = models.DateTimeField(_("Made"), editable=False)
    made_on = models.DateField(_("Made on"), editable=False)
    good_until = models.DateField(_("Good until"), editable=False)
    received = AmountField(_("Received"), default=Decimal(0), editable=False)
    closed_on = models.DateField(_("Decided on"), null=True, blank=True, editable=False)
    cancel_reason = models.CharField(_("Why cancelled"), max_length=300, blank=True, editable=False)
    recorded_by = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Promise to pay")
        verbose_name_plural = _("Promises to pay")
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="promises_newest"),
            models.Index(fields=["tenant", "promised_on", "id"], name="promises_by_day"),
            models.Index(fields=["tenant", "good_until"], condition=Q(state="open"), name="promises_to_evaluate"),
            models.Index(fields=["tenant", "customer", "closed_on"], name="promises_of_a_customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(promised_amount__gt=0), name="a_promise_is_over_something"),
            models.CheckConstraint(condition=Q(good_until__gte=models.F("promised_on")), name="a_promise_is_good_until_its_day"),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True) | (~Q(state="open") & Q(closed_on__isnull=False)),
                name="a_promise_is_decided_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.promised_amount.normalize():f} {self.currency}, {self.promised_on}"

    @transition(
        state, source=State.OPEN, target=State.KEPT, permission="promises.evaluate", label=_("Keep"), automatic=True, event=PromiseKept
    )
    def keep(self, *, received: Decimal, on: date) -> None:
        """What was promised has come in since."""
        self.received, self.closed_on = received, on

    @transition(
        state, source=State.OPEN, target=State.PARTIALLY_KEPT, permission="promises.evaluate", label=_("Keep in part"), automatic=True,
        event=PromisePartlyKept,
    )  # fmt: skip
    def keep_in_part(self, *, received: Decimal, on: date) -> None:
        """The days of grace are over and at least half of it has come in."""
        self.received, self.closed_on = received, on

    @transition(
        state, source=State.OPEN, target=State.BROKEN, permission="promises.evaluate", label=_("Break"), automatic=True,
        event=PromiseBroken,
    )  # fmt: skip
    def break_it(self, *, received: Decimal, on: date) -> None:
        """The days of grace are over and less than half of it has come in."""
        self.received, self.closed_on = received, on

    @transition(state, source=State.OPEN, target=State.SUPERSEDED, permission="promises.evaluate", label=_("Supersede"), automatic=True)
    def supersede(self, *, on: date) -> None:
        """The customer promised anew for the same items."""
        self.closed_on = on

    @transition(
        state, source=State.OPEN, target=State.CANCELLED, permission="promises.cancel", label=_("Cancel"), icon="ban", danger=True,
        inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def cancel(self, *, reason: str, on: date) -> None:
        """It does not hold any more, or was entered by mistake."""
        self.cancel_reason, self.closed_on = reason, on


class PromiseItem(Visible, TenantModel):
    """So much of a promise is for this item. `open_then` is what was open of it when the promise was made."""

    permission_area = "promises"
    visible_through = "promise__customer__"

    promise = TenantForeignKey(PromiseToPay, models.CASCADE, related_name="items")
    item = TenantForeignKey(ReceivableItem, models.PROTECT, related_name="promises", verbose_name=_("Receivable"))
    amount = AmountField(_("Amount"))
    open_then = AmountField(_("Open then"))

    class Meta:
        verbose_name = _("Promised item")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "promise", "item"], name="an_item_is_in_a_promise_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_promised_amount_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.amount}"
