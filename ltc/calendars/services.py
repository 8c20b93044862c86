from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ltc.calendars.holidays import NAMES, PublicHolidays, public_holidays
from ltc.calendars.models import BusinessCalendar, CalendarDay
from ltc.refusals import Forbidden, StaleVersion
from ltc.users.actors import Actor

EDITABLE = frozenset({"name", "weekend", "work_start", "work_end"})


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


@transaction.atomic
def change_calendar(calendar: BusinessCalendar, *, actor: Actor, version: int | None = None, **changes: Any) -> BusinessCalendar:
    """Change the name, the weekend (ISO weekdays) or the working hours. Raises Forbidden, StaleVersion, ValidationError."""
    _refuse_unless_settings(actor)
    locked = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this calendar while you had it open. Reload it and try again."))
    if unknown := changes.keys() - EDITABLE:
        raise TypeError(f"A calendar's {', '.join(sorted(unknown))} stays as it is.")
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save()
    return locked


@transaction.atomic
def set_day(*, actor: Actor, calendar: BusinessCalendar, date: date, kind: str, name: str = "") -> CalendarDay:
    """Enter a holiday or a make-up workday; a date that the calendar has already becomes this. Raises Forbidden, ValidationError."""
    _refuse_unless_settings(actor)
    day = CalendarDay.objects.select_for_update().filter(calendar=calendar, date=date).first() or CalendarDay(calendar=calendar, date=date)
    day.kind, day.name = kind, name
    day.full_clean()
    day.save()
    return day


@transaction.atomic
def remove_day(day: CalendarDay, *, actor: Actor) -> None:
    """The date is a day like its weekday again. Raises Forbidden."""
    _refuse_unless_settings(actor)
    day.delete()


def _refuse_unless_settings(actor: Actor) -> None:
    if not actor.has_perm("settings.change"):
        raise Forbidden(_("Only an administrator changes the calendar."))
