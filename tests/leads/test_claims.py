"""Claiming from the pool: one lead goes to one, and each takes no more than the rules allow, however many ask at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from leads.models import Lead, LeadAssignment, PoolMember, PublicPool
from ltc.customers.services import create_customer
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.pages import Browser

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def race(transactional_db: None) -> Iterator[Tenant]:
    yield make.tenant("race")


def claim(tenant: Tenant, lead: Lead, member: Membership) -> str:
    try:
        with acting_for(tenant):
            perform(Lead.objects.get(pk=lead.pk), "claim", actor=Membership.objects.get(pk=member.pk))
        return "won"
    except Refusal as refusal:
        return refusal.code
    finally:
        connection.close()


def test_of_twenty_who_claim_a_lead_at_once_one_gets_it_and_the_others_read_that_they_were_late(race: Tenant) -> None:
    with acting_for(race):
        lead, reps = leads.lead(), [make.member("rep") for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        outcomes = Counter(pool.map(lambda member: claim(race, lead, member), reps))
    assert outcomes == {"won": 1, "already_claimed": 19}
    with acting_for(race):
        lead.refresh_from_db()
        assert LeadAssignment.objects.get(lead=lead).to_member == lead.owner


def test_who_claims_twenty_leads_at_once_gets_ten(race: Tenant) -> None:
    with acting_for(race):
        rep, waiting = make.member("rep"), [leads.lead() for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        outcomes = Counter(pool.map(lambda lead: claim(race, lead, rep), waiting))
    assert outcomes == {"won": 10, "claim_limit": 10}
    with acting_for(race):
        assert Lead.objects.filter(owner=rep).count() == 10


def refused(lead: Lead, member: Membership, **more: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        perform(lead, "claim", actor=member, **more)
    lead.refresh_from_db()
    assert lead.owner is None
    return refusal.value.code


@pytest.mark.usefixtures("inside")
def test_each_pool_has_its_own_limits(rep: Membership) -> None:
    PublicPool.objects.create(name="Everyone", is_default=True, daily_claim_limit=2, holding_cap=1, cooldown_days=30)
    first = leads.lead()
    perform(first, "claim", actor=rep)
    assert refused(leads.lead(), rep) == "holding_cap"
    perform(first, "return_to_pool", actor=rep, reason="Wrong region")
    assert refused(first, rep, at=timezone.now() + timedelta(days=29)) == "cooldown"
    perform(leads.lead(), "claim", actor=rep)
    PublicPool.objects.update(holding_cap=200)
    assert refused(leads.lead(), rep) == "claim_limit"


@pytest.mark.usefixtures("inside")
def test_only_members_see_a_pool_and_claim_from_it() -> None:
    south = make.team("South")
    pool = PublicPool.objects.create(name="South")
    PoolMember.objects.create(pool=pool, team=south)
    inside, outside, boss = make.member("rep", team=make.team("Foshan", south)), make.member("rep"), make.member("mgr", team=south)
    lead = leads.lead()
    Lead.objects.filter(pk=lead.pk).update(pool=pool)
    lead.refresh_from_db()
    assert [list(Lead.objects.visible_to(who)) for who in (inside, boss, outside)] == [[lead], [lead], []]
    assert refused(lead, outside) == "permission_denied"
    perform(lead, "claim", actor=inside)
    assert (lead.owner, lead.pool) == (inside, pool)


def test_who_is_late_reads_so_on_the_page_and_by_rest(tenant: Tenant) -> None:
    with acting_for(tenant):
        lead, late = leads.lead(owner=make.member("rep")), make.member("rep")
    browser = Browser(late)
    assert browser.get(f"/leads/{lead.pk}/").status_code == 404
    answer = browser.post(f"/leads/{lead.pk}/do/claim/")
    assert (answer.status_code, b"quicker" in answer.content) == (409, True)
    told = browser.client.post(f"/t/{tenant.code}/api/v1/leads/{lead.pk}/actions/claim/", content_type="application/json", data={})
    assert (told.status_code, told.json()["code"]) == (409, "already_claimed")
    assert caller_of(tenant, "leads:write").post(f"leads/{lead.pk}/actions/claim/", {}).status_code == 403


@pytest.mark.usefixtures("inside")
def test_protection_has_a_number_and_an_end(rep: Membership) -> None:
    PublicPool.objects.create(name="Everyone", is_default=True, protect_max=1, protect_days=10)
    one, two, today = leads.lead(owner=rep), leads.lead(owner=rep), timezone.localdate(timezone=SHANGHAI)
    with pytest.raises(Refusal) as refusal:
        perform(one, "protect", actor=rep, until=today + timedelta(days=11))
    assert refusal.value.field == "until"
    perform(one, "protect", actor=rep)
    assert one.protected_until == today + timedelta(days=10)
    with pytest.raises(Refusal) as refusal:
        perform(two, "protect", actor=rep)
    assert (refusal.value.code, Lead.objects.get(pk=two.pk).protected_until) == ("protect_limit", None)
    perform(one, "unprotect", actor=rep)
    perform(two, "protect", actor=rep)


@pytest.mark.usefixtures("inside")
def test_a_customer_without_an_owner_is_claimed_and_shows_no_people_before(rep: Membership) -> None:
    customer = create_customer(actor=SYSTEM, name="Harbor Tools", contacts=[{"name": "Zhang", "email": "zhang@x.cn"}])
    person = customer.contacts.get()
    assert list(type(customer).objects.visible_to(rep)) == [customer]
    assert list(type(person).objects.visible_to(rep)) == [] and not rep.has_perm("customers.view", person)
    perform(customer, "claim", actor=rep)
    assert customer.owner == rep and list(type(person).objects.visible_to(rep)) == [person]
    with pytest.raises(Refusal) as refusal:
        perform(customer, "claim", actor=make.member("rep"))
    assert refusal.value.code == "already_claimed"
