from typing import Any

from rest_framework import serializers

from leads.imports.meaning import TARGET_STATES
from leads.imports.reading import MAX_ROWS
from leads.masking import contact_data, may_reveal
from leads.models import Campaign, Channel, CloseReason, ImportBatch, ImportRow, Lead, LeadEvent, LeadTouch, MarketingSpend
from leads.models.choices import ScoreMode
from ltc.api.fields import BooleanField, ChoiceField, DateField, IntegerField, MomentField, ObjectField, TenantRelatedField, TextField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.users.models import Membership

WRITTEN_BY_US = ("version", "created_at", "updated_at")
SET_BY_RULES = (
    *("number", "state", "team", "score", "grade", "fit_score", "engagement_score", "matrix_cell", "score_mode", "score_lines"),
    *("rule_score", "win_probability"),
    *("scored_at", "mql_at", "assigned_at", "first_response_due_at", "first_response_at", "qualified_at", "converted_at", "closed_at"),
    *("touch_ends", "pool", "protected_until", "close_reason", "nurture_until", "last_activity_at", "customer", "contact", "merged_into"),
)
DESCRIPTION = (
    *("title", "company_name", "contact_name", "phone", "email", "wecom", "channel", "campaign", "source_detail", "region", "industry"),
    *("industry_match", "size_employees", "seniority", "budget", "authority", "need", "need_level", "timeline", "product_interest"),
    *("est_amount", "currency", "attributes", "consent_marketing", "owner", "captured_at", "source_system", "external_ref"),
)


class TouchSerializer(RecordSerializer):
    """Where a lead met our marketing."""

    class Meta:
        model = LeadTouch
        fields = ["channel", "campaign", "kind", "occurred_at", "url", "referrer", "click_id", "utm", "dedupe_key"]
        read_only_fields = ["channel", "campaign"]
        extra_kwargs = {"occurred_at": {"required": False}}


class NewTouchSerializer(RecordSerializer):
    """Another meeting of a lead with our marketing. What `url` says (utm_…, gclid, bd_vid …) is read from it; the channel is the lead's own
    unless named."""

    channel = TenantRelatedField(queryset=Channel.objects.all(), required=False)
    campaign = TenantRelatedField(queryset=Campaign.objects.all(), required=False, allow_null=True)

    class Meta:
        model = LeadTouch
        fields = ["channel", "campaign", "kind", "occurred_at", "url", "referrer", "click_id", "utm", "dedupe_key"]
        extra_kwargs = {"occurred_at": {"required": False}}


class LeadSerializer(RecordSerializer):
    """Contact data is masked, and `masked` says so, for who may not see it. `touch` and `country` are for creating: the first touch,
    and the country of a telephone number without its country code; `despite_duplicates: false` refuses what is in the books already."""

    captured_at = MomentField(required=False)
    touch = TouchSerializer(required=False, write_only=True)
    country = TextField(required=False, write_only=True, max_length=2)
    despite_duplicates = BooleanField(required=False, write_only=True)

    class Meta:
        model = Lead
        fields = ["id", *DESCRIPTION, *SET_BY_RULES, "touch", "country", "despite_duplicates", *WRITTEN_BY_US]
        read_only_fields = [*SET_BY_RULES, *WRITTEN_BY_US]
        set_once = ["owner", "captured_at", "source_system", "external_ref", "touch", "despite_duplicates"]

    def to_representation(self, instance: Lead) -> Any:
        said = super().to_representation(instance)
        if "win_probability" in said and instance.score_mode != ScoreMode.MODEL:
            said["win_probability"] = None  # on trial it is kept and not shown
        actor = self.context["request"].actor
        if may_reveal(instance, actor):
            return {**said, "masked": False}
        shown: dict[str, Any] = {name: value for name, value in contact_data(instance, actor).items() if name in said}
        if "attributes" in said:
            shown["attributes"] = {}
        if "source_detail" in said:
            shown["source_detail"] = {}  # the cells of an imported file may hold contact data too
        return {**said, **shown, "masked": True}


class ChannelSerializer(RecordSerializer):
    """A channel; without a code it gets one from its name."""

    code = TextField(required=False, max_length=40)

    class Meta:
        model = Channel
        fields = ["id", "code", "name", "kind", "active", *WRITTEN_BY_US]
        read_only_fields = WRITTEN_BY_US


class CampaignSerializer(RecordSerializer):
    """A campaign on a channel."""

    class Meta:
        model = Campaign
        fields = ["id", "channel", "name", "start", "end", "budget", "active", *WRITTEN_BY_US]
        read_only_fields = WRITTEN_BY_US


class SpendSerializer(RecordSerializer):
    """Money spent on a channel or a campaign on a day; without a currency in the tenant's. With `until` it is spread evenly over the days
    up to that one, to the smallest unit, and the answer is the first of them."""

    until = DateField(required=False, write_only=True)

    class Meta:
        model = MarketingSpend
        fields = [
            *("id", "channel", "campaign", "spend_date", "until", "amount", "currency", "fx_rate", "base_amount", "note"),
            *WRITTEN_BY_US,
        ]
        set_once = ["until"]
        read_only_fields = ["fx_rate", "base_amount", *WRITTEN_BY_US]
        extra_kwargs = {"currency": {"required": False}}


class CloseReasonSerializer(RecordSerializer):
    """Why a lead is disqualified, an opportunity lost, an order cancelled."""

    class Meta:
        model = CloseReason
        fields = ["id", "kind", "code", "name", "counts_in_denominator", "active", *WRITTEN_BY_US]
        read_only_fields = fields


class EventSerializer(RecordSerializer):
    """An event of a lead; the same `dedupe_key` of the same `source` counts once."""

    quantity = IntegerField(required=False, min_value=1, max_value=1000)
    occurred_at = MomentField(required=False)

    class Meta:
        model = LeadEvent
        fields = ["id", "lead", "type", "occurred_at", "quantity", "source", "dedupe_key", "recorded_at"]
        read_only_fields = ["recorded_at"]


class ImportSerializer(RecordSerializer):
    """An import of leads. `columns` maps headings to fields of a lead, `values` their words to ours."""

    class Meta:
        model = ImportBatch
        fields = [
            *("id", "state", "file_name", "total", "headers", "columns", "values", "source_system", "channel", "lead_owner"),
            *("date_order", "country", "on_duplicate", "distribute", "captured_on", "nameless", "learn", "owner", "finished_at"),
            *("undone_at", *WRITTEN_BY_US),
        ]
        read_only_fields = fields


class MappingSerializer(Strict):
    """How an import is to be understood; what is left out is guessed.

    `others` says whether columns without a field are kept as text or become attributes of your own, from which the score may `learn`;
    `captured_on` is the day of rows without a date, today if it is not given; `nameless` brings rows in that name nobody, under their
    reference; `distribute` gives rows without an owner out by the distribution rules.
    """

    columns = ObjectField(required=False)
    states = ObjectField(required=False)
    channels = ObjectField(required=False)
    source_system = TextField(required=False, max_length=60)
    channel = TenantRelatedField(queryset=Channel.objects.all(), required=False)
    lead_owner = TenantRelatedField(queryset=Membership.objects.all(), required=False, allow_null=True)
    date_order = ChoiceField(choices=["ymd", "dmy", "mdy"], required=False)
    country = TextField(required=False, max_length=2)
    on_duplicate = ChoiceField(choices=ImportBatch.OnDuplicate.choices, required=False)
    others = ChoiceField(choices=["text", "attributes"], required=False)
    learn = BooleanField(required=False)
    captured_on = DateField(required=False, allow_null=True)
    nameless = BooleanField(required=False)
    distribute = BooleanField(required=False)

    def validate(self, attrs: Any) -> Any:
        for name in ("columns", "states", "channels"):
            if any(not isinstance(value, str) for value in attrs.get(name, {}).values()):
                raise serializers.ValidationError({name: "Give text for each word."})
        if any(state not in ("", *TARGET_STATES) for state in attrs.get("states", {}).values()):
            raise serializers.ValidationError({"states": f"Give one of {', '.join(TARGET_STATES)}, or nothing."})
        return attrs


class CorrectionSerializer(Strict):
    """Other text for cells of a row, by heading."""

    line = IntegerField(min_value=1)
    cells = ObjectField()

    def validate_cells(self, value: Any) -> Any:
        if any(not isinstance(cell, str) for cell in value.values()):
            raise serializers.ValidationError("Give text for each cell.")
        return value


class NewImportSerializer(MappingSerializer):
    """Rows under our own field names, as JSON; or a file and, if it refers to another one, that one too, as multipart/form-data."""

    rows = serializers.ListField(child=ObjectField(), required=False, min_length=1, max_length=MAX_ROWS)
    file = serializers.FileField(required=False)
    contacts = serializers.FileField(required=False)
    join_column = TextField(required=False, max_length=80)

    def validate(self, attrs: Any) -> Any:
        if ("rows" in attrs) == ("file" in attrs):
            raise serializers.ValidationError("Send either rows or a file.")
        return super().validate(attrs)


class ImportRowSerializer(serializers.ModelSerializer):
    """One row: what was read, what is wrong in words, what became of it."""

    class Meta:
        model = ImportRow
        fields = ["line", "outcome", "raw", "errors", "warnings", "lead"]
        read_only_fields = fields
