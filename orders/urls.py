from django.urls import path

from ltc.web.routes import record_routes
from orders import pages
from orders.views import ORDERS, OrderCreate, OrderEdit, OrderLines, OrderList, OrderRecord

__all__ = ["pages", "urlpatterns"]

urlpatterns = [
    record_routes(
        ORDERS,
        list_view=OrderList,
        record_view=OrderRecord,
        create_view=OrderCreate,
        edit_view=OrderEdit,
        more=[path("<uuid:pk>/lines/", OrderLines.as_view(page=ORDERS), name="lines")],
    )
]
