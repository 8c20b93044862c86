from ltc.api.serializers import RecordSerializer
from orders.models import CollectionPlanLine, Order, OrderLine, PaymentTerm, PaymentTermLine

WRITTEN_BY_US = ("version", "created_at", "updated_at")
INSTALMENT = ("trigger", "offset_days", "day_type", "eom", "is_retention", "gate")


class OrderLineSerializer(RecordSerializer):
    """A line: `description`, `uom`, `unit_price` and `tax_code` come from the product where they are not given."""

    class Meta:
        model = OrderLine
        fields = [
            *("id", "line_no", "product", "description", "uom", "qty", "unit_price", "discount_rate", "tax_code", "tax_rate"),
            *("net", "tax", "gross", "promised_on", "baseline_date", "qty_delivered", "qty_accepted", "qty_invoiced", "closed_short"),
        ]
        read_only_fields = [
            *("id", "line_no", "tax_rate", "net", "tax", "gross", "baseline_date"),
            *("qty_delivered", "qty_accepted", "qty_invoiced", "closed_short"),
        ]
        extra_kwargs = {"description": {"required": False}, "unit_price": {"required": False}}


class PlanLineSerializer(RecordSerializer):
    """A part of the order's price; `pct` follows from the amount where it is not given."""

    class Meta:
        model = CollectionPlanLine
        fields = [
            *("id", "seq", "kind", "amount", "pct", *INSTALMENT, "expected_date", "due_date", "triggered_at", "triggered_on"),
            "collected_on",
        ]
        read_only_fields = ["id", "seq", "kind", "due_date", "triggered_at", "triggered_on", "collected_on"]
        extra_kwargs = {"pct": {"required": False}}


class OrderSerializer(RecordSerializer):
    """`lines` and `plan`, if given, replace all that there are; a draft without a plan gets one of its payment term on confirmation."""

    lines = OrderLineSerializer(many=True, required=False, max_length=200)
    plan = PlanLineSerializer(many=True, required=False, max_length=60, source="plan_lines")

    class Meta:
        model = Order
        fields = [
            *("id", "number", "customer", "opportunity", "lead", "contract_ref", "customer_po_no", "order_date", "currency", "fx_rate"),
            *("price_includes_tax", "net", "tax", "gross", "gross_base", "state", "hold_reason", "owner", "team", "payment_term"),
            *("requested_date", "billing_policy", "credit_check", "delivery_status", "acceptance_status", "billing_status"),
            *("collection_status", "confirmed_at", "completed_at", "closed_at", "notes", "touch_ends", "lines", "plan"),
            *("source_system", "external_ref", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("number", "lead", "fx_rate", "net", "tax", "gross", "gross_base", "state", "hold_reason", "team", "credit_check"),
            *("delivery_status", "acceptance_status", "billing_status", "collection_status", "confirmed_at", "completed_at", "closed_at"),
            *("touch_ends", *WRITTEN_BY_US),
        ]
        set_once = ["customer", "opportunity", "owner"]
        extra_kwargs = {
            "owner": {"required": False},
            "currency": {"required": False},
            "order_date": {"required": False},
        }


class PaymentTermLineSerializer(RecordSerializer):
    class Meta:
        model = PaymentTermLine
        fields = ["seq", "pct", *INSTALMENT]
        read_only_fields = ["seq"]


class PaymentTermSerializer(RecordSerializer):
    """The shares of `lines` sum to one exactly; only the last part may be retention."""

    lines = PaymentTermLineSerializer(many=True, min_length=1, max_length=60)

    class Meta:
        model = PaymentTerm
        fields = ["id", "code", "name", "is_default", "active", "lines", *WRITTEN_BY_US]
        read_only_fields = WRITTEN_BY_US
