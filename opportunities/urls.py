from django.urls import path

from ltc.web.routes import record_routes
from opportunities import pages
from opportunities.forecasting_views import FORECASTS, ForecastCreate, ForecastEdit, ForecastList, ForecastRecord
from opportunities.targets_views import (
    COSTS,
    QUOTAS,
    CostCreate,
    CostEdit,
    CostList,
    CostRecord,
    QuotaCreate,
    QuotaEdit,
    QuotaList,
    QuotaRecord,
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
    record_routes(FORECASTS, list_view=ForecastList, record_view=ForecastRecord, create_view=ForecastCreate, edit_view=ForecastEdit),
    record_routes(QUOTAS, list_view=QuotaList, record_view=QuotaRecord, create_view=QuotaCreate, edit_view=QuotaEdit),
    record_routes(COSTS, list_view=CostList, record_view=CostRecord, create_view=CostCreate, edit_view=CostEdit),
]
