from ltc.api.routers import router
from opportunities.api.views import OpportunityViewSet

router.register("opportunities", OpportunityViewSet)
