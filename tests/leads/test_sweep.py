"""The nightly sweep: what goes back, who is warned, what stays, in how many queries; the simulator says the same beforehand."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import CustomerAssignment, Lead, LeadAssignment, PoolMember, PoolWarning, PublicPool
from leads.sweeping import CUSTOMERS, KINDS, LEADS, Sweeper, sweep_span
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.customers.models import Customer
from ltc.customers.services import create_customer
from ltc.events import schedule
from ltc.events.outbox import enqueue, run_pending
from ltc.notifications.models import Notification
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.opportunities import make as deals

pytestmark = pytest.mark.usefixtures("inside")

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 1, tzinfo=SHANGHAI)


def held(owner: Membership, days: int, **more: Any) -> Lead:
    """A lead that somebody has had, untouched, for so many days."""
    lead = leads.lead(at=AT - timedelta(days=days + 1), owner=owner)
    since = datetime.combine(MONDAY - timedelta(days=days), datetime.min.time(), SHANGHAI) + timedelta(hours=23)
    Lead.objects.filter(pk=lead.pk).update(assigned_at=since, state_changed_at=since, last_activity_at=None, **more)
    lead.refresh_from_db()
    return lead


def sweep(on: date = MONDAY) -> tuple[int, int]:
    back = warned = 0
    for kind in KINDS:
        for after, upto in list(Sweeper(on).spans(kind)):
            found = sweep_span(kind, after, upto, on=on, at=AT)
            back, warned = back + found[0], warned + found[1]
    return back, warned


@pytest.mark.parametrize(("days", "goes"), [(14, False), (15, True), (16, True)])
def test_a_lead_goes_back_to_the_pool_when_it_was_left_alone_for_15_days(rep: Membership, days: int, goes: bool) -> None:
    lead = held(rep, days)
    assert sweep() == (int(goes), 0)
    lead.refresh_from_db()
    assert (lead.state, lead.owner) == (("new", None) if goes else ("assigned", rep))
    if goes:
        assert LeadAssignment.objects.filter(lead=lead, method="reclaim", from_member=rep, reason="idle").count() == 1
        last = history(lead).filter(name="return_to_pool").get()
        assert (last.from_state, last.to_state, last.actor_kind) == ("assigned", "new", "system")


def test_an_owner_is_warned_once_even_if_the_job_runs_twice(rep: Membership) -> None:
    lead = held(rep, 12)
    assert (sweep(), sweep()) == ((0, 1), (0, 0))
    assert PoolWarning.objects.filter(record=lead.pk, on=MONDAY).count() == 1
    told = Notification.objects.get(recipient=rep, subject=lead.pk)
    assert str(lead) in told.title and "3 days" in told.title


def test_only_human_activities_count_and_a_note_does_not(rep: Membership) -> None:
    called, noted = held(rep, 15), held(rep, 15)
    log_activity(called, kind=Activity.Kind.CALL, actor=rep, at=AT - timedelta(days=1))
    log_activity(noted, kind=Activity.Kind.NOTE, actor=rep, at=AT - timedelta(days=1), result="Will call next week")
    assert sweep() == (1, 0)
    called.refresh_from_db()
    noted.refresh_from_db()
    assert (called.owner, noted.owner) == (rep, None)


def test_a_lead_that_makes_no_progress_goes_back_after_45_days(rep: Membership) -> None:
    lead = held(rep, 45)
    Lead.objects.filter(pk=lead.pk).update(last_activity_at=AT - timedelta(days=1))
    assert sweep() == (1, 0)
    assert LeadAssignment.objects.get(lead=lead, method="reclaim").reason == "no_progress"


@pytest.mark.parametrize("spared", ["protected", "on_leave", "nurturing", "fresh"])
def test_what_stays_with_its_owner(rep: Membership, spared: str) -> None:
    lead = held(rep, 30)
    if spared == "protected":
        Lead.objects.filter(pk=lead.pk).update(protected_until=MONDAY)
    elif spared == "on_leave":
        Membership.objects.filter(pk=rep.pk).update(on_leave_from=MONDAY, on_leave_to=MONDAY)
    elif spared == "nurturing":
        perform(lead, "nurture", actor=rep, until=MONDAY + timedelta(days=30), reason="Later", at=AT)
    else:
        Lead.objects.filter(pk=lead.pk).update(captured_by=rep, captured_at=AT - timedelta(hours=20))
    assert sweep() == (0, 0)


def test_days_of_leave_are_subtracted(rep: Membership) -> None:
    held(rep, 20)
    Membership.objects.filter(pk=rep.pk).update(on_leave_from=MONDAY - timedelta(days=10), on_leave_to=MONDAY - timedelta(days=5))
    assert sweep() == (0, 0)
    Membership.objects.filter(pk=rep.pk).update(on_leave_to=MONDAY - timedelta(days=6))
    assert sweep() == (1, 0)


def test_a_lead_goes_back_to_the_pool_of_its_owners_team(inside: Tenant) -> None:
    south = make.team("South")
    pool = PublicPool.objects.create(name="South", idle_days=5, warn_before_days=1)
    PoolMember.objects.create(pool=pool, team=south)
    here, there = held(make.member("rep", team=make.team("Foshan", south)), 5), held(make.member("rep"), 5)
    assert sweep() == (1, 0)
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.owner, here.pool) == (None, pool) and there.owner is not None


def test_a_lead_of_somebody_who_called_in_the_meantime_stays(rep: Membership) -> None:
    lead = held(rep, 20)
    sweeper = Sweeper(MONDAY)
    [(after, upto)] = list(sweeper.spans(LEADS))
    log_activity(lead, kind=Activity.Kind.CALL, actor=rep, at=AT)
    assert sweep_span(LEADS, after, upto, on=MONDAY, at=AT) == (0, 0)


def test_a_prospect_goes_back_but_not_one_with_open_business(rep: Membership) -> None:
    idle, busy = (create_customer(actor=SYSTEM, name=name, owner=rep, at=AT - timedelta(days=15)) for name in ("Idle Works", "Busy Works"))
    deals.deal(rep, customer=busy)
    assert sweep() == (1, 0)
    idle.refresh_from_db()
    busy.refresh_from_db()
    assert (idle.owner, idle.state, busy.owner) == (None, "prospect", rep)
    assert CustomerAssignment.objects.get(customer=idle).method == "reclaim"


def test_a_customer_who_buys_never_goes_back(rep: Membership) -> None:
    customer = create_customer(actor=SYSTEM, name="Old Friends", owner=rep, at=AT - timedelta(days=90))
    Customer.objects.filter(pk=customer.pk).update(state="active")
    assert sweep() == (0, 0)


def test_the_simulator_says_what_the_sweep_then_does(rep: Membership) -> None:
    other = make.member("rep")
    for days in (5, 12, 14, 15, 20, 50):
        held(rep, days)
    for days in (12, 15):
        held(other, days)
    held(other, 30, protected_until=MONDAY)
    create_customer(actor=SYSTEM, name="Idle Works", owner=rep, at=AT - timedelta(days=20))
    before = Sweeper(MONDAY).forecast()
    assert (before.reclaimed, before.warned, before.kept) == ({"lead": 4, "customer": 1}, {"lead": 2}, {"protected": 1})
    assert before.owners == {rep: 4, other: 1}
    foretold = {each.id for each in before.first}
    assert sweep() == (5, 2)
    taken = {*LeadAssignment.objects.filter(method="reclaim").values_list("lead", flat=True)}
    assert taken | set(CustomerAssignment.objects.values_list("customer", flat=True)) == foretold


def test_trying_other_rules_changes_nothing(tenant: Tenant, rep: Membership) -> None:
    pool = PublicPool.objects.create(name="Everyone", is_default=True)
    for days in (4, 8, 9):
        held(rep, days)
    by = caller_of(tenant).post(f"pools/{pool.pk}/simulate/", {"on": MONDAY.isoformat(), "idle_days": 8})
    assert (by.status_code, by.json()["reclaimed"], by.json()["owners"][0]["records"]) == (200, {"leads": 2, "customers": 0}, 2)
    assert Lead.objects.filter(owner=rep).count() == 3
    PublicPool.objects.filter(pk=pool.pk).update(idle_days=8)
    assert sweep() == (2, 0)


def queries(count: int, owner: Membership) -> int:
    for number in range(count):
        held(owner, 15 if number % 2 else 12)
    sweeper = Sweeper(MONDAY)
    [(after, upto)] = list(sweeper.spans(LEADS))
    with CaptureQueriesContext(connection) as captured:
        sweep_span(LEADS, after, upto, on=MONDAY, at=AT)
    return len(captured)


def test_the_sweep_asks_as_many_questions_for_few_leads_as_for_many(rep: Membership) -> None:
    assert queries(4, rep) == queries(30, make.member("rep")) <= 25


def test_it_runs_at_one_in_the_morning_of_each_tenant(inside: Tenant, rep: Membership) -> None:
    planned = next(each for each in schedule.schedules() if each.kind == "pool.sweep")
    [(slot, moment)] = list(planned.slots(AT - timedelta(hours=1), AT, SHANGHAI))
    assert (slot, moment) == ("2026-11-16", AT)
    lead = held(rep, 15)
    enqueue("pool.sweep", key=slot, payload={"slot": slot})
    run_pending()
    lead.refresh_from_db()
    assert lead.owner is None


def test_who_lost_a_customer_to_the_pool_waits_a_week_before_claiming_it_again(rep: Membership) -> None:
    customer = create_customer(actor=SYSTEM, name="Idle Works", owner=rep, at=AT - timedelta(days=15))
    sweep_span(CUSTOMERS, None, customer.pk, on=MONDAY, at=AT)
    customer.refresh_from_db()
    with pytest.raises(Exception) as refusal:
        perform(customer, "claim", actor=rep, at=AT + timedelta(days=6))
    assert refusal.value.code == "cooldown"  # type: ignore[attr-defined]
    perform(customer, "claim", actor=rep, at=AT + timedelta(days=7))
    assert customer.owner == rep
