from django.urls import path

from delivery import pages
from delivery.service_views import (
    CASES,
    SURVEYS,
    CaseCreate,
    CaseEdit,
    CaseList,
    CaseRecord,
    SurveyCreate,
    SurveyList,
    SurveyRecord,
)
from delivery.views import (
    ACCEPTANCES,
    COMMITMENTS,
    SHIPMENTS,
    AcceptanceList,
    AcceptanceRecord,
    CommitmentList,
    CommitmentRecord,
    DeliveryBoard,
    PlanShipment,
    ShipmentList,
    ShipmentRecord,
    SubmitForAcceptance,
)
from ltc.web.routes import record_routes

__all__ = ["pages", "urlpatterns"]

urlpatterns = [
    record_routes(
        SHIPMENTS,
        list_view=ShipmentList,
        record_view=ShipmentRecord,
        board_view=DeliveryBoard,
        more=[
            path("plan/<uuid:pk>/", PlanShipment.as_view(page=SHIPMENTS), name="plan"),
            path("<uuid:pk>/submit/", SubmitForAcceptance.as_view(page=SHIPMENTS), name="submit"),
        ],
    ),
    record_routes(ACCEPTANCES, list_view=AcceptanceList, record_view=AcceptanceRecord),
    record_routes(COMMITMENTS, list_view=CommitmentList, record_view=CommitmentRecord),
    record_routes(CASES, list_view=CaseList, record_view=CaseRecord, create_view=CaseCreate, edit_view=CaseEdit),
    record_routes(SURVEYS, list_view=SurveyList, record_view=SurveyRecord, create_view=SurveyCreate),
]
