import django_filters as filters
from django.db.models import QuerySet

from ltc.activities.models import Activity


class ActivityFilters(filters.FilterSet):
    """What a list of activities can be narrowed to; `is_open` finds tasks that are still to be done."""

    assignee = filters.UUIDFilter(field_name="assignee_id")
    is_open = filters.BooleanFilter(method="open_or_not")
    occurred_at__gte = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_at__lt = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")
    due_at__lt = filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")

    class Meta:
        model = Activity
        fields = {"subject_type": ["exact"], "subject": ["exact"], "kind": ["exact"], "direction": ["exact"]}

    def open_or_not(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        still = queryset.filter(due_at__isnull=False, done_at__isnull=True)
        return still if value else queryset.exclude(pk__in=still.values("pk"))
