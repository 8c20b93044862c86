from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from leads.scorecards import rules_from
from leads.scoring import (
    Behaviour,
    LeadFacts,
    ScoringRules,
    engagement,
    fit,
    is_marketing_qualified,
    marks_of,
    region_class,
    rule_score,
    size_band,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
AS_OF = datetime(2026, 6, 30, 12, tzinfo=SHANGHAI)
RULES = ScoringRules()


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=SHANGHAI)


# The hand check of the scorecard (GD-9a).
FACTS = LeadFacts(
    industry_match="target", size_employees=size_band(320), region="core", seniority="manager", budget="planned", timeline="m4_6",
    marks=frozenset({"personal_mail"}),
)  # fmt: skip
EVENTS = [
    Behaviour("quote_request", noon(5, 31)),
    Behaviour("event_attended", noon(5, 1)),
    Behaviour("call_connected", noon(6, 16)),
    Behaviour("email_click", noon(6, 23), quantity=4),
    Behaviour("page_view_pricing", noon(6, 30)),
    Behaviour("no_show", noon(5, 31)),
]


def test_the_worked_example_scores_62() -> None:
    score = rule_score(FACTS, EVENTS, as_of=AS_OF, zone=SHANGHAI)
    assert (score.fit, score.engagement, score.score) == (Decimal("78.00"), Decimal("38.00"), 62)
    assert (score.grade, score.matrix_cell) == ("B", "A2")
    lines = {line.code: line.points for line in score.lines}
    assert {code: points / Decimal("0.4") for code, points in lines.items() if code in {event.type for event in EVENTS}} == {
        "quote_request": 20, "event_attended": 5, "call_connected": 6, "email_click": 6, "page_view_pricing": 6, "no_show": -5,
    }  # fmt: skip


def test_the_worked_example_scores_52_a_month_later() -> None:
    score = rule_score(FACTS, EVENTS, as_of=AS_OF + timedelta(days=30), zone=SHANGHAI)
    assert (score.fit, score.engagement, score.score) == (Decimal("78.00"), Decimal("11.97"), 52)
    assert (score.grade, score.matrix_cell) == ("B", "A3")
    _points, lines = engagement(EVENTS, RULES, as_of=AS_OF + timedelta(days=30), zone=SHANGHAI)
    assert [round(line.points, 4) for line in sorted(lines, key=lambda line: -line.points)] == [
        Decimal("10.0000"), Decimal("2.5000"), Decimal("1.3586"), Decimal("0.3076"), Decimal("0.3076"), Decimal("-2.5000"),
    ]  # fmt: skip


@pytest.mark.parametrize("days", [0, 3, 30, 200])
def test_the_reasons_add_up_to_the_score(days: int) -> None:
    score = rule_score(FACTS, EVENTS, as_of=AS_OF + timedelta(days=days), zone=SHANGHAI)
    assert sum(line.points for line in score.lines) == score.score


def test_a_missing_fact_says_how_much_it_could_bring() -> None:
    points, lines = fit(LeadFacts(industry_match="unknown"), RULES)
    assert points == 0
    assert {line.code: line.possible for line in lines} == {
        "industry_match": 25, "size_employees": 20, "region": 10, "seniority": 20, "budget": 15, "timeline": 10,
    }  # fmt: skip


def test_a_competitor_scores_nothing_and_the_reasons_still_add_up() -> None:
    score = rule_score(LeadFacts(industry_match="target", marks=frozenset({"competitor"})), [], as_of=AS_OF, zone=SHANGHAI)
    assert (score.fit, score.score, score.grade) == (Decimal("0.00"), 0, "D")
    assert sum(line.points for line in score.lines) == 0


def test_a_blocked_lead_scores_nothing_whatever_it_does() -> None:
    score = rule_score(LeadFacts(industry_match="target", is_blocked=True), EVENTS, as_of=AS_OF, zone=SHANGHAI)
    assert (score.score, score.grade, score.matrix_cell) == (0, "D", "D4")


@pytest.mark.parametrize(
    ("employees", "band"), [(None, ""), (0, ""), (9, "1-9"), (10, "10-49"), (199, "50-199"), (999, "200-999"), (1000, "1000+")]
)
def test_size_bands_meet_without_a_gap(employees: int | None, band: str) -> None:
    assert size_band(employees) == band


def test_the_daily_cap_goes_by_the_local_day() -> None:
    late = datetime(2026, 6, 29, 23, 30, tzinfo=SHANGHAI)
    same_day = [Behaviour("form_submit", late), Behaviour("form_submit", late + timedelta(minutes=20))]
    two_days = [Behaviour("form_submit", late), Behaviour("form_submit", late + timedelta(minutes=40))]
    once, _ = engagement(same_day, RULES, as_of=AS_OF, zone=SHANGHAI)
    twice, _ = engagement(two_days, RULES, as_of=AS_OF, zone=SHANGHAI)
    assert once < 15 < twice


def test_one_type_of_event_counts_for_fifty_at_most() -> None:
    many = [Behaviour("quote_request", AS_OF - timedelta(days=n)) for n in range(10)]
    assert engagement(many, RULES, as_of=AS_OF, zone=SHANGHAI)[0] == Decimal("50.00")


def test_the_future_does_not_count() -> None:
    assert engagement([Behaviour("quote_request", AS_OF + timedelta(seconds=1))], RULES, as_of=AS_OF, zone=SHANGHAI)[0] == 0


def test_a_good_score_and_fit_make_a_lead_marketing_qualified() -> None:
    score = rule_score(FACTS, EVENTS, as_of=AS_OF, zone=SHANGHAI)
    assert is_marketing_qualified(score, EVENTS, as_of=AS_OF)
    later = AS_OF + timedelta(days=30)
    assert not is_marketing_qualified(rule_score(FACTS, EVENTS, as_of=later, zone=SHANGHAI), EVENTS, as_of=later)


@pytest.mark.parametrize(("days", "qualified"), [(14, True), (15, False)])
def test_a_fresh_request_for_a_quote_and_some_fit_do_too(days: int, qualified: bool) -> None:
    asked = [Behaviour("quote_request", AS_OF - timedelta(days=days))]
    score = rule_score(LeadFacts(industry_match="target"), asked, as_of=AS_OF, zone=SHANGHAI)
    assert is_marketing_qualified(score, asked, as_of=AS_OF) is qualified


def test_a_tenant_changes_only_what_it_names() -> None:
    rules = rules_from({"industry_match": {"adjacent": 20}, "core_regions": ["Guangdong "], "events": {"page_view": [2, 7, 5]}})
    assert (rules.industry_match["target"], rules.industry_match["adjacent"]) == (25, 20)
    assert region_class("guangdong", rules) == "core"
    assert rules.events["page_view"].points == 2
    assert rules.events["email_open"].points == 1


@pytest.mark.parametrize("differences", [{"colour": 1}, {"fit_weight": "0.7"}])
def test_a_scorecard_that_makes_no_sense_is_refused(differences: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="scorecard|weights"):
        rules_from(differences)


def test_marks_are_read_off_the_contact_data() -> None:
    rules = rules_from({"competitor_domains": ["rival.example"]})
    assert marks_of(email="a@QQ.com", phone="", rules=rules) == {"personal_mail"}
    assert marks_of(email="a@cs.tsinghua.edu.cn", phone="", rules=rules) == {"student"}
    assert marks_of(email="a@rival.example", phone="+861", rules=rules) == {"competitor"}
    assert marks_of(email="", phone="", rules=rules) == {"unreachable"}
