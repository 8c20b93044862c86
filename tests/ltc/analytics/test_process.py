"""The process map: the ways that leads, deals and orders took, through REST and on its page."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests import make
from tests.callers import Caller, caller_of
from tests.collections.history import gold
from tests.ltc.analytics.test_history_gold import company
from tests.pages import Browser

pytestmark = pytest.mark.django_db
Q2 = "from=2026-04-01&to=2026-06-30&as_of=2026-06-30"


@pytest.fixture
def golden() -> Tenant:
    return company(gold.sales())


def ask(caller: Caller, path: str, query: str = Q2) -> Any:
    response = caller.get(f"process/{path}/?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def test_the_ways_of_the_golden_deals(golden: Tenant) -> None:
    told = ask(caller_of(golden), "opportunities")
    assert told["cases"] == 6
    assert {each["key"]: (each["count"], each["median_days"], each["rework"], each["skips"]) for each in told["variants"]} == {
        "S1>S2>S3>S4>S5>won": (1, "37.0000", 0, 0),
        "S1>S2>S3>lost": (1, "35.0000", 0, 0),
        "S1>S2>S3>S2>S3>S4>S5>won": (1, "56.0000", 2, 0),
        "S1>S4>S5>won": (1, "10.0000", 0, 2),
        "S1>S2>S3>lost>S3>S4>S5>won": (1, "61.0000", 1, 0),
        "S1>cancelled": (1, "22.0000", 0, 0),
    }
    assert (told["rework"], told["skips"]) == ({"cases": 2, "share": "0.3333"}, {"cases": 1, "share": "0.1667"})
    moves = {(move["from"], move["to"]): (move["count"], move["median_days"]) for move in told["moves"]}
    assert moves["S1", "S2"] == (4, "7.5000") and moves["S3", "S2"] == (1, "6.0000") and moves["lost", "S3"] == (1, "15.0000")
    times = {each["step"]: each["total_days"] for each in told["times"]}
    assert times == {"S1": "55.0000", "S2": "52.0000", "S3": "67.0000", "S4": "20.0000", "S5": "12.0000"}
    assert told["bottleneck"]["step"] == "S3" and told["bottleneck"]["share"] == "0.3252"


def test_the_records_behind_a_way_are_those_that_took_it(golden: Tenant) -> None:
    caller = caller_of(golden)
    for code in ("leads", "opportunities", "orders"):
        for of in ("ended", "begun"):
            told, rows = ask(caller, code, f"{Q2}&of={of}"), ask(caller, f"{code}/rows", f"{Q2}&of={of}")
            assert told["cases"] == rows["counted"] == len(rows["data"]) == sum(each["count"] for each in told["variants"]), (code, of)
    skipped = ask(caller, "opportunities/rows", f"{Q2}&variant=S1>S4>S5>won")
    assert (skipped["counted"], skipped["data"][0]["days"]) == (1, "10.0000")
    assert ask(caller, "leads")["variants"][0] == {
        "key": "new>converted", "steps": ["new", "converted"], "count": 7, "share": "0.7778", "median_days": "19.3542", "rework": 0,
        "skips": 3,
    }  # fmt: skip


def test_what_is_asked_wrongly_is_refused_and_no_data_is_no_error(caller: Caller) -> None:
    assert [each["code"] for each in caller.get("process/").json()["data"]] == ["leads", "opportunities", "orders"]
    assert caller.get("process/nothing/").status_code == 404
    assert caller.get("process/leads/?of=all").status_code == 400
    told = ask(caller, "opportunities")
    assert (told["cases"], told["variants"], told["bottleneck"], told["rework"]["share"]) == (0, [], None, None)


def test_the_map_is_drawn_and_a_way_opens_its_records(golden: Tenant) -> None:
    with acting_for(golden):
        browser = Browser(make.member("exec"))
    with time_machine.travel(datetime(2026, 6, 30, 4, tzinfo=UTC), tick=False):
        page = browser.get("/insight/process/opportunities/").content.decode()
        assert "<svg" in page and page.count("<rect") >= 8
        opened = browser.get("/insight/process/opportunities/", variant="S1>S4>S5>won").content.decode()
        assert "1 record took this way" in opened
        assert browser.get("/insight/process/").status_code == 200
        assert browser.get("/insight/process/nothing/").status_code == 404
    with acting_for(golden):
        assert "Nothing ended" in Browser(make.member("exec")).get("/insight/process/orders/").content.decode()
