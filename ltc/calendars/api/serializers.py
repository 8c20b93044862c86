from rest_framework import serializers

from ltc.api.fields import IntegerField
from ltc.api.serializers import RecordSerializer
from ltc.calendars.models import BusinessCalendar, CalendarDay


class CalendarSerializer(RecordSerializer):
    weekend = serializers.ListField(child=IntegerField(min_value=1, max_value=7), max_length=6, required=False)

    class Meta:
        model = BusinessCalendar
        fields = ["id", "name", "country", "is_default", "weekend", "work_start", "work_end", "version", "created_at", "updated_at"]
        read_only_fields = ["country", "is_default", "version", "created_at", "updated_at"]


class CalendarDaySerializer(RecordSerializer):
    class Meta:
        model = CalendarDay
        fields = ["id", "calendar", "date", "kind", "name", "version", "created_at", "updated_at"]
        read_only_fields = ["version", "created_at", "updated_at"]
