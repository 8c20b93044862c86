from ltc.api.routers import router
from ltc.automation.api.views import CustomFieldViewSet

router.register("custom-fields", CustomFieldViewSet)
