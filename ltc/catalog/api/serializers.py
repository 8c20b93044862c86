from ltc.api.serializers import RecordSerializer
from ltc.catalog.models import Product


class ProductSerializer(RecordSerializer):
    class Meta:
        model = Product
        fields = [
            *("id", "sku", "name", "name_en", "spec", "uom", "kind", "tax_code", "list_price", "currency", "standard_cost"),
            *("lead_time_days", "active", "source_system", "external_ref", "version", "created_at", "updated_at"),
        ]
        read_only_fields = ["version", "created_at", "updated_at"]
