"""The calendar that a new tenant starts with."""

from ltc.calendars.services import set_up_calendar
from ltc.tenancy.models import Tenant
from ltc.tenancy.seeding import starts_with

COUNTRIES = {"CNY": "CN", "USD": "US"}
YEARS = range(2025, 2029)


@starts_with
def first_calendar(tenant: Tenant) -> None:
    """The working days of the country that the tenant was founded with, else of its currency's; of another country, weekends only."""
    set_up_calendar(tenant.settings.get("calendar", COUNTRIES.get(tenant.base_currency, "")), years=YEARS)
