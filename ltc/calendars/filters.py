import django_filters as filters

from ltc.calendars.models import CalendarDay


class CalendarDayFilters(filters.FilterSet):
    """What a list of holidays and make-up workdays can be narrowed to."""

    calendar = filters.UUIDFilter(field_name="calendar_id")

    class Meta:
        model = CalendarDay
        fields = {"kind": ["exact"], "date": ["gte", "lte"]}
