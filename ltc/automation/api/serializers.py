from rest_framework import serializers

from ltc.api.fields import TextField
from ltc.api.serializers import RecordSerializer
from ltc.automation.models import CustomField


class CustomFieldSerializer(RecordSerializer):
    """An attribute of a tenant's own; without a code it gets one from its label."""

    code = TextField(required=False, max_length=60)
    options = serializers.ListField(child=TextField(max_length=200), required=False, max_length=200)

    class Meta:
        model = CustomField
        fields = ["id", "entity", "code", "label", "kind", "options", "is_feature", "active", "version", "created_at", "updated_at"]
        read_only_fields = ["entity", "version", "created_at", "updated_at"]
        set_once = ["code"]
