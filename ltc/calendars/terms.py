"""When money falls due: payment terms as dates. Calendar days; a due date is not moved off a holiday."""

from calendar import monthrange
from datetime import date, timedelta


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def net_due(invoice_date: date, days: int) -> date:
    """Due so many days after the invoice date."""
    return invoice_date + timedelta(days=days)


def month_end_due(invoice_date: date, days: int) -> date:
    """Due so many days after the end of its month: an invoice of 2026-06-10 at 60 days falls due on 2026-08-29."""
    return month_end(invoice_date) + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """The same day months later, or the last of the month if it has no such day: 2028-02-29 plus a year is 2029-02-28."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
