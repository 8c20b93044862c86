from django.urls import path

from ltc.customers.views import CUSTOMERS, ContactView, CustomerCreate, CustomerEdit, CustomerList, CustomerRecord, TransferView
from ltc.web.routes import record_routes

urlpatterns = [
    record_routes(
        CUSTOMERS,
        list_view=CustomerList,
        record_view=CustomerRecord,
        create_view=CustomerCreate,
        edit_view=CustomerEdit,
        more=[
            path("<uuid:pk>/transfer/", TransferView.as_view(page=CUSTOMERS), name="transfer"),
            path("<uuid:pk>/contacts/new/", ContactView.as_view(page=CUSTOMERS), name="new-contact"),
            path("<uuid:pk>/contacts/<uuid:contact>/", ContactView.as_view(page=CUSTOMERS), name="contact"),
        ],
    )
]
