from ltc.api.routers import router
from opportunities.api.forecasts import ForecastViewSet
from opportunities.api.targets import QuotaViewSet, SalesCostViewSet
from opportunities.api.views import OpportunityViewSet

router.register("opportunities", OpportunityViewSet)
router.register("quotas", QuotaViewSet)
router.register("forecasts", ForecastViewSet)
router.register("sales-costs", SalesCostViewSet)
