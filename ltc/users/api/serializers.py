from typing import Any

from rest_framework import serializers

from ltc.api.fields import ChoiceField, TextField
from ltc.api.serializers import RecordSerializer, Strict
from ltc.tenancy.models import Tenant
from ltc.tenancy.options import declared, value_of
from ltc.users.models import ApiKey, Membership, Team, User


class TeamSerializer(RecordSerializer):
    class Meta:
        model = Team
        fields = ["id", "name", "parent", "version", "created_at", "updated_at"]
        read_only_fields = ["version", "created_at", "updated_at"]


class MemberSerializer(RecordSerializer):
    class Meta:
        model = Membership
        fields = [
            *("id", "name", "email", "role", "capabilities", "team", "manager", "state", "capacity", "on_leave_from", "on_leave_to"),
            *("version", "created_at", "updated_at"),
        ]
        read_only_fields = ["email", "version", "created_at", "updated_at"]


class KeySerializer(RecordSerializer):
    access = serializers.ListField(child=TextField(max_length=60), min_length=1, max_length=50)

    class Meta:
        model = ApiKey
        fields = ["id", "name", "hint", "role", "access", "created_by", "expires_at", "revoked_at", "last_used_at", "version", "created_at"]
        read_only_fields = ["hint", "created_by", "revoked_at", "last_used_at", "version", "created_at"]


class OptionsField(serializers.DictField):
    """The options of a tenant by their codes: all when they are told, those that change when they are set."""

    def get_attribute(self, instance: Any) -> Any:
        return instance

    def to_representation(self, value: Any) -> dict[str, Any]:
        return {option.code: value_of(value, option) for option in declared()}


class SettingsSerializer(RecordSerializer):
    options = OptionsField(required=False)

    class Meta:
        model = Tenant
        fields = ["code", "name", "sales_motion", "locale", "time_zone", "base_currency", "fiscal_year_start_month", "state", "options"]
        read_only_fields = ["code", "base_currency", "sales_motion", "state"]


class OwnSettingsSerializer(Strict):
    """What a person sets for themselves."""

    language = ChoiceField(choices=["", "en", "zh-hans"], required=False)
    theme = ChoiceField(choices=User.Theme.choices, required=False)
    density = ChoiceField(choices=User.Density.choices, required=False)
