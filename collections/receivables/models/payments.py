from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.money.amounts import quantise
from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.events import PaymentPosted, PaymentReversed
from receivables.models.invoices import is_same_person, require_finance_approver
from receivables.models.sources import ALLOCATION_INPUTS, Source

PAYER = Input("customer", _("Customer"), InputKind.RECORD, model="customers.Customer")


class Payment(Source, StatefulModel):
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
        BANK_BILL = "bank_acceptance_bill", _("Bank acceptance bill")
        COMMERCIAL_BILL = "commercial_acceptance_bill", _("Commercial acceptance bill")
        E_NOTE = "e_receivable_note", _("Electronic receivable note")
        LETTER_OF_CREDIT = "letter_of_credit", _("Letter of credit")
        NETTING = "netting", _("Netting")

    BILLS = (Method.BANK_BILL, Method.COMMERCIAL_BILL, Method.E_NOTE)

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
    method = models.CharField(_("Method"), max_length=26, choices=Method, default=Method.BANK_TRANSFER)
    received_on = models.DateField(_("Received on"))
    value_date = models.DateField(_("Value date"), null=True, blank=True)
    currency = CurrencyField(_("Currency"))
    amount = AmountField(_("Amount"), help_text=_("What it pays, with what a bank kept as its fee."))
    bank_fee = AmountField(_("Bank fee"), default=Decimal(0), blank=True)
    fx_rate = ExchangeRateField(_("Exchange rate"), null=True, blank=True, editable=False)
    amount_base = AmountField(_("Amount in base currency"), null=True, blank=True, editable=False)
    unallocated = AmountField(_("On account"), default=Decimal(0), editable=False)
    unallocated_base = AmountField(_("On account in base currency"), default=Decimal(0), editable=False)
    bank_account = models.CharField(_("Our bank account"), max_length=60, blank=True)
    bank_ref = models.CharField(_("Bank reference"), max_length=100, blank=True)
    payer_name = models.CharField(_("Payer"), max_length=200, blank=True)
    payer_account = models.CharField(_("Payer's account"), max_length=60, blank=True)
    remittance_text = models.CharField(_("Remittance text"), max_length=500, blank=True)
    state = StateField(_("State"), choices=State, default=State.IMPORTED)
    recorded_by = models.UUIDField(null=True, blank=True, editable=False)
    posted_at = models.DateTimeField(_("Posted"), null=True, blank=True, editable=False)
    import_batch = TenantForeignKey(
        "collections.BankImport", models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("Bank statement")
    )
    posted_on = models.DateField(_("Day of posting"), null=True, blank=True, editable=False)
    reversed_on = models.DateField(_("Reversed on"), null=True, blank=True, editable=False)
    reversed_at = models.DateTimeField(_("Reversed"), null=True, blank=True, editable=False)
    reversed_reason = models.CharField(_("Why reversed"), max_length=300, blank=True, editable=False)
    external_ref = models.CharField(_("External reference"), max_length=100, null=True, blank=True)

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
            models.UniqueConstraint(fields=["tenant", "external_ref"], name="payment_external_ref_is_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_is_positive"),
            models.CheckConstraint(condition=Q(bank_fee__gte=0, bank_fee__lt=F("amount")), name="a_bank_fee_is_a_part_of_the_payment"),
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
        return self.number or f"{self.payer_name} {quantise(self.amount, self.currency)} {self.currency}"

    @property
    def source_date(self) -> date:
        """The day of the money."""
        return self.received_on

    @property
    def memo(self) -> str:
        return self.remittance_text

    @property
    def left(self) -> Decimal:
        """What is unallocated; before it is posted, all of it."""
        return self.amount if self.state in (self.State.IMPORTED, self.State.IDENTIFIED) else self.unallocated

    def earmarked(self) -> dict[Any, Decimal]:
        """How much of it is kept for parts of a collection plan, by part."""
        return {each.plan_line_id: each.amount for each in self.earmarks.filter(active=True)}

    @property
    def is_bill(self) -> bool:
        """Whether a bill of exchange was received, not money."""
        return self.method in self.BILLS

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
    def post(self, *, at: datetime, on: date, number: str, fx_rate: Decimal, amount_base: Decimal) -> None:
        """The money is in the books; without a known payer it waits in suspense."""
        self.number, self.posted_at, self.fx_rate, self.amount_base, self.posted_on = number, at, fx_rate, amount_base, on
        self.unallocated, self.unallocated_base = self.amount, amount_base

    @transition(
        state, source=State.POSTED, target=None, conditions=[has_rest], permission="receivables.allocate", label=_("Allocate"),
        icon="split", primary=True,
        inputs=ALLOCATION_INPUTS,
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
    def reverse(self, *, actor: Any, at: datetime, on: date, reason: str) -> None:
        """It bounced, was wrong or was booked twice."""
        if is_same_person(actor, self.recorded_by):
            raise Forbidden(_("You recorded this yourself. Ask a colleague in finance."), code="self_approval")
        require_finance_approver(actor, author=self.recorded_by)
        self.reversed_on, self.reversed_at, self.reversed_reason = on, at, reason
        self.unallocated, self.unallocated_base = Decimal(0), Decimal(0)
