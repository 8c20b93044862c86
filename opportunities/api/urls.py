from ltc.api.routers import router
from opportunities.api.targets import QuotaViewSet, SalesCostViewSet
from opportunities.api.views import OpportunityViewSet

router.register("opportunities", OpportunityViewSet)
router.register("quotas", QuotaViewSet)
router.register("sales-costs", SalesCostViewSet)
