"""New leads find their owner by rules, in turn, past who is away or full; and somebody hears of it when nobody answers."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from leads.assignment import create_rule, distribute
from leads.escalation import pass_on_the_hot, tell_of_breaches
from leads.events import LeadSlaBreached
from leads.models import DistributionRule, Lead, LeadAssignment, PublicPool
from leads.turns import next_turn
from ltc.activities.models import Activity
from ltc.events.bus import _subscribers
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership, Team
from ltc.workflow.engine import perform
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.pages import Browser

WORKING_HOURS = datetime(2026, 11, 18, 2, tzinfo=UTC)  # a Wednesday, ten in Shanghai


def rule(**fields: Any) -> DistributionRule:
    return create_rule(actor=SYSTEM, **{"name": f"Rule {DistributionRule.objects.count()}", **fields})


@pytest.fixture
def south(inside: Tenant) -> Team:
    return make.team("South")


@pytest.fixture
def reps(south: Team) -> list[Membership]:
    return [make.member("rep", team=south, capacity=capacity) for capacity in (200, 200, 100)]


def test_who_can_take_twice_as_much_comes_up_twice_as_often() -> None:
    standing: dict[str, int] = {}
    turns = []
    for _ in range(10):
        chosen, standing = next_turn({"ann": 200, "bob": 200, "cai": 100}, standing)
        turns.append(chosen)
    assert turns == ["ann", "bob", "cai", "ann", "bob"] * 2
    assert next_turn({"ann": 0}, {"ann": 3}) == (None, {"ann": 3})


def test_a_team_takes_leads_in_turn_by_capacity(south: Team, reps: list[Membership]) -> None:
    rule(team=south)
    owners = Counter(leads.lead().owner for _ in range(10))
    assert [owners[rep] for rep in reps] == [4, 4, 2]
    assert set(LeadAssignment.objects.values_list("method", "reason")) == {("round_robin", "Rule 0")}


@pytest.mark.parametrize("gone", [{"state": "inactive"}, {"on_leave_from": "2000-01-01"}, {"capacity": 0}])
def test_who_is_gone_away_or_full_is_passed_over(south: Team, reps: list[Membership], gone: dict[str, Any]) -> None:
    rule(team=south)
    Membership.objects.filter(pk=reps[0].pk).update(**gone)
    assert {leads.lead().owner for _ in range(4)} == {*reps[1:]}


def test_who_is_full_gets_no_more_and_the_next_rule_is_asked(inside: Tenant) -> None:
    full, other = make.member("rep", capacity=1), make.member("rep")
    rule(member=full, position=1)
    rule(member=other, position=2)
    assert [leads.lead().owner for _ in range(3)] == [full, other, other]


@pytest.mark.parametrize(
    ("asked", "fitting", "other"),
    [
        ({"regions": ["Guangdong"]}, {"region": "guangdong Foshan"}, {"region": "Hunan"}),
        ({"industries": ["machinery", "tools"]}, {"industry": "Tools"}, {"industry": ""}),
        ({"products": ["pump"]}, {"product_interest": "Two pumps"}, {"product_interest": "Valve"}),
    ],
)
def test_a_rule_looks_at_what_is_known_of_the_lead(rep: Membership, asked: dict, fitting: dict, other: dict) -> None:
    rule(member=rep, **asked)
    assert (leads.lead(**fitting).owner, leads.lead(**other).owner) == (rep, None)


def test_a_rule_looks_at_source_and_score(rep: Membership) -> None:
    rule(member=rep, channels=["fair"], score_min=1)
    from_the_fair = leads.lead(channel=leads.channel("fair"), industry_match="target", seniority="decision_maker", budget="approved")
    assert from_the_fair.score > 0 and from_the_fair.owner == rep
    assert leads.lead(industry_match="target", budget="approved").owner is None


def test_rules_are_asked_in_their_order(inside: Tenant) -> None:
    first, second = make.member("rep"), make.member("rep")
    rule(member=second, position=20)
    rule(member=first, position=10, regions=["Hunan"])
    assert (leads.lead(region="Hunan").owner, leads.lead().owner) == (first, second)


def test_a_rule_may_send_leads_to_a_pool(inside: Tenant) -> None:
    pool = PublicPool.objects.create(name="South")
    rule(pool=pool)
    lead = leads.lead()
    assert (lead.owner, Lead.objects.get(pk=lead.pk).pool) == (None, pool)


@pytest.mark.parametrize(("hour", "given"), [(2, True), (12, False)])
def test_a_rule_for_working_hours_rests_in_the_evening(rep: Membership, hour: int, given: bool) -> None:
    lead = leads.lead()
    rule(member=rep, working_hours_only=True)
    assert (distribute(lead, at=WORKING_HOURS.replace(hour=hour)) is not None) is given


def test_a_rule_has_one_target(inside: Tenant, rep: Membership) -> None:
    with pytest.raises(Refusal):
        rule(member=rep, team=make.team("North"))
    with pytest.raises(Refusal):
        rule()
    with pytest.raises(Forbidden):
        create_rule(actor=rep, name="Mine", member=rep)
    assert not DistributionRule.objects.exists()


@pytest.fixture
def rush(transactional_db: None) -> Iterator[tuple[Tenant, list[Membership]]]:
    tenant = make.tenant("rush")
    with acting_for(tenant):
        team = make.team("South")
        members = [make.member("rep", team=team) for _ in range(4)]
        rule(team=team)
        leads.channel()
    yield tenant, members


def test_leads_that_come_at_once_go_to_different_people(rush: tuple[Tenant, list[Membership]]) -> None:
    tenant, members = rush

    def capture(_number: int) -> Any:
        try:
            with acting_for(tenant):
                return leads.lead().owner_id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        owners = Counter(pool.map(capture, range(8)))
    assert owners == {member.pk: 2 for member in members}


def assigned(owner: Membership, grade: str, at: datetime) -> Lead:
    lead = leads.lead()
    Lead.objects.filter(pk=lead.pk).update(grade=grade)
    return perform(lead, "assign", actor=SYSTEM, owner=owner, at=at)


@pytest.mark.parametrize(("grade", "hours"), [("A", 1), ("B", 4), ("C", 16), ("D", None)])
def test_the_first_answer_is_due_by_grade_in_working_hours(rep: Membership, grade: str, hours: int | None) -> None:
    due = assigned(rep, grade, WORKING_HOURS).first_response_due_at
    expected = {1: timedelta(hours=1), 4: timedelta(hours=4), 16: timedelta(days=1, hours=7), None: None}[hours]
    assert due == (WORKING_HOURS + expected if expected else None)


def test_a_late_answer_is_told_once_and_the_manager_gets_a_task(south: Team, reps: list[Membership]) -> None:
    boss = make.member("mgr", team=south)
    heard: list[LeadSlaBreached] = []
    _subscribers[LeadSlaBreached].append(heard.append)
    try:
        lead = assigned(reps[0], "A", WORKING_HOURS)
        assert tell_of_breaches(at=WORKING_HOURS + timedelta(minutes=60)) == 0
        late = WORKING_HOURS + timedelta(minutes=61)
        assert (tell_of_breaches(at=late), tell_of_breaches(at=late)) == (1, 0)
    finally:
        _subscribers[LeadSlaBreached].clear()
    task = Activity.objects.get(subject=lead.pk, kind="task")
    assert (task.assignee, [event.record for event in heard]) == (boss, [lead.pk])
    assert history(lead).filter(name="sla_breached").count() == 1


def test_an_answered_lead_is_not_late(rep: Membership) -> None:
    lead = assigned(rep, "A", WORKING_HOURS)
    perform(lead, "log_first_contact", actor=rep, at=WORKING_HOURS + timedelta(minutes=30))
    assert tell_of_breaches(at=WORKING_HOURS + timedelta(days=1)) == 0


@pytest.mark.parametrize(("hours", "passed_on"), [(23, False), (24, True)])
def test_the_best_lead_goes_to_a_colleague_after_24_business_hours(reps: list[Membership], hours: int, passed_on: bool) -> None:
    lead = assigned(reps[0], "A", WORKING_HOURS)
    friday = WORKING_HOURS + timedelta(days=2)  # 8 + 9 business hours later it is Friday nine o'clock, and 7 more make 24
    at = friday - timedelta(hours=1) + timedelta(hours=hours - 17)
    assert pass_on_the_hot(at=at) == int(passed_on)
    lead.refresh_from_db()
    assert (lead.state, lead.owner == reps[0]) == ("assigned", not passed_on)


def test_by_rule_if_there_is_one_and_never_to_the_same(reps: list[Membership], south: Team) -> None:
    lead = assigned(reps[0], "A", WORKING_HOURS)
    chosen = make.member("rep")
    rule(member=reps[0], position=1)
    rule(member=chosen, position=2)
    assert pass_on_the_hot(at=WORKING_HOURS + timedelta(days=9)) == 1
    lead.refresh_from_db()
    assert lead.owner == chosen


def test_where_nobody_is_free_the_manager_gets_a_task(south: Team) -> None:
    lonely, boss = make.member("rep", team=south), make.member("mgr", team=south)
    lead = assigned(lonely, "A", WORKING_HOURS)
    assert pass_on_the_hot(at=WORKING_HOURS + timedelta(days=9)) == 0
    assert Activity.objects.get(subject=lead.pk, kind="task").assignee == boss


def test_rules_are_kept_by_rest_and_on_pages(tenant: Tenant) -> None:
    with acting_for(tenant):
        rep, waiting, admin = make.member("rep"), leads.lead(), make.member("adm")
    caller = caller_of(tenant)
    made = caller.post("distribution-rules/", {"name": "All", "member": str(rep.pk), "regions": ["Hunan"], "position": 5})
    assert (made.status_code, made.json()["regions"]) == (201, ["Hunan"])
    assert caller.post("distribution-rules/", {"name": "None"}).status_code == 409
    assert caller.post("distribution-rules/run/", {}).json() == {"placed": 0}
    assert caller.patch(f"distribution-rules/{made.json()['id']}/", {"regions": []}).status_code == 200
    browser = Browser(admin)
    assert b"All" in browser.get("/distribution/").content
    assert browser.get(f"/distribution/{made.json()['id']}/").status_code == 200
    edited = browser.post(
        f"/distribution/{made.json()['id']}/edit/", name="Everything", position=5, regions="", member=str(rep.pk), active="on"
    )
    assert edited.status_code == 302
    assert b"Distribute" in browser.get("/distribution/run/").content
    assert browser.post("/distribution/run/").status_code == 302
    with acting_for(tenant):
        waiting.refresh_from_db()
        assert (waiting.owner, DistributionRule.objects.get().name) == (rep, "Everything")
        assert timezone.now() >= waiting.assigned_at  # type: ignore[operator]
