from rest_framework import serializers

from ltc.api.fields import BooleanField, DateField, TenantRelatedField, TextField
from ltc.api.serializers import RecordSerializer
from orders.models import CollectionPlanLine
from receivables.models import (
    Allocation,
    CustomerDunningSetting,
    Dispute,
    DunningCase,
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
    DunningPolicy,
    DunningStep,
    DunningTemplate,
    Invoice,
    InvoiceLine,
    ItemStop,
    Payment,
    PromiseItem,
    PromiseToPay,
    ReceivableItem,
    Statement,
)

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class InvoiceLineSerializer(RecordSerializer):
    """A line; of a new invoice without an order: what, how much of it, at which price without tax, at which rate of tax."""

    class Meta:
        model = InvoiceLine
        fields = [
            *("id", "line_no", "order_line", "description", "uom", "qty", "unit_price", "discount_rate", "tax_code", "tax_rate"),
            *("net", "tax", "gross"),
        ]
        read_only_fields = ["id", "line_no", "order_line", "net", "tax", "gross"]


class InvoiceItemSerializer(RecordSerializer):
    """A due item; of a new invoice: its amount with tax and its day. Retention without a day is owed when it is released."""

    retention = BooleanField(required=False, write_only=True)

    class Meta:
        model = ReceivableItem
        fields = [
            *("id", "seq", "kind", "amount", "amount_base", "due_date", "released", "open_amount", "open_base", "closed_on"),
            *("retained", "released_on", "retention"),
        ]
        read_only_fields = [name for name in fields if name not in ("seq", "kind", "amount", "due_date", "retention")]
        extra_kwargs = {"seq": {"required": False}, "kind": {"required": False}}


class InvoiceSerializer(RecordSerializer):
    """An invoice is drafted over one instalment of an order (`plan_line`) or several (`plan_lines`), and everything else follows from the
    order; or, for a `customer`, over `lines` (without them over `net` and `tax`), due in `items`."""

    lines = InvoiceLineSerializer(many=True, required=False, max_length=500)
    items = InvoiceItemSerializer(many=True, required=False, max_length=100)
    plan_lines = serializers.ListField(
        child=TenantRelatedField(queryset=CollectionPlanLine.objects.all()), required=False, write_only=True, max_length=100
    )

    class Meta:
        model = Invoice
        fields = [
            *("id", "number", "customer", "order", "plan_line", "kind", "invoice_date", "currency", "fx_rate", "net", "tax", "gross"),
            *("gross_base", "state", "needs_approval", "issued_at", "sent_at", "sent_channel", "sent_to", "closed_on", "po_ref", "note"),
            *("lines", "items", "plan_lines", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("id", "number", "invoice_date", "fx_rate", "gross", "gross_base", "state", "needs_approval", "issued_at", "sent_at"),
            *("sent_channel", "sent_to", "closed_on", *WRITTEN_BY_US),
        ]
        extra_kwargs = {
            **{name: {"required": False} for name in ("customer", "order", "plan_line", "currency", "net", "tax")},
        }


class ReceivableItemSerializer(RecordSerializer):
    class Meta:
        model = ReceivableItem
        fields = [
            *("id", "invoice", "customer", "seq", "kind", "plan_line", "currency", "amount", "amount_base", "due_date", "released"),
            *("released_on", "retained", "in_ledger", "open_amount", "open_base", "closed_on", "dunning_epoch", *WRITTEN_BY_US),
        ]
        read_only_fields = fields


class PaymentAllocationSerializer(RecordSerializer):
    class Meta:
        model = Allocation
        fields = ["id", "kind", "item", "amount", "fx_diff", "date", "method", "state"]
        read_only_fields = fields


class PaymentSerializer(RecordSerializer):
    """Money that came in. With a customer it is identified at once; the actions `post` and `allocate` book it. What a bill of exchange is
    called and when it is due is given with `bill_number` and `bill_due_on`."""

    allocations = PaymentAllocationSerializer(many=True, read_only=True)
    bill_number = TextField(max_length=60, required=False, write_only=True)
    bill_due_on = DateField(required=False, write_only=True)
    bill_drawer = TextField(max_length=200, required=False, write_only=True)
    bill_acceptor = TextField(max_length=200, required=False, write_only=True)

    class Meta:
        model = Payment
        fields = [
            *("id", "number", "customer", "method", "received_on", "value_date", "currency", "amount", "bank_fee", "fx_rate"),
            *("amount_base", "unallocated", "unallocated_base", "bank_account", "bank_ref", "payer_name", "payer_account"),
            *("remittance_text", "state", "posted_at", "posted_on", "reversed_on", "reversed_at", "reversed_reason", "allocations"),
            *("bill_number", "bill_due_on", "bill_drawer", "bill_acceptor", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("id", "number", "fx_rate", "amount_base", "unallocated", "unallocated_base", "state", "posted_at", "posted_on"),
            *("reversed_on", "reversed_at", "reversed_reason", "allocations", *WRITTEN_BY_US),
        ]


class AllocationSerializer(RecordSerializer):
    active = BooleanField(read_only=True)

    class Meta:
        model = Allocation
        fields = [
            *("id", "kind", "payment", "credit_note", "write_off", "item", "amount", "base_item", "base_source", "fx_diff", "date"),
            *("posted_at", "method", "state", "active", "reversed_on", "reversed_at", *WRITTEN_BY_US),
        ]
        read_only_fields = fields


class ReminderCaseSerializer(RecordSerializer):
    """What one customer is reminded of in one currency; the actions `pause` and `resume` stop and start it."""

    class Meta:
        model = DunningCase
        fields = ["id", "customer", "currency", "state", "paused_on", "paused_until", "pause_reason", "last_reminded_on", *WRITTEN_BY_US]
        read_only_fields = fields


class ReminderMessageSerializer(RecordSerializer):
    class Meta:
        model = DunningMessage
        fields = [
            "id",
            "channel",
            "recipient",
            "subject",
            "body",
            "not_before",
            "status",
            "attempts",
            "sent_at",
            "error",
            "copies",
            "provider",
        ]
        read_only_fields = fields


class RemindedItemSerializer(RecordSerializer):
    class Meta:
        model = DunningNoticeItem
        fields = ["id", "item", "level", "epoch", "open_amount", "dunnable_amount", "days_overdue", "state"]
        read_only_fields = fields


class ReminderSerializer(RecordSerializer):
    messages = ReminderMessageSerializer(many=True, read_only=True)
    items = RemindedItemSerializer(many=True, read_only=True)

    class Meta:
        model = DunningNotice
        fields = ["id", "case", "kind", "promise", "run_date", "level", "language", "state", "messages", "items", *WRITTEN_BY_US]
        read_only_fields = fields


class PromisedItemSerializer(RecordSerializer):
    """An item of a promise; without an amount it is all that is open of it."""

    class Meta:
        model = PromiseItem
        fields = ["item", "amount", "open_then"]
        read_only_fields = ["open_then"]
        extra_kwargs = {"amount": {"required": False, "allow_null": True}}


class PromiseSerializer(RecordSerializer):
    """What a customer promised to pay, for items of one currency. Without `promised_amount` it is the sum of the items."""

    items = PromisedItemSerializer(many=True, max_length=500, allow_empty=False)

    class Meta:
        model = PromiseToPay
        fields = [
            *("id", "customer", "currency", "items", "promised_amount", "promised_on", "grace_business_days", "contact", "channel"),
            *("evidence", "state", "made_at", "made_on", "good_until", "received", "closed_on", "cancel_reason", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("id", "customer", "currency", "state", "made_at", "made_on", "good_until", "received", "closed_on", "cancel_reason"),
            *WRITTEN_BY_US,
        ]
        extra_kwargs = {"promised_amount": {"required": False}, "grace_business_days": {"max_value": 30}}


class DisputeSerializer(RecordSerializer):
    """What a customer objects to. Without `amount` it is all of the item that is not disputed yet."""

    class Meta:
        model = Dispute
        fields = [
            *("id", "item", "amount", "reason", "description", "owner", "due_on", "state", "opened_at", "opened_on", "waiting_since"),
            *("resolved_on", "resolution", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("id", "due_on", "state", "opened_at", "opened_on", "waiting_since", "resolved_on", "resolution", *WRITTEN_BY_US),
        ]
        extra_kwargs = {"amount": {"required": False}}


class ReminderStepSerializer(RecordSerializer):
    class Meta:
        model = DunningStep
        fields = [
            *("level", "offset_days", "channels", "channel_mode", "template_code", "from_base", "requires_approval", "cc", "actions"),
        ]


class Pairs(serializers.ListField):
    """Pairs of texts: from and to."""

    child = serializers.ListField(child=TextField(max_length=10), min_length=2, max_length=2)


class ReminderPolicySerializer(RecordSerializer):
    """How customers are reminded. `steps` are all levels of the policy, in any order; given again they replace those before."""

    steps = ReminderStepSerializer(many=True, max_length=50, required=False)
    windows = serializers.ListField(
        child=serializers.ListField(child=TextField(max_length=8), min_length=2, max_length=2), max_length=20, required=False
    )
    blackouts = serializers.ListField(
        child=serializers.ListField(child=TextField(max_length=10), min_length=2, max_length=2), max_length=100, required=False
    )

    class Meta:
        model = DunningPolicy
        fields = [
            *(
                "id",
                "name",
                "is_default",
                "for_classes",
                "min_interval_days",
                "min_amount",
                "consolidate",
                "business_days_only",
                "calendar",
            ),
            *("windows", "blackouts", "import_mode", "dispute_mode", "unapplied_cash_guard", "interest", "steps", *WRITTEN_BY_US),
        ]
        read_only_fields = ["id", *WRITTEN_BY_US]


class ReminderSettingSerializer(RecordSerializer):
    class Meta:
        model = CustomerDunningSetting
        fields = [
            *("id", "customer", "policy", "language", "excluded", "paused_from", "paused_until", "reason", "courtesy", "opt_outs"),
            *WRITTEN_BY_US,
        ]
        read_only_fields = ["id", "paused_from", *WRITTEN_BY_US]
        set_once = ("customer",)


class ReminderStopSerializer(RecordSerializer):
    class Meta:
        model = ItemStop
        fields = ["id", "item", "since", "until", "reason", *WRITTEN_BY_US]
        read_only_fields = ["id", "since", *WRITTEN_BY_US]


class ReminderTextSerializer(RecordSerializer):
    class Meta:
        model = DunningTemplate
        fields = ["id", "code", "language", "subject", "body", *WRITTEN_BY_US]
        read_only_fields = ["id", *WRITTEN_BY_US]


class StatementSerializer(RecordSerializer):
    """A statement of account: draw one up over a period; `send` sends it, `confirm` and `object` are the customer's answer."""

    class Meta:
        model = Statement
        fields = [
            *("id", "customer", "currency", "first", "last", "opening", "invoices", "credits", "receipts", "adjustments", "closing"),
            *("lines", "state", "answered_on", "answered_by", "objection", *WRITTEN_BY_US),
        ]
        read_only_fields = [name for name in fields if name not in ("customer", "currency", "first", "last")]
