from ltc.api.serializers import RecordSerializer
from opportunities.models import Opportunity, OpportunityLine

WRITTEN_BY_US = ("version", "created_at", "updated_at")


class LineSerializer(RecordSerializer):
    """A line: `description`, `unit_price` and `tax_code` come from the product where they are not given."""

    class Meta:
        model = OpportunityLine
        fields = ["line_no", "product", "description", "qty", "unit_price", "discount_rate", "tax_code", "net", "tax", "gross"]
        read_only_fields = ["line_no", "net", "tax", "gross"]
        extra_kwargs = {"description": {"required": False}, "unit_price": {"required": False}}


class OpportunitySerializer(RecordSerializer):
    """`lines`, if given, replace all lines, and `amount` becomes their total."""

    lines = LineSerializer(many=True, required=False, max_length=200)

    class Meta:
        model = Opportunity
        fields = [
            *("id", "number", "name", "customer", "primary_contact", "lead", "channel", "type", "stage", "state", "max_stage"),
            *("stage_entered_at", "amount", "currency", "fx_rate", "amount_base", "close_date", "probability", "forecast_category"),
            *("owner", "team", "ar", "sr", "fr", "lost_reason", "lost_to", "won_at", "closed_at", "reopen_count", "suspended_until"),
            *("last_activity_at", "next_step", "next_step_on", "touch_ends", "lines", "source_system", "external_ref", *WRITTEN_BY_US),
        ]
        read_only_fields = [
            *("number", "lead", "stage", "state", "max_stage", "stage_entered_at", "fx_rate", "amount_base", "lost_reason", "lost_to"),
            *("won_at", "closed_at", "reopen_count", "suspended_until", "last_activity_at", "touch_ends", *WRITTEN_BY_US),
        ]
        set_once = ["customer", "owner", "team", "channel"]
        extra_kwargs = {
            "owner": {"required": False},
            "currency": {"required": False},
            "close_date": {"required": False},
        }
