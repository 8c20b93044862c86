from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.visibility import Visible
from receivables.constraints import Balanced
from receivables.models.adjustments import Refund, WriteOff
from receivables.models.allocations import Allocation
from receivables.models.credits import CreditNote
from receivables.models.invoices import Invoice, ReceivableItem
from receivables.models.payments import Payment


class JournalEntry(Visible, TenantModel):
    """One posting in the receivables ledger. Never changed and never deleted: a wrong one is mirrored."""

    append_only = True
    permission_area = "ledger"
    own_fields = ()

    class Event(models.TextChoices):
        INVOICE_ISSUED = "invoice.issue", _("Invoice issued")
        PAYMENT_POSTED = "payment.post", _("Payment posted")
        PAYER_IDENTIFIED = "payment.identify", _("Payer identified")
        PAYMENT_REVERSED = "payment.reverse", _("Payment reversed")
        ALLOCATED = "allocation.create", _("Payment allocated")
        ALLOCATION_REVERSED = "allocation.reverse", _("Allocation reversed")
        INVOICE_VOIDED = "invoice.void", _("Invoice voided")
        CREDIT_ISSUED = "credit_note.issue", _("Credit note issued")
        WRITTEN_OFF = "write_off.post", _("Written off")
        WRITE_OFF_REVERSED = "write_off.reverse", _("Write-off reversed")
        REFUNDED = "refund.post", _("Paid back")
        REFUND_RETURNED = "refund.return", _("Refund came back")
        RETENTION_RELEASED = "retention.release", _("Retention released")
        BILL_HONOURED = "bill.honour", _("Bill honoured")
        BILL_ENDORSED = "bill.endorse", _("Bill endorsed")
        BILL_DISCOUNTED = "bill.discount", _("Bill discounted")
        BILL_DISHONOURED = "bill.dishonour", _("Bill dishonoured")

    number = models.CharField(_("Number"), max_length=40)
    entry_date = models.DateField(_("Date"))
    event = models.CharField(_("Event"), max_length=20, choices=Event)
    invoice = TenantForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="entries")
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="entries")
    allocation = TenantForeignKey(Allocation, models.PROTECT, null=True, blank=True, related_name="entries")
    credit_note = TenantForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="entries")
    write_off = TenantForeignKey(WriteOff, models.PROTECT, null=True, blank=True, related_name="entries")
    refund = TenantForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="entries")
    item = TenantForeignKey(ReceivableItem, models.PROTECT, null=True, blank=True, related_name="entries")
    reverses = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversals")
    posted_by = models.CharField(_("Posted by"), max_length=120)
    posted_at = models.DateTimeField(_("Posted"))

    class Meta:
        verbose_name = _("Journal entry")
        verbose_name_plural = _("Journal entries")
        indexes = [models.Index(fields=["tenant", "entry_date"], name="journal_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="journal_entry_number_is_unique"),
            models.UniqueConstraint(fields=["tenant", "reverses"], condition=Q(reverses__isnull=False), name="an_entry_is_mirrored_once"),
        ]

    def __str__(self) -> str:
        return self.number


class JournalLine(Visible, TenantModel):
    """One line of a posting: debit positive, credit negative, in the document's currency and in base."""

    append_only = True
    permission_area = "ledger"
    own_fields = ()

    class Account(models.TextChoices):
        AR = "AR", _("Receivables")
        RETENTION = "RETENTION", _("Retention, not yet due")
        NOTES = "NOTES", _("Bills receivable")
        BANK = "BANK", _("Bank")
        SUSPENSE = "SUSPENSE", _("Payers unknown")
        ADVANCE = "ADVANCE", _("On account")
        BILLINGS = "BILLINGS", _("Billings, net")
        VAT_OUT = "VAT_OUT", _("Output tax")
        DISCOUNT = "DISCOUNT", _("Discounts")
        SMALL_DIFF = "SMALL_DIFF", _("Small differences")
        BAD_DEBT = "BAD_DEBT", _("Bad debt")
        BANK_FEE = "BANK_FEE", _("Bank fees")
        PAYABLES = "PAYABLES", _("Suppliers, clearing")
        FX = "FX", _("Exchange result")

    entry = TenantForeignKey(JournalEntry, models.PROTECT, related_name="lines")
    seq = models.PositiveSmallIntegerField(_("No."))
    account = models.CharField(_("Account"), max_length=12, choices=Account)
    customer = TenantForeignKey("customers.Customer", models.PROTECT, null=True, blank=True, related_name="+")
    item = TenantForeignKey(ReceivableItem, models.PROTECT, null=True, blank=True, related_name="journal_lines")
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="journal_lines")
    credit_note = TenantForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="journal_lines")
    currency = CurrencyField(_("Currency"))
    amount_doc = AmountField(_("Amount"))
    amount_base = AmountField(_("Amount in base currency"))
    fx_rate = ExchangeRateField(_("Exchange rate"))

    class Meta:
        verbose_name = _("Journal line")
        indexes = [models.Index(fields=["tenant", "account", "customer", "currency"], name="journal_by_account")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "entry", "seq"], name="journal_line_seq_is_unique"),
            models.CheckConstraint(
                condition=~Q(account__in=["AR", "RETENTION"]) | Q(customer__isnull=False, item__isnull=False),
                name="a_receivable_line_names_customer_and_item",
            ),
            models.CheckConstraint(
                condition=~Q(account="ADVANCE")
                | Q(customer__isnull=False, payment__isnull=False)
                | Q(customer__isnull=False, credit_note__isnull=False),
                name="an_advance_line_names_customer_and_source",
            ),
            Balanced(name="journal_entries_sum_to_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.account} {self.amount_base}"

    @property
    def credit(self) -> Decimal:
        """What is credited, without its sign."""
        return max(-self.amount_base, Decimal(0))
