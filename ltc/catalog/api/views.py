from ltc.api.viewsets import RecordViewSet
from ltc.catalog import services
from ltc.catalog.api.serializers import ProductSerializer
from ltc.catalog.filters import ProductFilters
from ltc.catalog.models import Product


class ProductViewSet(RecordViewSet):
    model = Product
    serializer_class = ProductSerializer
    filterset_class = ProductFilters
    orderings = ("sku", "name", "created_at", "updated_at")
    search_fields = ("name", "name_en", "sku")
    add = staticmethod(services.create_product)
    change = staticmethod(services.update_product)
