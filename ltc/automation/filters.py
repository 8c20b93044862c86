import django_filters as filters

from ltc.automation.models import CustomField


class CustomFieldFilters(filters.FilterSet):
    """What a list of attributes can be narrowed to."""

    class Meta:
        model = CustomField
        fields = {"kind": ["exact"], "active": ["exact"], "is_feature": ["exact"], "code": ["exact"]}
