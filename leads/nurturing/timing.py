"""When a step is due. Pure: the calendar and the clock are passed in."""

from datetime import datetime, timedelta, tzinfo

from ltc.calendars.business_days import WorkCalendar, add_business_days, add_business_minutes


def due_at(calendar: WorkCalendar, since: datetime, wait: int, unit: str, zone: tzinfo) -> datetime:
    """The instant of a step so long after `since`.

    Hours are hours by the clock. Business days keep the time of day, moved into the working hours of the day that it falls on.
    """
    if unit == "hours":
        return since + timedelta(hours=wait)
    local = since.astimezone(zone)
    if wait == 0:
        return since
    day = add_business_days(calendar, local.date(), wait)
    return add_business_minutes(calendar, datetime.combine(day, local.time(), zone), 0, zone)
