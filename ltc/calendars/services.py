from collections.abc import Iterable

from django.db import transaction

from ltc.calendars.holidays import NAMES, PublicHolidays, public_holidays
from ltc.calendars.models import BusinessCalendar, CalendarDay


@transaction.atomic
def set_up_calendar(country: str, *, years: Iterable[int], is_default: bool = True) -> BusinessCalendar:
    """Give the active tenant the calendar of a country with its public holidays of these years.

    Safe to run again: the days that the calendar has already stay as they are. Of a country whose holidays are not known it has
    none, and the tenant enters them.
    """
    has_default = BusinessCalendar.objects.filter(is_default=True).exclude(country=country).exists()
    calendar, _created = BusinessCalendar.objects.get_or_create(
        country=country, defaults={"name": NAMES.get(country, country), "is_default": is_default and not has_default}
    )
    for year in years:
        add_public_holidays(calendar, public_holidays(country, year))
    return calendar


def add_public_holidays(calendar: BusinessCalendar, days: PublicHolidays) -> None:
    """Enter days off and make-up workdays into a calendar; a date that it has already stays as it is."""
    kinds = ((CalendarDay.Kind.HOLIDAY, days.holidays), (CalendarDay.Kind.WORKDAY, days.workdays))
    CalendarDay.objects.bulk_create(
        [CalendarDay(calendar=calendar, date=day, kind=kind, name=name) for kind, named in kinds for day, name in named.items()],
        ignore_conflicts=True,
    )
