from datetime import date, datetime
from typing import Any, Final, TypeAlias

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.money.amounts import quantise
from ltc.money.fields import AmountField, CurrencyField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.models.allocations import Allocation
from receivables.models.credits import CreditNote
from receivables.models.invoices import ReceivableItem
from receivables.models.payments import Payment

REASON: Final = Input("reason", _("Reason"), max_length=300)
Day: TypeAlias = date  # a field `date` hides the type in its class


def _payments_of(queryset: Any, write_off: Any, actor: Any) -> Any:
    return queryset.filter(customer=write_off.customer_id, currency=write_off.currency, state=Payment.State.POSTED, unallocated__gt=0)


class WriteOff(StatefulModel):
    """An amount that will not come: of an item, or, tiny, that came too much with a payment. It takes a second person's approval.

    A small difference within the tenant's tolerance is posted at once.
    """

    permission_area = "receivables"
    visible_through = "customer__"

    class Kind(models.TextChoices):
        BAD_DEBT = "bad_debt", _("Bad debt")
        SMALL_DIFFERENCE = "small_difference", _("Small difference")
        SETTLEMENT = "settlement", _("Settlement")
        DISCOUNT = "discount", _("Prompt-payment discount")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        POSTED = "posted", _("Posted")
        REJECTED = "rejected", _("Rejected")
        REVERSED = "reversed", _("Reversed")

    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="write_offs", verbose_name=_("Customer"))
    item = TenantForeignKey(ReceivableItem, models.PROTECT, null=True, blank=True, related_name="write_offs", verbose_name=_("Item"))
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="write_offs", verbose_name=_("Payment"))
    follows = TenantForeignKey(
        Allocation, models.PROTECT, null=True, blank=True, related_name="differences", verbose_name=_("Allocation"),
        help_text=_("The allocation that left the difference; taken back together with it."),
    )  # fmt: skip
    kind = models.CharField(_("Kind"), max_length=16, choices=Kind)
    currency = CurrencyField(_("Currency"))
    amount = AmountField(_("Amount"))
    amount_base = AmountField(_("Amount in base currency"), null=True, blank=True, editable=False)
    date = models.DateField(_("Date"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    state = StateField(_("State"), choices=State, default=State.REQUESTED)
    drafted_by = models.UUIDField(null=True, blank=True, editable=False)
    approved_by = models.UUIDField(null=True, blank=True, editable=False)
    posted_at = models.DateTimeField(_("Posted"), null=True, blank=True, editable=False)
    reversed_on = models.DateField(_("Reversed on"), null=True, blank=True, editable=False)
    reversed_at = models.DateTimeField(_("Reversed"), null=True, blank=True, editable=False)
    external_ref = models.CharField(_("External reference"), max_length=100, null=True, blank=True)

    class Meta:
        verbose_name = _("Write-off")
        verbose_name_plural = _("Write-offs")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="write_off_newest")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_ref"], name="write_off_external_ref_is_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(item__isnull=False, payment__isnull=True)
                | Q(item__isnull=True, payment__isnull=False, kind="small_difference"),
                name="a_write_off_is_of_an_item_or_of_a_payments_rest",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["posted", "reversed"]) | Q(posted_at__isnull=False, amount_base__isnull=False),
                name="a_posted_write_off_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.payment}: {quantise(self.amount, self.currency)}"

    @transition(
        state, source=State.REQUESTED, target=State.POSTED, permission="receivables.approve", label=_("Approve"), icon="check",
        primary=True, confirm=_("The amount is written off and posted."),
    )  # fmt: skip
    def approve(self, *, actor: Any, at: datetime, on: Day, amount_base: Any) -> None:
        """A finance approver who did not ask for it agrees; it is in the books."""
        self.approved_by, self.posted_at, self.date, self.amount_base = actor.pk, at, on, amount_base

    @transition(
        state, source=State.REQUESTED, target=State.REJECTED, permission="receivables.approve", label=_("Reject"), icon="ban",
        inputs=[REASON],
    )  # fmt: skip
    def reject(self, *, reason: str) -> None:
        """The amount is still to be collected."""

    @transition(
        state, source=State.POSTED, target=State.REVERSED, permission="receivables.reverse", label=_("Reverse"), icon="undo-2",
        danger=True, inputs=[REASON],
    )  # fmt: skip
    def reverse(self, *, at: datetime, on: Day, reason: str = "") -> None:
        """It was wrong, or its payment bounced: the item is open again."""
        self.reversed_on, self.reversed_at = on, at

    @transition(
        state, source=State.POSTED, target=State.REVERSED, permission="receivables.allocate", label=_("Recover"), icon="hand-coins",
        inputs=[
            Input("payment", _("Payment"), InputKind.RECORD, model="collections.Payment", limit=_payments_of),
            Input("amount", _("Amount"), InputKind.MONEY),
        ],
    )  # fmt: skip
    def recover(self, *, at: datetime, on: Day) -> None:
        """Money came after all: the write-off is taken back, the item is paid with it, and any rest is written off again."""
        self.reversed_on, self.reversed_at = on, at


class Refund(StatefulModel):
    """Money on a customer's account that we pay back. It takes a second person's approval."""

    permission_area = "receivables"
    visible_through = "customer__"

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        POSTED = "posted", _("Paid back")
        REJECTED = "rejected", _("Rejected")
        RETURNED = "returned", pgettext_lazy("refund", "Returned")

    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="refunds", verbose_name=_("Customer"))
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("Payment"))
    credit_note = TenantForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("Credit note"))
    currency = CurrencyField(_("Currency"))
    amount = AmountField(_("Amount"))
    amount_base = AmountField(_("Amount in base currency"), null=True, blank=True, editable=False)
    date = models.DateField(_("Date"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    state = StateField(_("State"), choices=State, default=State.REQUESTED)
    drafted_by = models.UUIDField(null=True, blank=True, editable=False)
    approved_by = models.UUIDField(null=True, blank=True, editable=False)
    posted_at = models.DateTimeField(_("Posted"), null=True, blank=True, editable=False)
    reversed_on = models.DateField(_("Returned on"), null=True, blank=True, editable=False)
    reversed_at = models.DateTimeField(_("Returned"), null=True, blank=True, editable=False)
    external_ref = models.CharField(_("External reference"), max_length=100, null=True, blank=True)

    class Meta:
        verbose_name = _("Refund")
        verbose_name_plural = _("Refunds")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="refund_newest")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_ref"], name="refund_external_ref_is_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit_note__isnull=True) | Q(payment__isnull=True, credit_note__isnull=False),
                name="a_refund_has_one_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {quantise(self.amount, self.currency)}"

    @property
    def source(self) -> Any:
        """Whose rest is paid back: a payment's or a credit note's."""
        return self.payment or self.credit_note

    @transition(
        state, source=State.REQUESTED, target=State.POSTED, permission="receivables.approve", label=_("Approve"), icon="check",
        primary=True, confirm=_("The money is paid back and posted."),
    )  # fmt: skip
    def approve(self, *, actor: Any, at: datetime, on: Day, amount_base: Any) -> None:
        """A finance approver who did not ask for it agrees; it is in the books."""
        self.approved_by, self.posted_at, self.date, self.amount_base = actor.pk, at, on, amount_base

    @transition(
        state, source=State.REQUESTED, target=State.REJECTED, permission="receivables.approve", label=_("Reject"), icon="ban",
        inputs=[REASON],
    )  # fmt: skip
    def reject(self, *, reason: str) -> None:
        """The money stays on account."""

    @transition(
        state, source=State.POSTED, target=State.RETURNED, permission="receivables.reverse", label=_("It came back"), icon="undo-2",
        danger=True, inputs=[REASON],
    )  # fmt: skip
    def give_back(self, *, at: datetime, on: Day, reason: str = "") -> None:
        """The bank could not pay it out, or the customer sent it back: it is on account again."""
        self.reversed_on, self.reversed_at = on, at


class PaymentEarmark(Visible, TenantRecord):
    """So much of a payment is kept for a part of an order's price that is not invoiced yet."""

    permission_area = "receivables"
    visible_through = "payment__customer__"

    payment = TenantForeignKey(Payment, models.PROTECT, related_name="earmarks", verbose_name=_("Payment"))
    plan_line = TenantForeignKey("orders.CollectionPlanLine", models.PROTECT, related_name="earmarks", verbose_name=_("Instalment"))
    amount = AmountField(_("Amount"))
    active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Earmark")
        verbose_name_plural = _("Earmarks")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "payment", "plan_line"], condition=Q(active=True), name="one_earmark_per_payment_and_instalment"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="earmark_amount_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.payment} → {self.plan_line}: {self.amount}"


class Bill(StatefulModel):
    """A bill of exchange that a customer paid with: money only when it is honoured, discounted or endorsed to a supplier."""

    permission_area = "receivables"
    visible_through = "payment__customer__"

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("bill", "Received")
        ENDORSED = "endorsed", pgettext_lazy("bill", "Endorsed")
        DISCOUNTED = "discounted", pgettext_lazy("bill", "Discounted")
        HONOURED = "honoured", pgettext_lazy("bill", "Honoured")
        DISHONOURED = "dishonoured", pgettext_lazy("bill", "Dishonoured")

    payment = TenantForeignKey(Payment, models.PROTECT, related_name="bills", verbose_name=_("Payment"))
    number = models.CharField(_("Number"), max_length=60)
    drawer = models.CharField(_("Drawer"), max_length=200, blank=True)
    acceptor = models.CharField(_("Acceptor"), max_length=200, blank=True)
    due_on = models.DateField(_("Due on"))
    endorsed_to = models.CharField(_("Endorsed to"), max_length=200, blank=True, editable=False)
    fee = AmountField(_("Discount and fees"), default=0, editable=False)
    settled_on = models.DateField(_("Settled on"), null=True, blank=True, editable=False)
    settled_at = models.DateTimeField(_("Settled"), null=True, blank=True, editable=False)
    state = StateField(_("State"), choices=State, default=State.RECEIVED)

    class Meta:
        verbose_name = _("Bill of exchange")
        verbose_name_plural = _("Bills of exchange")
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["tenant", "due_on", "id"], name="bill_by_due_date")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "payment"], name="one_bill_per_payment"),
            models.CheckConstraint(condition=Q(fee__gte=0), name="bill_fee_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.number

    ON = Input("on", _("Date"), InputKind.DATE, required=False, initial=lambda bill, actor: timezone.localdate())

    @transition(state, source=State.RECEIVED, target=State.HONOURED, permission="receivables.post", label=_("Honoured"), icon="landmark",
                primary=True, inputs=[ON])  # fmt: skip
    def honour(self, *, at: datetime, on: Day) -> None:
        """The acceptor paid on the due date."""
        self.settled_on, self.settled_at = on, at

    @transition(state, source=State.RECEIVED, target=State.ENDORSED, permission="receivables.post", label=_("Endorse"), icon="arrow-right",
                inputs=[Input("to", _("Endorsed to"), max_length=200), ON])  # fmt: skip
    def endorse(self, *, at: datetime, on: Day, to: str) -> None:
        """A supplier took it as payment."""
        self.endorsed_to, self.settled_on, self.settled_at = to, on, at

    @transition(state, source=State.RECEIVED, target=State.DISCOUNTED, permission="receivables.post", label=_("Discount"), icon="percent",
                inputs=[Input("fee", _("Discount and fees"), InputKind.MONEY), ON])  # fmt: skip
    def discount(self, *, at: datetime, on: Day, fee: Any) -> None:
        """A bank bought it before its due date and kept a fee."""
        self.fee, self.settled_on, self.settled_at = fee, on, at

    @transition(
        state, source=[State.RECEIVED, State.ENDORSED, State.DISCOUNTED], target=State.DISHONOURED, permission="receivables.reverse",
        label=_("Dishonoured"), icon="undo-2", danger=True, inputs=[REASON],
        confirm=_("The payment is taken back and the items that it paid are open again."),
    )  # fmt: skip
    def dishonour(self, *, at: datetime, on: Day, reason: str) -> None:
        """The acceptor did not pay: the items are open again with their old due dates."""
        self.settled_on, self.settled_at = on, at
