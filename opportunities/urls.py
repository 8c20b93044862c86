from django.urls import path

from ltc.web.routes import record_routes
from opportunities import pages
from opportunities.target_views import (
    COSTS,
    QUOTAS,
    QuotaCreate,
    QuotaEdit,
    QuotaList,
    QuotaRecord,
    SalesCostCreate,
    SalesCostList,
    SalesCostRecord,
)
from opportunities.views import (
    OPPORTUNITIES,
    OpportunityCreate,
    OpportunityEdit,
    OpportunityLines,
    OpportunityList,
    OpportunityRecord,
    Pipeline,
)

__all__ = ["pages", "urlpatterns"]

urlpatterns = [
    record_routes(
        OPPORTUNITIES,
        list_view=OpportunityList,
        record_view=OpportunityRecord,
        board_view=Pipeline,
        create_view=OpportunityCreate,
        edit_view=OpportunityEdit,
        more=[path("<uuid:pk>/lines/", OpportunityLines.as_view(page=OPPORTUNITIES), name="lines")],
    ),
    record_routes(QUOTAS, list_view=QuotaList, record_view=QuotaRecord, create_view=QuotaCreate, edit_view=QuotaEdit),
    record_routes(COSTS, list_view=SalesCostList, record_view=SalesCostRecord, create_view=SalesCostCreate),
]
