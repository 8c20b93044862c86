from ltc.catalog.views import PRODUCTS, ProductCreate, ProductEdit, ProductList, ProductRecord
from ltc.web.routes import record_routes

urlpatterns = [
    record_routes(PRODUCTS, list_view=ProductList, record_view=ProductRecord, create_view=ProductCreate, edit_view=ProductEdit),
]
