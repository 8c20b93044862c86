"""Leads that come back: nurtured ones in their time, closed ones when they ask again; and leads that are converted at once, or twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from leads.models import Lead
from leads.services import record_event
from leads.sweeping import LEADS, Sweeper
from leads.waking import wake
from ltc.activities.models import Activity
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, perform
from opportunities.models import Opportunity
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.opportunities import make as deals

SHANGHAI = ZoneInfo("Asia/Shanghai")


def nurtured(owner: Membership, days: int, at: datetime) -> Lead:
    lead = leads.lead(owner=owner, at=at)
    return perform(lead, "nurture", actor=owner, until=at.astimezone(SHANGHAI).date() + timedelta(days=days), reason="Spring", at=at)


@pytest.mark.parametrize(("days", "woken"), [(30, True), (31, False)])
def test_a_nurtured_lead_comes_back_on_its_date_with_a_task(rep: Membership, days: int, woken: bool) -> None:
    then = timezone.now() - timedelta(days=30)
    lead = nurtured(rep, days, then)
    assert wake(at=timezone.now()) == int(woken)
    lead.refresh_from_db()
    assert lead.state == ("working" if woken else "nurturing")
    assert Activity.objects.filter(subject=lead.pk, kind="task", assignee=rep).count() == int(woken)
    assert wake(at=timezone.now()) == 0


@pytest.mark.parametrize(("rise", "woken"), [("19.99", False), ("20", True)])
def test_or_when_it_has_become_clearly_more_active(rep: Membership, rise: str, woken: bool) -> None:
    lead = nurtured(rep, 90, timezone.now())
    Lead.objects.filter(pk=lead.pk).update(engagement_score=rise)
    assert wake(at=timezone.now()) == int(woken)


def test_a_lead_that_is_taken_up_again_is_not_reclaimed_the_same_night(rep: Membership) -> None:
    nurtured(rep, 60, timezone.now() - timedelta(days=60))
    wake(at=timezone.now())
    assert not list(Sweeper(timezone.localdate(timezone=SHANGHAI)).candidates(LEADS))


@pytest.mark.parametrize(
    ("kind", "days", "state"),
    [
        ("quote_request", 10, "working"),
        ("form_submit", 10, "working"),
        ("page_view", 10, "disqualified"),
        ("quote_request", 181, "disqualified"),
    ],
)
def test_a_closed_lead_that_asks_again_is_open_again(rep: Membership, kind: str, days: int, state: str) -> None:
    lead = leads.lead(owner=rep)
    perform(lead, "disqualify", actor=rep, reason=leads.close_reason(), at=timezone.now() - timedelta(days=days))
    assert record_event(lead, actor=SYSTEM, type=kind, source="site", dedupe_key="1")
    lead.refresh_from_db()
    assert lead.state == state


def test_a_lead_in_work_is_converted_at_once_only_by_who_may(rep: Membership) -> None:
    rep.team = make.team("South")
    rep.save()
    boss, lead = make.member("mgr", team=rep.team), leads.lead(owner=rep)
    perform(lead, "log_first_contact", actor=rep)
    with pytest.raises(Forbidden):
        perform(lead, "convert_fast", actor=rep, name="Line 2", amount=1000)
    with pytest.raises(TransitionRefused):
        perform(lead, "convert", actor=boss, name="Line 2", amount=1000)
    perform(lead, "convert_fast", actor=boss, name="Line 2", amount=1000)
    deal = Opportunity.objects.get(lead=lead)
    assert (lead.state, deal.stage, deal.channel, lead.qualified_at is not None) == ("converted", "discovery", lead.channel, True)


def test_converting_twice_by_rest_makes_one_opportunity(tenant: Tenant) -> None:
    with acting_for(tenant):
        lead = deals.qualified_lead(make.member("rep"))
    caller, asked = caller_of(tenant), {"name": "Line 2", "amount": "1000.00"}
    first, second = (caller.post(f"leads/{lead.pk}/actions/convert/", asked) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["version"] == second.json()["version"]
    with acting_for(tenant):
        assert Opportunity.objects.filter(lead=lead).count() == 1
        assert history(lead).filter(name="convert").count() == 1
