from ltc.api.routers import router
from orders.api.views import OrderViewSet, PaymentTermViewSet

router.register("orders", OrderViewSet)
router.register("payment-terms", PaymentTermViewSet)
