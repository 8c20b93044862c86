from delivery.api.service import CaseViewSet, SurveyViewSet
from delivery.api.views import AcceptanceViewSet, CommitmentViewSet, ShipmentViewSet
from ltc.api.routers import router

router.register("shipments", ShipmentViewSet)
router.register("commitments", CommitmentViewSet)
router.register("acceptances", AcceptanceViewSet)
router.register("cases", CaseViewSet)
router.register("surveys", SurveyViewSet)
