"""The table of what may become of a lead, row by row: from which states each step leaves, and what happens when two want it at once."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from leads.models import Lead, LeadAssignment, LeadScoreSnapshot
from leads.models.choices import LeadState
from leads.waking import wake
from ltc.activities.services import log_activity
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.declare import transitions_of
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from tests import make
from tests.leads import make as leads
from tests.opportunities import make as deals
from tests.pages import Browser

OPEN = {"new", "assigned", "working", "nurturing", "qualified"}
LEAVES = {
    "assign": {"new", "assigned", "working", "nurturing"},
    "claim": {"new"},
    "log_first_contact": {"assigned"},
    "nurture": {"assigned", "working", "qualified"},
    "reactivate": {"nurturing"},
    "qualify": {"working", "nurturing"},
    "convert": {"qualified"},
    "convert_fast": {"working"},
    "convert_to_order": {"qualified", "working"},
    "enrol": OPEN,
    "disqualify": OPEN,
    "reopen": {"disqualified"},
    "merge": OPEN,
    "unmerge": {"merged"},
    "return_to_pool": {"assigned", "working", "nurturing"},
    "protect": {"assigned", "working", "qualified"},
    "unprotect": {"assigned", "working", "qualified"},
}


def in_state(state: str, owner: Membership) -> Lead:
    """A lead that stands in a state, put there."""
    if state == "new":
        return leads.lead()
    lead = leads.lead(owner=owner)
    more: dict[str, Any] = {}
    if state == "disqualified":
        more = {"close_reason": leads.close_reason(), "closed_at": timezone.now()}
    elif state == "merged":
        more = {"merged_into": leads.lead()}
    elif state == "converted":
        more = {"customer": deals.customer()}
    Lead.objects.filter(pk=lead.pk).update(state=state, **more)
    lead.refresh_from_db()
    return lead


def test_every_step_of_a_lead_stands_in_the_table() -> None:
    assert set(transitions_of(Lead)) == set(LEAVES)


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("state", LeadState.values)
def test_from_a_state_lead_only_the_steps_of_the_table(rep: Membership, state: str) -> None:
    lead = in_state(state, rep)
    for name, sources in LEAVES.items():
        if state in sources:
            assert transitions_of(Lead)[name].arc(state) is not None, name
            continue
        with pytest.raises(Refusal) as refusal:
            perform(lead, name, actor=SYSTEM)
        assert refusal.value.code in ("invalid_transition", "already_claimed"), name
    lead.refresh_from_db()
    assert lead.state == state


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("kind", "counts"),
    [*((kind, True) for kind in ("call", "visit", "meeting", "email", "wecom")), ("note", False), ("task", False)],
)
def test_only_what_reaches_the_customer_is_a_first_contact(rep: Membership, kind: str, counts: bool) -> None:
    lead = leads.lead(owner=rep)
    log_activity(lead, kind=kind, actor=rep, result="Spoke with them", **({"due_at": timezone.now()} if kind == "task" else {}))
    lead.refresh_from_db()
    assert (lead.state, lead.first_response_at is not None) == (("working", True) if counts else ("assigned", False))


@pytest.mark.usefixtures("inside")
def test_nobody_is_left_alone_without_a_reason(rep: Membership) -> None:
    lead = leads.lead(owner=rep)
    answer = Browser(rep).post(f"/leads/{lead.pk}/do/nurture/", until=str(timezone.localdate() + timedelta(days=3)), reason="")
    lead.refresh_from_db()
    assert (answer.status_code, lead.state) == (422, "assigned")


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("was", "a_week_ago", "now", "woken"),
    [(40, 5, 25, True), (40, 5, 24, False), (5, 20, 39, False), (5, 20, 40, True)],
    ids=["risen-again", "not-enough", "slowly", "quickly"],
)
def test_fresh_interest_is_what_has_risen_within_a_week(rep: Membership, was: int, a_week_ago: int, now: int, woken: bool) -> None:
    at = timezone.now()
    lead = leads.lead(owner=rep)
    Lead.objects.filter(pk=lead.pk).update(engagement_score=was)
    lead.refresh_from_db()
    perform(lead, "nurture", actor=rep, until=timezone.localdate() + timedelta(days=60), reason="Later", at=at - timedelta(days=60))
    scores = {"score": 1, "grade": "D", "rule_score": 1, "fit_score": 0}
    LeadScoreSnapshot.objects.create(lead=lead, at=at - timedelta(days=8), engagement_score=a_week_ago, **scores)
    LeadScoreSnapshot.objects.create(lead=lead, at=at - timedelta(days=2), engagement_score=now, **scores)
    Lead.objects.filter(pk=lead.pk).update(engagement_score=now)
    lead.refresh_from_db()
    assert lead.is_worth_another_try() is woken
    assert wake(at=at) == int(woken)


@pytest.mark.usefixtures("inside")
def test_the_pool_stands_in_order_of_score_and_of_equals_the_older_first(rep: Membership) -> None:
    first, second, best = leads.lead(company_name="First Ltd"), leads.lead(company_name="Second Ltd"), leads.lead(company_name="Best Ltd")
    Lead.objects.filter(pk=best.pk).update(score=90)
    Lead.objects.filter(pk__in=[first.pk, second.pk]).update(score=40)
    page = Browser(rep).get("/leads/?view=pool").content.decode()
    assert page.index("Best Ltd") < page.index("First Ltd") < page.index("Second Ltd")


# At once


@pytest.fixture
def race(transactional_db: None) -> Iterator[Tenant]:
    yield make.tenant("race")


def at_once(tenant: Tenant, *steps: Callable[[], Any]) -> Counter[str]:
    """What comes of steps that are taken in the same moment, each on its own connection."""

    def take(step: Callable[[], Any]) -> str:
        try:
            with acting_for(tenant):
                step()
            return "done"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return Counter(pool.map(take, steps))


def test_of_ten_who_convert_a_lead_at_once_one_makes_the_opportunity(race: Tenant) -> None:
    with acting_for(race):
        lead = deals.qualified_lead(make.member("rep"))
    steps = [lambda: perform(Lead.objects.get(pk=lead.pk), "convert", actor=SYSTEM, name="Pumps", amount=Decimal(1))] * 10
    assert at_once(race, *steps) == {"done": 1, "invalid_transition": 9}
    with acting_for(race):
        assert Opportunity.objects.filter(lead=lead).count() == 1


def test_who_has_room_for_one_gets_one_however_many_are_given_at_once(race: Tenant) -> None:
    with acting_for(race):
        full, waiting = make.member("rep", capacity=1), [leads.lead() for _ in range(6)]
    steps = [lambda pk=lead.pk: perform(Lead.objects.get(pk=pk), "assign", actor=SYSTEM, owner=full) for lead in waiting]
    assert at_once(race, *steps) == {"done": 1, "holding_cap": 5}
    with acting_for(race):
        assert Lead.objects.filter(owner=full).count() == 1


def test_a_lead_that_is_claimed_and_assigned_at_once_has_one_owner_and_a_trail_that_says_so(race: Tenant) -> None:
    with acting_for(race):
        lead, one, other = leads.lead(), make.member("rep"), make.member("rep")
    found = at_once(
        race,
        lambda: perform(Lead.objects.get(pk=lead.pk), "claim", actor=one),
        lambda: perform(Lead.objects.get(pk=lead.pk), "assign", actor=SYSTEM, owner=other),
    )
    with acting_for(race):
        lead.refresh_from_db()
        last = LeadAssignment.objects.filter(lead=lead).order_by("at", "pk").last()
        assert found["done"] >= 1 and lead.state == "assigned" and last is not None and last.to_member == lead.owner == other


def test_two_leads_that_are_merged_crosswise_become_one_and_not_none(race: Tenant) -> None:
    with acting_for(race):
        pairs = [(leads.lead(), leads.lead()) for _ in range(4)]

    def merge(lead: Lead, survivor: Lead) -> None:
        try:
            perform(Lead.objects.get(pk=lead.pk), "merge", actor=SYSTEM, survivor=survivor)
        except OperationalError as error:  # each waited for the other: the database lets one go on
            raise Refusal("deadlock", code="deadlock") from error

    for one, other in pairs:
        found = at_once(race, lambda a=one, b=other: merge(a, b), lambda a=other, b=one: merge(a, b))
        assert found["done"] == 1 and not found["deadlock"], found
        with acting_for(race):
            states = sorted(Lead.objects.filter(pk__in=[one.pk, other.pk]).values_list("state", flat=True))
        assert states == ["merged", "new"]


def test_of_who_closes_and_who_converts_at_once_one_is_late(race: Tenant) -> None:
    with acting_for(race):
        lead, reason = deals.qualified_lead(make.member("rep")), leads.close_reason()
    found = at_once(
        race,
        *itertools.chain(
            [lambda: perform(Lead.objects.get(pk=lead.pk), "convert", actor=SYSTEM, name="Pumps", amount=Decimal(1))],
            [lambda: perform(Lead.objects.get(pk=lead.pk), "disqualify", actor=SYSTEM, reason=reason)],
        ),
    )
    assert found == {"done": 1, "invalid_transition": 1}
