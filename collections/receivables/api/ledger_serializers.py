"""Credit notes, write-offs, refunds, earmarks, bills, periods and the journal as the API shows and takes them."""

from ltc.api.fields import DateField, DecimalField, TenantRelatedField
from ltc.api.serializers import RecordSerializer, Strict
from receivables.models import (
    Bill,
    CreditNote,
    CreditNoteLine,
    InvoiceLine,
    JournalEntry,
    JournalLine,
    PaymentEarmark,
    Period,
    Refund,
    TaxInvoice,
    WriteOff,
)

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class CreditNoteLineSerializer(RecordSerializer):
    """A line of the invoice, and how much of it: a quantity, or an amount with tax (`gross`)."""

    invoice_line = TenantRelatedField(queryset=InvoiceLine.objects.all())
    gross = DecimalField(max_digits=20, decimal_places=4, required=False)

    class Meta:
        model = CreditNoteLine
        fields = ["id", "line_no", "invoice_line", "qty", "net", "tax", "gross"]
        read_only_fields = ["id", "line_no", "net", "tax"]
        extra_kwargs = {"qty": {"required": False}}


class CreditNoteSerializer(RecordSerializer):
    """Drafted over `lines`, or over an `amount` with tax that is spread over the invoice's lines."""

    lines = CreditNoteLineSerializer(many=True, required=False, max_length=500)
    amount = DecimalField(max_digits=20, decimal_places=4, required=False, write_only=True)

    class Meta:
        model = CreditNote
        fields = [
            *("id", "number", "invoice", "customer", "reason", "note", "credit_date", "currency", "fx_rate", "net", "tax", "gross"),
            *("gross_base", "tax_base", "unallocated", "unallocated_base", "state", "needs_approval", "issued_at", "lines", "amount"),
            *WRITTEN_BY_US,
        ]
        read_only_fields = [name for name in fields if name not in ("invoice", "reason", "note", "lines", "amount")]


class WriteOffSerializer(RecordSerializer):
    class Meta:
        model = WriteOff
        fields = [
            *("id", "customer", "item", "payment", "follows", "kind", "currency", "amount", "amount_base", "date", "reason", "state"),
            *("posted_at", "reversed_on", "reversed_at", *WRITTEN_BY_US),
        ]
        read_only_fields = [name for name in fields if name not in ("item", "payment", "kind", "amount", "date", "reason")]
        extra_kwargs = {"date": {"required": False}}


class RefundSerializer(RecordSerializer):
    class Meta:
        model = Refund
        fields = [
            *("id", "customer", "payment", "credit_note", "currency", "amount", "amount_base", "date", "reason", "state", "posted_at"),
            *("reversed_on", "reversed_at", *WRITTEN_BY_US),
        ]
        read_only_fields = [name for name in fields if name not in ("payment", "credit_note", "amount", "date", "reason")]
        extra_kwargs = {"date": {"required": False}}


class EarmarkSerializer(RecordSerializer):
    class Meta:
        model = PaymentEarmark
        fields = ["id", "payment", "plan_line", "amount", "active", *WRITTEN_BY_US]
        read_only_fields = ["id", "active", *WRITTEN_BY_US]


class BillSerializer(RecordSerializer):
    class Meta:
        model = Bill
        fields = [
            *("id", "payment", "number", "drawer", "acceptor", "due_on", "endorsed_to", "fee", "settled_on", "settled_at", "state"),
            *WRITTEN_BY_US,
        ]
        read_only_fields = fields


class PeriodSerializer(RecordSerializer):
    """A month; any of its days names it."""

    class Meta:
        model = Period
        fields = ["id", "month", "state", "closed_at", "reopened_reason", *WRITTEN_BY_US]
        read_only_fields = [name for name in fields if name != "month"]


class JournalLineSerializer(RecordSerializer):
    class Meta:
        model = JournalLine
        fields = [
            *("seq", "account", "customer", "item", "payment", "credit_note", "currency", "amount_doc", "amount_base", "fx_rate"),
        ]
        read_only_fields = fields


class JournalEntrySerializer(RecordSerializer):
    """Debits are positive and credits negative, in the document's currency and in base. Entries are never changed."""

    lines = JournalLineSerializer(many=True, read_only=True)

    class Meta:
        model = JournalEntry
        fields = [
            *("id", "number", "entry_date", "event", "invoice", "payment", "allocation", "credit_note", "write_off", "refund", "item"),
            *("reverses", "posted_by", "posted_at", "lines"),
        ]
        read_only_fields = fields


class ReleaseSerializer(Strict):
    """From when a retention is owed, and by when it is to be paid."""

    on = DateField(required=False)
    due_date = DateField(required=False)


class TaxInvoiceSerializer(RecordSerializer):
    """The tax document of an invoice; the actions ask the tax platform for it, and a callback says what the platform did."""

    class Meta:
        model = TaxInvoice
        fields = [
            *("id", "invoice", "credit_note", "original", "kind", "direction", "fapiao_no", "issued_at", "seller", "buyer", "lines"),
            *("amount_total", "tax_total", "gross_total", "gross_in_words", "remark", "drawer", "red_reason", "red_confirmation_no"),
            *("red_requested_at", "platform_status", "is_used", "error", "state", *WRITTEN_BY_US),
        ]
        read_only_fields = [name for name in fields if name not in ("invoice", "kind", "remark")]
