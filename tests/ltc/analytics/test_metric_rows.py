"""Contract over all metrics: the records behind a number are those that were counted, the slices make up the whole, and a tenant
without data is no error."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.analytics.counted import Question, count, mean, share, total
from ltc.analytics.periods import Period
from ltc.analytics.registry import metric_named, metrics
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from tests.callers import Caller, caller_of
from tests.ltc.analytics.told import gold_sales

CODES = [metric.code for metric in metrics()]
QUERY = "from=2026-04-01&to=2026-06-30&as_of=2026-06-30"
SUMS = (count, share, mean, total)
MOST_QUERIES = 20


def rows_of(caller: Caller, code: str, query: str = QUERY) -> tuple[int, list[Any]]:
    found, after = [], "0"
    while True:
        page = caller.get(f"metrics/{code}/rows/?{query}&limit=200&after={after}").json()
        found += page["data"]
        if page["next"] is None:
            return page["counted"], found
        after = page["next"]


def test_the_records_behind_each_number_are_those_that_were_counted(tenant: Tenant) -> None:
    with acting_for(tenant):
        gold_sales()
    for code in CODES:
        caller = caller_of(tenant)  # a key of its own, for there is a limit on how much one key asks
        metric, answer = metric_named(code), caller.get(f"metrics/{code}/?{QUERY}").json()
        counted, rows = rows_of(caller, code)
        assert metric is not None and counted == len(rows) == answer["counted"], code
        assert len({(row["type"], row["id"], row["role"]) for row in rows}) == len(rows), code
        if metric.reduce in SUMS:
            assert sum(Decimal(row["numerator"]) for row in rows) == Decimal(answer["numerator"]), code
        if metric.reduce in (share, mean):
            assert sum(Decimal(row["denominator"]) for row in rows) == Decimal(answer["denominator"]), code
        for by in metric.slices:
            slices = caller.get(f"metrics/{code}/?{QUERY}&by={by}").json()["rows"]
            assert sum(part["counted"] for part in slices) == counted, (code, by)
            if metric.reduce in SUMS and slices:
                assert sum(Decimal(part["numerator"]) for part in slices) == Decimal(answer["numerator"]), (code, by)


@pytest.mark.parametrize("code", CODES)
def test_a_tenant_without_data_is_no_error(caller: Caller, code: str) -> None:
    response = caller.get(f"metrics/{code}/?{QUERY}")
    answer = response.json()
    assert response.status_code == 200 and answer["counted"] == 0
    if answer["unit"] in ("rate", "days", "minutes") and not answer["is_table"]:
        assert (answer["value"], answer["flags"]) == (None, ["no_data"])


def test_a_metric_takes_as_many_queries_for_few_records_as_for_many(inside: Tenant) -> None:
    quarter = Period(date(2026, 4, 1), date(2026, 6, 30), ZoneInfo(inside.time_zone))
    question = Question(quarter, quarter.end, SYSTEM)

    def queries() -> dict[str, int]:
        found = {}
        for metric in metrics():
            with CaptureQueriesContext(connection) as captured:
                metric.compute(question)
            found[metric.code] = len(captured)
        return found

    past = gold_sales()
    few = queries()
    for number in range(5):
        past.lead(f"M{number}", "web", "04-05", converted="04-20")
        past.deal(f"P{number}", "1000", "04-20 S1", "05-02 S2", "05-20 won", lead=f"M{number}")
    assert queries() == few
    assert max(few.values()) <= MOST_QUERIES
