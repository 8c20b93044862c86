from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.allocation import OpenItem, Proposal, numbers_in, propose
from receivables.events import PaymentPosted, PaymentReversed
from receivables.models.invoices import ReceivableItem, is_same_person

Day: TypeAlias = date  # `Allocation.date` hides the type in that class


def _open_items(queryset: Any, payment: Any, actor: Any) -> Any:
    return queryset.filter(customer=payment.customer_id, currency=payment.currency, released=True, open_amount__gt=0)


def suggested_rows(payment: Any, actor: Any) -> list[dict[str, Any]]:
    """The engine's suggestion as the rows of the dialog."""
    return [{"item": share.item, "amount": share.amount} for share in payment.suggestion().shares]


PAYER = Input("customer", _("Customer"), InputKind.RECORD, model="customers.Customer")


class Payment(StatefulModel):
    """Money that came in. What is not allocated to items stays on the customer's account."""

    permission_area = "receivables"
    visible_through = "customer__"

    class Method(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", _("Bank transfer")
        CARD = "card", _("Card")
        CASH = "cash", _("Cash")
        WECHAT = "wechat", _("WeChat Pay")
        ALIPAY = "alipay", _("Alipay")
        CHEQUE = "cheque", _("Cheque")

    class State(models.TextChoices):
        IMPORTED = "imported", _("Imported")
        IDENTIFIED = "identified", _("Identified")
        POSTED = "posted", _("Posted")
        UNIDENTIFIED = "unidentified", _("Payer unknown")
        REVERSED = "reversed", _("Reversed")

    number = models.CharField(_("Number"), max_length=40, null=True, blank=True, editable=False)
    customer = TenantForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("Customer")
    )
    method = models.CharField(_("Method"), max_length=13, choices=Method, default=Method.BANK_TRANSFER)
    received_on = models.DateField(_("Received on"))
    currency = CurrencyField(_("Currency"))
    amount = AmountField(_("Amount"))
    fx_rate = ExchangeRateField(_("Exchange rate"), null=True, blank=True, editable=False)
    amount_base = AmountField(_("Amount in base currency"), null=True, blank=True, editable=False)
    unallocated = AmountField(_("On account"), default=Decimal(0), editable=False)
    unallocated_base = AmountField(_("On account in base currency"), default=Decimal(0), editable=False)
    bank_account = models.CharField(_("Our bank account"), max_length=60, blank=True)
    bank_ref = models.CharField(_("Bank reference"), max_length=100, blank=True)
    payer_name = models.CharField(_("Payer"), max_length=200, blank=True)
    remittance_text = models.CharField(_("Remittance text"), max_length=500, blank=True)
    state = StateField(_("State"), choices=State, default=State.IMPORTED)
    recorded_by = models.UUIDField(null=True, blank=True, editable=False)
    posted_at = models.DateTimeField(_("Posted"), null=True, blank=True, editable=False)
    reversed_reason = models.CharField(_("Why reversed"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("Payment")
        verbose_name_plural = _("Payments")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="payment_newest"),
            models.Index(fields=["tenant", "received_on"], name="payment_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="payment_number_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "bank_account", "bank_ref"],
                condition=~Q(bank_ref=""),
                name="a_bank_line_is_booked_once",
                violation_error_message=_("This bank line is booked already."),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(unallocated__gte=0, unallocated__lte=F("amount")), name="payment_allocates_at_most_its_amount"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["imported", "identified"], number__isnull=True)
                | Q(state__in=["posted", "unidentified", "reversed"], number__isnull=False, fx_rate__isnull=False),
                name="a_posted_payment_and_no_other_has_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["identified", "posted"]) | Q(customer__isnull=False), name="an_identified_payment_has_a_customer"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.payer_name} {self.amount} {self.currency}"

    def suggestion(self) -> Proposal:
        """Which items what is left of it would pay."""
        open_items = ReceivableItem.objects.filter(customer=self.customer_id, currency=self.currency, released=True, open_amount__gt=0)
        items = [
            OpenItem(item.pk, item.invoice.number or "", item.due_date, item.invoice.invoice_date, item.open_amount)
            for item in open_items.select_related("invoice")
            if item.due_date is not None and item.invoice.invoice_date is not None
        ]
        return propose(self.unallocated, items, named=numbers_in(self.remittance_text, [item.number for item in items]))

    @guard(_("Say who paid first."))
    def payer_is_known(self) -> bool:
        return self.customer_id is not None

    @guard(_("All of it is allocated already."))
    def has_rest(self) -> bool:
        return self.unallocated > 0

    @transition(state, source=State.IMPORTED, target=State.IDENTIFIED, permission="receivables.identify", label=_("Identify the payer"),
                icon="user-check", primary=True, inputs=[PAYER])  # fmt: skip
    @transition(state, source=State.UNIDENTIFIED, target=State.POSTED, permission="receivables.identify", label=_("Identify the payer"),
                icon="user-check", primary=True, inputs=[PAYER])  # fmt: skip
    def identify(self, *, customer: Any) -> None:
        """Now we know who paid; money that waited in suspense goes to the customer's account."""
        if customer.state == "merged":
            raise Refusal(_("This customer was merged into another one. Choose the other one."), code="customer_merged", field="customer")
        self.customer = customer

    @transition(state, source=State.IDENTIFIED, target=State.POSTED, conditions=[payer_is_known], permission="receivables.post",
                label=_("Post"), icon="landmark", primary=True, event=PaymentPosted)  # fmt: skip
    @transition(state, source=State.IMPORTED, target=State.UNIDENTIFIED, permission="receivables.post",
                label=_("Post"), icon="landmark", event=PaymentPosted)  # fmt: skip
    def post(self, *, at: datetime, number: str, fx_rate: Decimal, amount_base: Decimal) -> None:
        """The money is in the books; without a known payer it waits in suspense."""
        self.number, self.posted_at, self.fx_rate, self.amount_base = number, at, fx_rate, amount_base
        self.unallocated, self.unallocated_base = self.amount, amount_base

    @transition(
        state, source=State.POSTED, target=None, conditions=[has_rest], permission="receivables.allocate", label=_("Allocate"),
        icon="split", primary=True,
        inputs=[
            Input(
                "rows", _("Items"), InputKind.ROWS, required=False, initial=suggested_rows,
                help=_("What fits best is filled in. Without rows the suggestion is followed."),
                rows=(
                    Input("item", _("Item"), InputKind.RECORD, model="collections.ReceivableItem", limit=_open_items),
                    Input("amount", _("Amount"), InputKind.MONEY),
                ),
            ),
        ],
    )  # fmt: skip
    def allocate(self, *, taken: Decimal, taken_base: Decimal) -> None:
        """It pays these items, wholly or in part."""
        self.unallocated -= taken
        self.unallocated_base -= taken_base

    @transition(
        state, source=[State.POSTED, State.UNIDENTIFIED], target=State.REVERSED, permission="receivables.reverse", label=_("Reverse"),
        icon="undo-2", danger=True, event=PaymentReversed, inputs=[Input("reason", _("Reason"), max_length=300)],
        confirm=_("All its allocations are taken back and the items are open again."),
    )  # fmt: skip
    def reverse(self, *, actor: Any, reason: str) -> None:
        """It bounced, was wrong or was booked twice."""
        if is_same_person(actor, self.recorded_by):
            raise Forbidden(_("You recorded this yourself. Ask a colleague in finance."), code="same_person")
        self.reversed_reason, self.unallocated, self.unallocated_base = reason, Decimal(0), Decimal(0)


class Allocation(StatefulModel):
    """So much of a payment pays this item. Never changed: a wrong one is reversed."""

    permission_area = "receivables"
    visible_through = "item__customer__"

    class Method(models.TextChoices):
        MANUAL = "manual", _("By hand")
        SPECIFIED = "specified", _("Named by the payer")
        EXACT = "exact", _("Exact amount")
        FIFO = "fifo", _("Oldest first")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("allocation", "Active")
        REVERSED = "reversed", _("Reversed")

    payment = TenantForeignKey(Payment, models.PROTECT, related_name="allocations", verbose_name=_("Payment"))
    item = TenantForeignKey(ReceivableItem, models.PROTECT, related_name="allocations", verbose_name=_("Item"))
    amount = AmountField(_("Amount"))
    base_item = AmountField(_("Relief of the item"), editable=False)
    base_source = AmountField(_("Relief of the payment"), editable=False)
    fx_diff = AmountField(_("Exchange result"), editable=False)
    date = models.DateField(_("Date"))
    method = models.CharField(_("Found by"), max_length=9, choices=Method)
    state = StateField(_("State"), choices=State, default=State.ACTIVE)
    active = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(state="active"), models.BooleanField()), output_field=models.BooleanField(), db_persist=True
    )
    reversed_on = models.DateField(_("Reversed on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Allocation")
        verbose_name_plural = _("Allocations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount_is_positive"),
            models.CheckConstraint(condition=Q(fx_diff=F("base_item") - F("base_source")), name="allocation_shows_its_exchange_result"),
            models.CheckConstraint(
                condition=Q(state="active", reversed_on__isnull=True) | Q(state="reversed", reversed_on__isnull=False),
                name="a_reversed_allocation_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} → {self.item}: {self.amount}"

    @transition(
        state, source=State.ACTIVE, target=State.REVERSED, permission="receivables.reverse_allocation", label=_("Reverse"),
        icon="undo-2", danger=True, confirm=_("The item is open again and the money is on account."),
    )  # fmt: skip
    def reverse(self, *, on: Day) -> None:
        """It was wrong: the item is open again with its old due date, the money is on the customer's account."""
        self.reversed_on = on
