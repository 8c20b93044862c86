from ltc.api.routers import router
from ltc.money.api.views import ExchangeRateViewSet, TaxCodeViewSet

router.register("exchange-rates", ExchangeRateViewSet)
router.register("tax-codes", TaxCodeViewSet)
