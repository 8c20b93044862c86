from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE

from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField, QuantityField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.visibility import Visible
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.events import CreditNoteIssued
from receivables.models.invoices import Invoice, InvoiceLine, require_finance_approver
from receivables.models.sources import ALLOCATION_INPUTS, Source


class CreditNote(Source, StatefulModel):
    """A part of an invoice that the customer need not pay. It settles the invoice's items; the rest stands on the customer's account."""

    permission_area = "receivables"
    visible_through = "customer__"

    class Reason(models.TextChoices):
        RETURN = "return", _("Goods returned")
        PRICE = "price", _("Price")
        QUALITY = "quality", _("Quality")
        QUANTITY = "quantity", _("Quantity")
        WRONG_ISSUE = "wrong_issue", _("Issued wrongly")
        DISCOUNT = "discount", _("Discount")
        CANCELLATION = "cancellation", _("Cancellation")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_APPROVAL = "in_approval", _("In approval")
        APPROVED = "approved", _("Approved")
        AWAITING_RED = "awaiting_red_confirmation", _("Waiting for the buyer's confirmation")
        ISSUED = "issued", _("Issued")
        APPLIED = "applied", _("Applied")
        CANCELLED = "cancelled", _("Cancelled")

    POSTED = (State.ISSUED, State.APPLIED)
    OPEN = (State.DRAFT, State.IN_APPROVAL, State.APPROVED, State.AWAITING_RED)

    number = models.CharField(_("Number"), max_length=40, null=True, blank=True, editable=False)
    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="credit_notes", verbose_name=_("Invoice"))
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="credit_notes", verbose_name=_("Customer"))
    reason = models.CharField(_("Reason"), max_length=12, choices=Reason)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    credit_date = models.DateField(_("Date"), null=True, blank=True, editable=False)
    currency = CurrencyField(_("Currency"))
    fx_rate = ExchangeRateField(_("Exchange rate"), null=True, blank=True, editable=False)
    net = AmountField(_("Net"))
    tax = AmountField(_("Tax"))
    gross = AmountField(_("Total"))
    gross_base = AmountField(_("Total in base currency"), null=True, blank=True, editable=False)
    tax_base = AmountField(_("Tax in base currency"), null=True, blank=True, editable=False)
    unallocated = AmountField(_("On account"), default=Decimal(0), editable=False)
    unallocated_base = AmountField(_("On account in base currency"), default=Decimal(0), editable=False)
    state = StateField(_("State"), choices=State, default=State.DRAFT)
    drafted_by = models.UUIDField(null=True, blank=True, editable=False)
    submitted_by = models.UUIDField(null=True, blank=True, editable=False)
    approved_by = models.UUIDField(null=True, blank=True, editable=False)
    needs_approval = models.BooleanField(_("Needs approval"), default=True, editable=False)
    issued_at = models.DateTimeField(_("Issued"), null=True, blank=True, editable=False)
    external_ref = models.CharField(_("External reference"), max_length=100, null=True, blank=True)

    class Meta:
        verbose_name = _("Credit note")
        verbose_name_plural = _("Credit notes")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="credit_note_newest"),
            models.Index(fields=["tenant", "credit_date", "id"], name="credit_note_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="credit_note_number_is_unique"),
            models.UniqueConstraint(fields=["tenant", "external_ref"], name="credit_note_external_ref_is_unique"),
            models.CheckConstraint(condition=Q(gross__gt=0, gross=F("net") + F("tax")), name="credit_note_gross_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(unallocated__gte=0, unallocated__lte=F("gross")), name="credit_note_settles_at_most_its_total"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "applied"], number__isnull=False, credit_date__isnull=False, fx_rate__isnull=False)
                | (~Q(state__in=["issued", "applied"]) & Q(number__isnull=True)),
                name="an_issued_credit_note_and_no_other_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Credit for %(invoice)s")) % {"invoice": self.invoice}

    @property
    def amount(self) -> Decimal:
        return self.gross

    @property
    def amount_base(self) -> Decimal | None:
        return self.gross_base

    @property
    def source_date(self) -> date:
        """The day of the credit."""
        assert self.credit_date is not None
        return self.credit_date

    @guard(_("All of it is used already."))
    def has_rest(self) -> bool:
        return self.unallocated > 0

    @transition(
        state, source=State.DRAFT, target=RETURN_VALUE(State.IN_APPROVAL, State.APPROVED), permission="receivables.submit",
        label=_("Submit"), icon="send", primary=True,
    )  # fmt: skip
    def submit(self, *, actor: Any) -> str:
        """Ready to be looked at by somebody else; below the tenant's limit it counts as approved."""
        self.submitted_by = actor.pk
        return self.State.IN_APPROVAL if self.needs_approval else self.State.APPROVED

    @transition(
        state, source=State.IN_APPROVAL, target=State.APPROVED, permission="receivables.approve", label=_("Approve"),
        icon="check", primary=True,
    )  # fmt: skip
    def approve(self, *, actor: Any) -> None:
        """A finance approver who neither drafted nor submitted it agrees."""
        require_finance_approver(actor, author=self.submitted_by)
        require_finance_approver(actor, author=self.drafted_by)
        self.approved_by = actor.pk

    @transition(
        state, source=State.IN_APPROVAL, target=State.DRAFT, permission="receivables.approve", label=_("Reject"),
        icon="undo", inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def reject(self, *, reason: str) -> None:
        """Something has to be changed first."""
        self.submitted_by = None

    @transition(
        state, source=[State.APPROVED, State.AWAITING_RED], target=State.AWAITING_RED, permission="receivables.issue",
        label=_("Ask for the red-letter invoice"),
        icon="file-minus",
    )  # fmt: skip
    def request_red(self) -> None:
        """The invoice has a tax invoice: it can be credited when the tax platform has confirmed the red-letter invoice."""

    @transition(
        state, source=[State.APPROVED, State.AWAITING_RED], target=State.ISSUED, permission="receivables.issue", label=_("Issue"),
        icon="file-check", primary=True, event=CreditNoteIssued,
        inputs=[Input("on", _("Date"), InputKind.DATE, required=False, initial=lambda credit, actor: timezone.localdate())],
        confirm=_("The credit note gets its number and is posted. It cannot be changed after that."),
    )  # fmt: skip
    def issue(self, *, at: datetime, number: str, credit_date: date, fx_rate: Decimal, gross_base: Decimal, tax_base: Decimal) -> None:
        """The customer owes so much less from now on. What its items do not take stands on account."""
        self.number, self.credit_date, self.issued_at = number, credit_date, at
        self.fx_rate, self.gross_base, self.tax_base = fx_rate, gross_base, tax_base
        self.unallocated, self.unallocated_base = self.gross, gross_base

    @transition(
        state, source=State.ISSUED, target=RETURN_VALUE(State.ISSUED, State.APPLIED), conditions=[has_rest],
        permission="receivables.allocate", label=_("Allocate"),
        icon="split", primary=True, inputs=ALLOCATION_INPUTS,
    )  # fmt: skip
    def allocate(self, *, taken: Decimal, taken_base: Decimal) -> str:
        """Its rest settles these items, wholly or in part."""
        self.take(taken, taken_base)
        return self.State.ISSUED if self.unallocated else self.State.APPLIED

    @transition(state, source=State.ISSUED, target=State.APPLIED, permission="receivables.settle", label=_("Apply"), automatic=True)
    def apply(self) -> None:
        """Nothing of it is left."""

    @transition(state, source=State.APPLIED, target=State.ISSUED, permission="receivables.settle", label=_("Reopen"), automatic=True)
    def reopen(self) -> None:
        """An allocation of it was taken back."""

    @transition(
        state, source=OPEN, target=State.CANCELLED, permission="receivables.void", label=_("Cancel"),
        icon="ban", danger=True, inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def cancel(self, *, reason: str) -> None:
        """It will not be issued."""


class CreditNoteLine(Visible, TenantModel):
    """What a credit note takes back of one line of its invoice."""

    permission_area = "receivables"
    visible_through = "credit_note__customer__"

    credit_note = TenantForeignKey(CreditNote, models.CASCADE, related_name="lines")
    line_no = models.PositiveSmallIntegerField(_("Line"))
    invoice_line = TenantForeignKey(InvoiceLine, models.PROTECT, related_name="credits")
    qty = QuantityField(_("Quantity"), default=Decimal(0))
    net = AmountField(_("Net"))
    tax = AmountField(_("Tax"))
    gross = AmountField(_("Total"))

    class Meta:
        verbose_name = _("Line of a credit note")
        ordering = ["line_no"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "credit_note", "line_no"], name="credit_note_line_no_is_unique"),
            models.CheckConstraint(condition=Q(qty__gte=0, gross=F("net") + F("tax")), name="credit_note_line_gross_is_net_and_tax"),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}. {self.invoice_line.description}"
