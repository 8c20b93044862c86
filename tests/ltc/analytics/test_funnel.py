from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from leads.models import Channel, Lead
from ltc.analytics.counted import rate
from ltc.analytics.models import FunnelDay
from ltc.analytics.periods import Length, Period, period_of
from ltc.analytics.selectors import by_channel, funnel_of, seen_by, trend
from ltc.analytics.services import roll_up_funnel
from ltc.tenancy.models import Tenant
from tests import make
from tests.contracts.rows import make_row
from tests.leads import make as leads
from tests.pages import Browser

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "offset", "first", "last"),
    [
        (Length.MONTH, 0, date(2026, 11, 1), date(2026, 11, 30)),
        (Length.QUARTER, 0, date(2026, 10, 1), date(2026, 12, 31)),
        (Length.QUARTER, -1, date(2026, 7, 1), date(2026, 9, 30)),
        (Length.QUARTER, -4, date(2025, 10, 1), date(2025, 12, 31)),
        (Length.YEAR, -1, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_a_period_is_found_by_its_length_and_offset(length: Length, offset: int, first: date, last: date) -> None:
    period = period_of(date(2026, 11, 21), length, SHANGHAI, offset)
    assert (period.first, period.last) == (first, last)


def test_a_period_begins_at_the_tenants_midnight_also_across_a_clock_change() -> None:
    march = period_of(date(2026, 3, 10), Length.MONTH, ZoneInfo("America/New_York"))
    assert (march.start, march.end) == (datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC))


def test_a_rate_without_a_denominator_is_null_and_says_so() -> None:
    assert (rate(0, 0).value, rate(0, 0).flags) == (None, ("no_data",))
    assert rate(6, 7).value == Decimal("0.8571")


def test_the_roll_up_counts_leads_on_the_tenants_own_day_and_gives_the_same_rows_again(inside: Tenant) -> None:

    web = make_row(Channel, code="web")
    for captured in ("2026-03-31T16:30Z", "2026-04-01T01:00Z", "2026-06-30T16:30Z"):
        make_row(Lead, channel=web, captured_at=datetime.fromisoformat(captured))
    quarter = Period(date(2026, 4, 1), date(2026, 6, 30), SHANGHAI)
    for _ in range(2):
        roll_up_funnel(quarter, now=NOW)
    found = FunnelDay.objects.filter(step="leads", count__gt=0).values_list("day", "channel", "count")
    assert list(found) == [(date(2026, 4, 1), "web", 2)]


def test_a_count_whose_leads_are_gone_falls_to_zero(inside: Tenant) -> None:

    lead = make_row(Lead, captured_at=datetime(2026, 4, 2, tzinfo=UTC))
    quarter = Period(date(2026, 4, 1), date(2026, 6, 30), SHANGHAI)
    roll_up_funnel(quarter, now=NOW)
    lead.delete()
    roll_up_funnel(quarter, now=datetime(2026, 7, 2, tzinfo=UTC))
    assert not FunnelDay.objects.filter(count__gt=0).exists()


def test_who_sees_their_own_records_only_is_told_their_own_numbers_only(inside: Tenant) -> None:
    mine, other, executive = make.member("rep"), make.member("rep"), make.member("exec")
    for owner in (mine, other, other):
        leads.lead(owner=owner, at=datetime(2026, 4, 2, tzinfo=UTC))
    quarter = Period(date(2026, 4, 1), date(2026, 6, 30), SHANGHAI)
    roll_up_funnel(quarter, now=NOW)
    for reader, count in ((mine, 1), (other, 2), (executive, 3)):
        seen = seen_by(reader, quarter)
        assert funnel_of(quarter, seen)[0].count == count
        assert [n for _channel, step, n in by_channel(quarter, seen) if step == "leads"] == [count]
        assert sum(trend(quarter, seen)["leads"]) == count
    assert Browser(mine).get("/insight/").status_code == 200
