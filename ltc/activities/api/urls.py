from ltc.activities.api.views import ActivityViewSet
from ltc.api.routers import router

router.register("activities", ActivityViewSet)
