"""The calendar that a tenant keeps, and its own today."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ltc.calendars.business_days import WorkCalendar, next_or_same
from ltc.calendars.models import BusinessCalendar, CalendarDay
from ltc.calendars.selectors import today, work_calendar
from ltc.calendars.services import set_day, set_up_calendar
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.services import create_tenant
from tests import make
from tests.callers import caller_of
from tests.pages import Browser


def test_two_tenants_have_their_own_today_at_the_same_instant(db: None) -> None:
    instant = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    shanghai = make.tenant("east", time_zone="Asia/Shanghai")
    new_york = make.tenant("west", time_zone="America/New_York")
    assert (today(shanghai, at=instant), today(new_york, at=instant)) == (date(2026, 4, 1), date(2026, 3, 31))


def test_a_chinese_tenant_starts_with_the_holidays_and_make_up_days_of_the_year(inside: Tenant) -> None:
    for _again in range(2):
        set_up_calendar("CN", years=[2026])
    calendar = work_calendar()
    assert (len(calendar.holidays), len(calendar.workdays)) == (33, 6)
    assert next_or_same(calendar, date(2026, 10, 3)) == date(2026, 10, 8)
    assert calendar.is_business_day(date(2026, 10, 10))


def test_a_country_has_its_own_calendar_and_others_use_the_default(inside: Tenant) -> None:
    set_up_calendar("CN", years=[2026])
    set_up_calendar("US", years=[2026, 2027])
    independence_day = date(2026, 7, 3)
    assert not work_calendar("US").is_business_day(independence_day)
    assert work_calendar("DE").is_business_day(independence_day)
    assert not work_calendar("DE").is_business_day(date(2026, 10, 1))
    assert BusinessCalendar.objects.filter(is_default=True).count() == 1


def test_a_tenant_without_a_calendar_works_monday_to_friday(inside: Tenant) -> None:
    assert work_calendar("CN") == WorkCalendar()


def test_a_tenant_may_work_other_days_and_hours(inside: Tenant) -> None:
    BusinessCalendar.objects.create(name="Gulf", is_default=True, weekend=[5, 6], work_start=time(8), work_end=time(16))
    calendar = work_calendar()
    assert not calendar.is_business_day(date(2026, 6, 5))
    assert calendar.is_business_day(date(2026, 6, 7))
    assert (calendar.work_start, calendar.work_end) == (time(8), time(16))


def test_holidays_that_the_tenant_entered_stay_as_they_are(inside: Tenant) -> None:
    calendar = set_up_calendar("CN", years=[])
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 10, 7), kind=CalendarDay.Kind.WORKDAY, name="Stocktaking")
    set_up_calendar("CN", years=[2026])
    assert work_calendar().is_business_day(date(2026, 10, 7))


@pytest.mark.parametrize("days", [[1, 2, 3, 4, 5, 6, 7], [0], [8], [6, 6]])
def test_a_weekend_leaves_a_day_to_work_on(inside: Tenant, days: list[int]) -> None:
    with pytest.raises(ValidationError):
        BusinessCalendar(name="Wrong", weekend=days).full_clean()


def test_a_calendar_has_each_day_once(inside: Tenant) -> None:
    calendar = set_up_calendar("CN", years=[2026])
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(calendar=calendar, date=date(2026, 10, 1), kind=CalendarDay.Kind.WORKDAY)


def test_a_tenant_sees_only_its_own_calendar(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(tenant):
        set_up_calendar("CN", years=[2026])
    with acting_for(other_tenant):
        assert work_calendar() == WorkCalendar()


def test_a_company_may_keep_its_books_in_one_currency_and_the_holidays_of_another_country(db: None) -> None:
    founded = create_tenant(
        code="abroad", name="Abroad", time_zone="Asia/Shanghai", currency="EUR", calendar="CN", fiscal_year_start_month=4
    )
    with acting_for(founded):
        assert date(2026, 10, 1) in work_calendar().holidays
    assert founded.fiscal_year_start_month == 4


def test_weekend_and_hours_are_changed_on_the_page(inside: Tenant) -> None:
    set_up_calendar("US", years=[2026])
    page = Browser(make.member("adm"))
    answer = page.post("/settings/calendar/", hours="1", weekend=["5", "6"], work_start="08:00", work_end="16:00")
    assert answer.status_code == 302
    assert (work_calendar().weekend, work_calendar().work_start) == (frozenset({5, 6}), time(8))
    wrong = page.post("/settings/calendar/", hours="1", weekend=list("1234567"), work_start="08:00", work_end="16:00")
    assert wrong.status_code == 422


def test_a_date_that_is_entered_again_becomes_what_was_entered_last(inside: Tenant) -> None:
    calendar, admin = set_up_calendar("US", years=[2026]), make.member("adm")
    for kind in ("holiday", "workday"):
        set_day(actor=admin, calendar=calendar, date=date(2026, 8, 8), kind=kind, name="Move")
    assert [day.kind for day in calendar.days.filter(date=date(2026, 8, 8))] == ["workday"]
    with pytest.raises(Forbidden):
        set_day(actor=make.member("rep"), calendar=calendar, date=date(2026, 8, 9), kind="holiday")


def test_the_calendar_is_kept_by_rest(tenant: Tenant) -> None:
    with acting_for(tenant):
        calendar = set_up_calendar("US", years=[2026])
    caller = caller_of(tenant, "*", role="adm")
    made = caller.post("calendar-days/", {"calendar": str(calendar.pk), "date": "2026-08-08", "kind": "workday", "name": "Move"})
    assert made.status_code == 201
    assert caller.post(f"calendar-days/{made.json()['id']}/remove/", {}).status_code == 204
    changed = caller.patch(f"calendars/{calendar.pk}/", {"weekend": [7]})
    assert (changed.status_code, changed.json().get("weekend")) == (200, [7]), changed.json()
    refused = caller.patch(f"calendars/{calendar.pk}/", {"work_start": "19:00:00"})
    assert refused.status_code == 400
