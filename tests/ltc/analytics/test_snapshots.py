"""What was reported at the close of a period stays; what is known later restates it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ltc.analytics.models import MetricSnapshot
from ltc.analytics.periods import Period
from ltc.analytics.registry import metric_named
from ltc.analytics.services import closed_periods, snapshot
from ltc.analytics.tasks import close
from ltc.events.models import Work
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.ltc.analytics.told import gold_sales

ZONE = ZoneInfo("Asia/Shanghai")
MAY = Period(date(2026, 5, 1), date(2026, 5, 31), ZONE)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def keep(code: str) -> MetricSnapshot:
    metric = metric_named(code)
    assert metric is not None
    return snapshot(metric, MAY, now=NOW)


def asked(caller: Caller, code: str, as_of: str) -> Any:
    return caller.get(f"metrics/{code}/?from=2026-05-01&to=2026-05-31&as_of={as_of}").json()


def test_a_reopened_deal_restates_what_was_reported_and_both_are_told(tenant: Tenant) -> None:
    with acting_for(tenant):
        gold_sales()
        assert keep("opp.win_rate").value == Decimal("0.5")
    answer = asked(caller_of(tenant), "opp.win_rate", "2026-06-30")
    assert (answer["value"], Decimal(answer["reported"]["value"]), answer["flags"]) == ("0.6667", Decimal("0.5"), ["restated"])
    assert asked(caller_of(tenant), "opp.win_rate", "2026-05-31")["flags"] == []


def test_what_was_kept_is_not_kept_again(inside: Tenant) -> None:
    past = gold_sales()
    first = keep("opp.win_rate")
    past.deal("Late", "1000", "05-01 S1", "05-20 won")
    assert keep("opp.win_rate").pk == first.pk and MetricSnapshot.objects.count() == 1


def test_tables_are_kept_too(tenant: Tenant) -> None:
    with acting_for(tenant):
        gold_sales()
        keep("funnel.flow")
    answer = asked(caller_of(tenant), "funnel.flow", "2026-06-30")
    assert answer["reported"]["table"]["won"] == 2


def test_periods_close_once_they_are_over_and_a_night_that_was_missed_is_caught_up() -> None:
    found = [(period.first, period.last) for period in closed_periods(date(2026, 7, 1), ZONE)]
    assert (date(2026, 6, 1), date(2026, 6, 30)) in found and (date(2026, 5, 1), date(2026, 5, 31)) in found
    assert (date(2026, 4, 1), date(2026, 6, 30)) in found and (date(2025, 1, 1), date(2025, 12, 31)) in found


def test_a_company_keeps_nothing_of_the_time_before_it_was_here(inside: Tenant) -> None:
    close({})
    assert not Work.objects.filter(kind="analytics.snapshot").exists()
    Tenant.objects.filter(pk=inside.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    close({})
    kept = Work.objects.filter(kind="analytics.snapshot")
    assert kept.filter(key__startswith="opp.win_rate:").count() >= 3
    before = kept.count()
    close({})
    assert kept.count() == before
