from ltc.api.routers import router
from ltc.calendars.api.views import CalendarDayViewSet, CalendarViewSet

router.register("calendars", CalendarViewSet)
router.register("calendar-days", CalendarDayViewSet)
