from http import HTTPStatus
from typing import Any

from rest_framework.decorators import action
from rest_framework.response import Response

from ltc.api.viewsets import RecordViewSet
from ltc.calendars import services
from ltc.calendars.api.serializers import CalendarDaySerializer, CalendarSerializer
from ltc.calendars.filters import CalendarDayFilters
from ltc.calendars.models import BusinessCalendar, CalendarDay


class CalendarViewSet(RecordViewSet):
    """On which weekdays and in which hours the tenant works: by default, and in some countries."""

    model = BusinessCalendar
    serializer_class = CalendarSerializer
    orderings = ("name", "created_at")
    change = staticmethod(services.change_calendar)


class CalendarDayViewSet(RecordViewSet):
    """Holidays and make-up workdays. A date that is entered again becomes what was entered last."""

    model = CalendarDay
    serializer_class = CalendarDaySerializer
    filterset_class = CalendarDayFilters
    orderings = ("date", "created_at")
    add = staticmethod(services.set_day)

    @action(detail=True, methods=["post"])
    def remove(self, request: Any, pk: str) -> Response:
        """Make the date a day like its weekday again."""
        services.remove_day(self.record(locked=True), actor=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)
