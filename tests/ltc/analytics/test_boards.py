"""The dashboards: each role has its own, every number opens its records, and a large company's look counts nothing itself."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ltc.analytics import figures
from ltc.analytics.boards import BOARDS, BOARDS_OF, WITHOUT_AMOUNTS
from ltc.analytics.models import Figure
from ltc.analytics.parts import PARTS
from ltc.analytics.registry import metrics, panels
from ltc.analytics.services import roll_up
from ltc.analytics.views.behind import as_csv
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from tests import make
from tests.ltc.analytics.told import gold_sales
from tests.pages import Browser

NOON = datetime(2026, 6, 30, 4, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MOST_QUERIES = 20
KPI = re.compile(r'<dt><a href="([^"]+)">([^<]+)</a></dt><dd><span>([^<]+)</span>')


@pytest.fixture
def june() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def executive(inside: Tenant, june: None) -> Membership:
    gold_sales()
    roll_up(now=NOON, zone=ZONE)
    return make.member("exec")


def kpis(page: Any) -> dict[str, tuple[str, str]]:
    """Label -> (shown, address) of a board's headlines."""
    return {label: (value, url.replace("&amp;", "&")) for url, label, value in KPI.findall(page.content.decode())}


@pytest.mark.parametrize("role", BOARDS_OF)
def test_each_role_has_its_boards_and_an_empty_company_is_no_error(inside: Tenant, role: str) -> None:
    browser = Browser(make.member(role))
    for board in BOARDS_OF[role]:
        page = browser.get(f"/insight/boards/{board.code}/")
        assert page.status_code == 200
        assert str(board.label) in page.content.decode()
    others = {board.code for boards in BOARDS_OF.values() for board in boards} - {board.code for board in BOARDS_OF[role]}
    assert all(browser.get(f"/insight/boards/{code}/").status_code == 404 for code in others)


def test_every_headline_opens_exactly_the_records_that_it_counts(executive: Membership) -> None:
    browser = Browser(executive)
    found = kpis(browser.get("/insight/boards/overview/?period=quarter"))
    assert found["New leads"][0] == "10" and found["Win rate"][0] == "80.0%"
    behind = browser.get(found["Win rate"][1]).content.decode()
    assert "5 records counted" in behind
    assert all(number in behind for number in ("O1", "O2", "O3", "O5", "O7")) and "O8" not in behind
    lines = b"".join(browser.get(found["Win rate"][1].replace("/?", "/rows.csv?")).streaming_content).decode()
    assert len(lines.strip().splitlines()) == 1 + 5


def test_a_slice_opens_its_part_and_the_parts_are_the_whole(executive: Membership) -> None:
    browser = Browser(executive)
    counted = {}
    for channel in ("web", "exhibition", "referral", "baidu"):
        page = browser.get(f"/insight/metrics/lead.count/?period=quarter&by=channel&slice={channel}").content.decode()
        counted[channel] = int(re.findall(r"(\d+) records? counted", page)[0])
    assert counted == {"web": 3, "exhibition": 3, "referral": 2, "baidu": 2}


def test_a_bar_of_the_funnel_opens_the_leads_that_reached_the_step(executive: Membership) -> None:
    browser = Browser(executive)
    page = browser.get("/insight/steps/won/?period=quarter").content.decode()
    assert "3 leads reached this step" in page and all(number in page for number in ("L1", "L4", "L7"))
    assert "1 lead reached this step" in browser.get("/insight/steps/won/?period=quarter&channel=web").content.decode()


def test_every_code_that_a_board_names_is_answered_for() -> None:
    assert {code for board in BOARDS.values() for code in board.headlines} <= {metric.code for metric in metrics()}
    assert {code for part in PARTS.values() for code in part.codes} <= {metric.code for metric in metrics()}
    assert {code for board in BOARDS.values() for code in board.parts} <= set(PARTS) | {panel.code for panel in panels()}


def test_new_leads_show_their_course_in_a_company_that_has_closed_no_period_yet(executive: Membership) -> None:
    page = Browser(executive).get("/insight/boards/overview/?period=quarter").content.decode()
    assert '<svg class="spark' in page


def test_another_period_is_swapped_in_without_the_page_around_it(executive: Membership) -> None:
    part = Browser(executive).get("/insight/boards/overview/?period=month&compare=year", htmx=True).content.decode()
    assert 'id="dashboard"' in part and "<html" not in part and "June 2025" in part


def test_the_team_switch_shows_one_teams_numbers_and_never_more_than_one_sees(executive: Membership) -> None:
    team, empty = make.team("North"), make.team("South")
    manager = make.member("mgr", team=empty)
    mine = kpis(Browser(executive).get(f"/insight/boards/overview/?period=quarter&team={empty.pk}"))
    assert mine["New leads"][0] == "0"
    foreign = kpis(Browser(manager).get(f"/insight/boards/overview/?period=quarter&team={team.pk}"))
    assert foreign == kpis(Browser(manager).get("/insight/boards/overview/?period=quarter"))


@pytest.mark.parametrize("role", sorted(WITHOUT_AMOUNTS))
def test_who_is_told_no_amounts_finds_none_behind_a_number_either(executive: Membership, role: str) -> None:
    browser = Browser(make.member(role))
    assert "Average won deal" not in browser.get("/insight/definitions/").content.decode()
    assert browser.get("/insight/metrics/opp.average_won/").status_code == 403
    assert browser.get("/insight/metrics/opp.win_rate/").status_code == 200


def test_a_large_companys_look_reads_what_was_counted_before(executive: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(executive)
    counted_now = {board.code: kpis(browser.get(f"/insight/boards/{board.code}/?period=quarter")) for board in BOARDS_OF["exec"]}
    monkeypatch.setattr(figures, "LARGE", 5)
    assert kpis(browser.get("/insight/boards/overview/?period=quarter"))["Win rate"][0] == "…"
    for metric, period in figures.wanted_figures(NOON.astimezone(ZONE).date(), ZONE):
        figures.keep_figure(metric, period, now=NOON)
    kept = Figure.objects.count()
    for code, expected in counted_now.items():
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(f"/insight/boards/{code}/?period=quarter")
        assert kpis(page) == expected
        assert len(captured) <= MOST_QUERIES, "\n".join(query["sql"][:150] for query in captured.captured_queries)
    assert Figure.objects.count() == kept


def test_the_numbers_of_a_board_come_as_a_file(executive: Membership) -> None:
    answer = Browser(executive).get("/insight/boards/overview/figures.csv?period=quarter")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert "New leads,10," in lines[1] and answer["Content-Type"].startswith("text/csv")


def test_a_name_in_a_file_is_no_formula():
    lines = b"".join(as_csv("rows", ["Record"], [["=HYPERLINK(1)"], ["-5.0 %"], ["-1+cmd|x"], [-3]]).streaming_content).decode()
    assert lines.lstrip("\ufeff").split("\r\n") == ["Record", "'=HYPERLINK(1)", "-5.0 %", "'-1+cmd|x", "-3", ""]
