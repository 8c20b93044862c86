from delivery.api.views import AcceptanceViewSet, CommitmentViewSet, ShipmentViewSet
from ltc.api.routers import router

router.register("shipments", ShipmentViewSet)
router.register("commitments", CommitmentViewSet)
router.register("acceptances", AcceptanceViewSet)
