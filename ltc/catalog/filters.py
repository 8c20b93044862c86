import django_filters as filters

from ltc.catalog.models import Product


class ProductFilters(filters.FilterSet):
    """What a list of products can be narrowed to, on pages and by REST."""

    created_at__gte = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Product
        fields = {"sku": ["exact"], "kind": ["exact"], "active": ["exact"], "currency": ["exact"], "external_ref": ["exact"]}
