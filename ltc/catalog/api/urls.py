from ltc.api.routers import router
from ltc.catalog.api.views import ProductViewSet

router.register("products", ProductViewSet)
