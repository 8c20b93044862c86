from datetime import date, datetime
from zoneinfo import ZoneInfo

from ltc.calendars.business_days import WorkCalendar
from ltc.calendars.models import BusinessCalendar, CalendarDay
from ltc.calendars.periods import local_day
from ltc.tenancy.models import Tenant


def zone_of(tenant: Tenant) -> ZoneInfo:
    """The zone in which a tenant's days begin and end."""
    return ZoneInfo(tenant.time_zone)


def today(tenant: Tenant, *, at: datetime) -> date:
    """The tenant's date at an instant. The clock is passed in, so that jobs and tests say which moment they mean."""
    return local_day(at, zone_of(tenant))


def work_calendar(country: str = "") -> WorkCalendar:
    """When the active tenant works: the calendar of a country if it has one, else its default, else Monday to Friday, nine to six."""
    calendars = BusinessCalendar.objects.prefetch_related("days")
    chosen = (calendars.filter(country=country).first() if country else None) or calendars.filter(is_default=True).first()
    return calendar_of(chosen) if chosen is not None else WorkCalendar()


def calendar_of(chosen: BusinessCalendar) -> WorkCalendar:
    """The days and hours of one calendar."""
    by_kind: dict[str, set[date]] = {CalendarDay.Kind.HOLIDAY: set(), CalendarDay.Kind.WORKDAY: set()}
    for day in chosen.days.all():
        by_kind[day.kind].add(day.date)
    return WorkCalendar(
        weekend=frozenset(chosen.weekend),
        holidays=frozenset(by_kind[CalendarDay.Kind.HOLIDAY]),
        workdays=frozenset(by_kind[CalendarDay.Kind.WORKDAY]),
        work_start=chosen.work_start,
        work_end=chosen.work_end,
    )
