from django.urls import path

from leads import pages
from leads.import_views import FailedRowsView, ImportView, UploadView
from leads.views import (
    CHANNELS,
    LEADS,
    ChannelCreate,
    ChannelEdit,
    ChannelList,
    ChannelRecord,
    LeadCreate,
    LeadEdit,
    LeadList,
    LeadRecord,
)
from ltc.web.routes import record_routes

__all__ = ["pages"]

urlpatterns = [
    record_routes(
        LEADS,
        list_view=LeadList,
        record_view=LeadRecord,
        create_view=LeadCreate,
        edit_view=LeadEdit,
        more=[
            path("import/", UploadView.as_view(), name="imports"),
            path("import/<uuid:pk>/", ImportView.as_view(), name="import"),
            path("import/<uuid:pk>/failed.csv", FailedRowsView.as_view(), name="import-failed"),
        ],
    ),
    record_routes(CHANNELS, list_view=ChannelList, record_view=ChannelRecord, create_view=ChannelCreate, edit_view=ChannelEdit),
]
