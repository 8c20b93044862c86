"""Lists narrowed by how somebody met our marketing first and last."""

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Q


class TouchFilters(filters.FilterSet):
    """By the channel (its code), the campaign (its name) and the words of the address of the first and of the last touch.

    `touches_at` is the path to the record that keeps them, if it is not the one that is listed.
    """

    touches_at: ClassVar[str] = ""

    first_channel = filters.CharFilter(method="by_touch")
    first_campaign = filters.CharFilter(method="by_touch")
    first_utm_source = filters.CharFilter(method="by_touch")
    first_utm_medium = filters.CharFilter(method="by_touch")
    first_utm_campaign = filters.CharFilter(method="by_touch")
    last_channel = filters.CharFilter(method="by_touch")
    last_campaign = filters.CharFilter(method="by_touch")
    last_utm_source = filters.CharFilter(method="by_touch")
    last_utm_medium = filters.CharFilter(method="by_touch")
    last_utm_campaign = filters.CharFilter(method="by_touch")

    def by_touch(self, queryset: Any, name: str, value: str) -> Any:
        """The records whose first or last touch says so."""
        return queryset.filter(self.wanted(Q(**{f"{self.touches_at}touch_ends__contains": told(name, value)})))

    def wanted(self, condition: Q) -> Any:
        """What to narrow the list by, for a condition on the record that keeps the touches."""
        return condition


def told(name: str, value: str) -> dict[str, Any]:
    """What `touch_ends` contains where a filter has a value: of last_utm_source=fair it is {"last": {"utm": {"source": "fair"}}}."""
    which, _of, field = name.partition("_")
    inner: dict[str, Any] = {"utm": {field.removeprefix("utm_"): value}} if field.startswith("utm_") else {field: value}
    return {which: inner}
