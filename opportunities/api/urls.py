from ltc.api.routers import router
from opportunities.api.views import OpportunityViewSet, QuotaViewSet, SalesCostViewSet

router.register("opportunities", OpportunityViewSet)
router.register("quotas", QuotaViewSet)
router.register("sales-costs", SalesCostViewSet)
