from datetime import date, datetime
from typing import Any, TypeAlias

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.money.fields import AmountField
from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.models import StatefulModel
from receivables.constraints import FixedFacts
from receivables.models.invoices import ReceivableItem
from receivables.models.payments import Payment

Day: TypeAlias = date  # `Allocation.date` hides the type in that class


class Allocation(StatefulModel):
    """So much of a payment, a credit note or a write-off settles this item. Never changed: a wrong one is reversed, on a day of its own.

    `date` is the day that counts in business, `posted_at` the instant from which we know of it; likewise of the reversal.
    """

    permission_area = "receivables"
    visible_through = "item__customer__"

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Payment")
        CREDIT_NOTE = "credit_note", _("Credit note")
        WRITE_OFF = "write_off", _("Write-off")
        DISCOUNT = "discount", _("Discount")

    class Method(models.TextChoices):
        MANUAL = "manual", _("By hand")
        SPECIFIED = "specified", _("Named by the payer")
        EXACT = "exact", _("Exact amount")
        TOLERANCE = "tolerance", _("Exact but for a small difference")
        EARMARK = "earmark", _("Earmarked")
        FIFO = "fifo", _("Oldest first")
        RULE = "rule", _("By rule")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("allocation", "Active")
        REVERSED = "reversed", _("Reversed")

    kind = models.CharField(_("Kind"), max_length=11, choices=Kind, default=Kind.PAYMENT)
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="allocations", verbose_name=_("Payment"))
    credit_note = TenantForeignKey(
        "collections.CreditNote", models.PROTECT, null=True, blank=True, related_name="allocations", verbose_name=_("Credit note")
    )
    write_off = TenantForeignKey(
        "collections.WriteOff", models.PROTECT, null=True, blank=True, related_name="allocations", verbose_name=_("Write-off")
    )
    item = TenantForeignKey(ReceivableItem, models.PROTECT, related_name="allocations", verbose_name=_("Item"))
    amount = AmountField(_("Amount"))
    base_item = AmountField(_("Relief of the item"), editable=False)
    base_source = AmountField(_("Relief of the payment"), editable=False)
    fx_diff = AmountField(_("Exchange result"), editable=False)
    date = models.DateField(_("Date"))
    posted_at = models.DateTimeField(_("Posted"), default=timezone.now, editable=False)
    method = models.CharField(_("Found by"), max_length=9, choices=Method)
    state = StateField(_("State"), choices=State, default=State.ACTIVE)
    active = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(state="active"), models.BooleanField()), output_field=models.BooleanField(), db_persist=True
    )
    reversed_on = models.DateField(_("Reversed on"), null=True, blank=True, editable=False)
    reversed_at = models.DateTimeField(_("Reversed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Allocation")
        verbose_name_plural = _("Allocations")
        ordering = ["-created_at", "-id"]
        constraints = [
            FixedFacts(
                changeable=["state", "active", "reversed_on", "reversed_at", "version", "updated_at"],
                name="an_allocation_is_only_reversed",
            ),
            models.CheckConstraint(
                condition=Q(kind="payment", payment__isnull=False, credit_note__isnull=True, write_off__isnull=True)
                | Q(kind="credit_note", payment__isnull=True, credit_note__isnull=False, write_off__isnull=True)
                | Q(kind__in=["write_off", "discount"], payment__isnull=True, credit_note__isnull=True, write_off__isnull=False),
                name="an_allocation_has_one_source",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount_is_positive"),
            models.CheckConstraint(condition=Q(fx_diff=F("base_item") - F("base_source")), name="allocation_shows_its_exchange_result"),
            models.CheckConstraint(
                condition=Q(state="active", reversed_on__isnull=True) | Q(state="reversed", reversed_on__isnull=False),
                name="a_reversed_allocation_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.item}: {self.amount}"

    @property
    def source(self) -> Any:
        """What the item is settled with: a payment, a credit note or a write-off."""
        return self.payment or self.credit_note or self.write_off

    @transition(
        state, source=State.ACTIVE, target=State.REVERSED, permission="receivables.reverse_allocation", label=_("Reverse"),
        icon="undo-2", danger=True, confirm=_("The item is open again and the money is on account."),
    )  # fmt: skip
    def reverse(self, *, at: datetime, on: Day) -> None:
        """It was wrong: the item is open again with its old due date, the money is on the customer's account."""
        self.reversed_on, self.reversed_at = on, at
