from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from leads.models import Lead, LeadAssignment
from leads.services import record_event
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import ApiKey, Membership
from ltc.workflow.engine import offered, perform
from tests import make
from tests.leads import make as leads

pytestmark = pytest.mark.usefixtures("inside")


def unchanged(lead: Lead, version: int, entries: int) -> bool:
    lead.refresh_from_db()
    return lead.version == version and history(lead).count() == entries


def refused(lead: Lead, name: str, *, actor: Any, **inputs: Any) -> Refusal:
    """What a refused transition says; and nothing has changed."""
    lead.refresh_from_db()
    version, entries = lead.version, history(lead).count()
    with pytest.raises(Refusal) as refusal:
        perform(lead, name, actor=actor, **inputs)
    assert unchanged(lead, version, entries)
    return refusal.value


@pytest.fixture
def mine(rep: Membership) -> Lead:
    return leads.lead(owner=rep)


def working(lead: Lead, actor: Any) -> Lead:
    return perform(lead, "log_first_contact", actor=actor)


def test_assigning_names_who_and_by_when(manager: Membership, rep: Membership) -> None:
    lead = leads.lead()
    Lead.objects.filter(pk=lead.pk).update(grade="A")
    friday_evening = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.get_fixed_timezone(0))  # 17:30 in Shanghai
    perform(lead, "assign", actor=manager, owner=rep, at=friday_evening)
    assert (lead.state, lead.owner, lead.team) == ("assigned", rep, rep.team)
    assert lead.first_response_due_at == datetime(2026, 11, 23, 1, 30, tzinfo=timezone.get_fixed_timezone(0))
    assert LeadAssignment.objects.filter(lead=lead).values_list("to_member", "method").get() == (rep.pk, "manual")


def test_a_lead_at_work_stays_at_work_when_it_changes_hands(mine: Lead, rep: Membership) -> None:
    working(mine, rep)
    other = make.member("rep")
    perform(mine, "assign", actor=SYSTEM, owner=other)
    assert (mine.state, mine.owner) == ("working", other)


def test_a_lead_is_not_given_to_someone_who_has_left(manager: Membership) -> None:
    gone = make.member("rep", state="inactive")
    assert "not active" in str(refused(leads.lead(), "assign", actor=manager, owner=gone))


def test_a_full_member_gets_no_more(manager: Membership) -> None:
    full = make.member("rep", capacity=1)
    leads.lead(owner=full)
    assert refused(leads.lead(), "assign", actor=manager, owner=full).code == "holding_cap"


def test_a_rep_may_not_assign(mine: Lead, rep: Membership) -> None:
    assert isinstance(refused(mine, "assign", actor=rep, owner=make.member("rep")), Forbidden)


def test_a_rep_claims_a_lead_from_the_pool(rep: Membership) -> None:
    lead = leads.lead()
    perform(lead, "claim", actor=rep)
    assert (lead.state, lead.owner) == ("assigned", rep)


def test_an_owned_lead_cannot_be_claimed(mine: Lead) -> None:
    assert refused(mine, "claim", actor=make.member("rep")).code == "already_claimed"
    assert refused(mine, "claim", actor=SYSTEM).code == "already_claimed"
    assert isinstance(refused(mine, "claim", actor=make.member("fin")), Forbidden)


def test_the_eleventh_claim_of_a_day_is_refused(rep: Membership) -> None:
    for _ in range(10):
        perform(leads.lead(), "claim", actor=rep)
    eleventh = leads.lead()
    assert refused(eleventh, "claim", actor=rep).code == "claim_limit"
    perform(eleventh, "claim", actor=rep, at=timezone.now() + timedelta(days=1))
    assert eleventh.owner == rep


@pytest.mark.parametrize(("days", "allowed"), [(6, False), (7, True)])
def test_who_gave_a_lead_back_waits_a_week(mine: Lead, rep: Membership, days: int, allowed: bool) -> None:
    now = timezone.now()
    perform(mine, "return_to_pool", actor=rep, reason="Wrong region", at=now - timedelta(days=days))
    if allowed:
        perform(mine, "claim", actor=rep, at=now)
        assert mine.owner == rep
    else:
        assert refused(mine, "claim", actor=rep, at=now).code == "cooldown"


def test_a_program_cannot_claim(inside: Any) -> None:
    key = ApiKey.objects.create(name="Shop", digest="0" * 64, hint="x", access=["*"])
    assert "person" in str(refused(leads.lead(), "claim", actor=key))


def test_the_first_contact_stops_the_clock(mine: Lead, rep: Membership) -> None:
    at = timezone.now()
    perform(mine, "log_first_contact", actor=rep, channel="call", at=at)
    assert (mine.state, mine.first_response_at, mine.last_activity_at) == ("working", at, at)
    refused(mine, "log_first_contact", actor=rep)


def test_another_rep_does_not_speak_for_the_owner(mine: Lead) -> None:
    assert isinstance(refused(mine, "log_first_contact", actor=make.member("rep")), Forbidden)


@pytest.mark.parametrize(("days", "allowed"), [(0, False), (1, True), (180, True), (181, False)])
def test_nurturing_ends_tomorrow_at_the_earliest_and_in_180_days_at_the_latest(
    mine: Lead, rep: Membership, days: int, allowed: bool
) -> None:
    until = mine.local_day() + timedelta(days=days)
    if allowed:
        perform(mine, "nurture", actor=rep, until=until, reason="New budget in spring")
        assert (mine.state, mine.nurture_until) == ("nurturing", until)
    else:
        assert refused(mine, "nurture", actor=rep, until=until, reason="New budget in spring").field == "until"


def test_a_nurtured_lead_is_left_alone_until_its_date_or_fresh_interest(mine: Lead, rep: Membership) -> None:
    perform(mine, "nurture", actor=rep, until=timezone.localdate() + timedelta(days=30), reason="Later")
    assert "not time yet" in str(refused(mine, "reactivate", actor=rep))
    Lead.objects.filter(pk=mine.pk).update(engagement_score=20)
    perform(mine, "reactivate", actor=rep)
    assert (mine.state, mine.nurture_until) == ("working", None)


def test_a_nurtured_lead_is_taken_up_again_on_its_date(mine: Lead, rep: Membership) -> None:
    then = timezone.now() - timedelta(days=10)
    perform(mine, "nurture", actor=rep, until=timezone.localdate(), reason="Later", at=then)
    perform(mine, "reactivate", actor=rep)
    assert mine.state == "working"


def test_a_lead_is_qualified_once_it_is_understood(mine: Lead, rep: Membership) -> None:
    working(mine, rep)
    assert "at least three" in str(refused(mine, "qualify", actor=rep))
    for name, value in leads.UNDERSTOOD.items():
        setattr(mine, name, value)
    mine.save()
    perform(mine, "qualify", actor=rep)
    assert mine.state == "qualified" and mine.qualified_at is not None


def test_a_lead_without_a_need_is_not_qualified(mine: Lead, rep: Membership) -> None:
    working(mine, rep)
    for name, value in {**leads.UNDERSTOOD, "need_level": "none"}.items():
        setattr(mine, name, value)
    mine.save()
    assert "no need" in str(refused(mine, "qualify", actor=rep))


def test_only_a_qualified_lead_is_converted(mine: Lead, rep: Membership) -> None:
    working(mine, rep)
    refused(mine, "convert", actor=rep, customer=None)


def test_a_lead_is_disqualified_for_a_reason_of_its_own_kind(mine: Lead, rep: Membership) -> None:
    assert refused(mine, "disqualify", actor=rep, reason=leads.close_reason("price", "lost")).field == "reason"
    perform(mine, "disqualify", actor=rep, reason=leads.close_reason())
    assert (mine.state, mine.close_reason) == ("disqualified", leads.close_reason()) and mine.closed_at is not None


def test_a_closed_lead_is_reopened_by_a_manager_within_180_days(mine: Lead, rep: Membership) -> None:
    rep.team = make.team("South")
    rep.save()
    boss = make.member("mgr", team=rep.team)
    perform(mine, "assign", actor=SYSTEM, owner=rep)
    perform(mine, "disqualify", actor=rep, reason=leads.close_reason())
    assert isinstance(refused(mine, "reopen", actor=rep), Forbidden)
    perform(mine, "reopen", actor=boss)
    assert (mine.state, mine.close_reason, mine.closed_at) == ("working", None, None)
    perform(mine, "disqualify", actor=rep, reason=leads.close_reason(), at=timezone.now() - timedelta(days=181))
    assert "180 days" in str(refused(mine, "reopen", actor=boss))


def test_a_closed_lead_without_an_owner_is_reopened_as_new() -> None:
    lead = leads.lead()
    perform(lead, "disqualify", actor=SYSTEM, reason=leads.close_reason())
    perform(lead, "reopen", actor=SYSTEM)
    assert lead.state == "new"


def test_returning_a_lead_leaves_it_to_anyone(mine: Lead, rep: Membership) -> None:
    perform(mine, "return_to_pool", actor=rep, reason="Wrong region")
    assert (mine.state, mine.owner, mine.team) == ("new", None, None)
    assert LeadAssignment.objects.filter(lead=mine, method="return").get().reason == "Wrong region"


def test_merging_keeps_the_earlier_day_and_all_that_is_known(rep: Membership) -> None:
    early = timezone.now() - timedelta(days=9)
    first = leads.lead(at=early, channel=leads.channel("fair", kind="exhibition"), phone="13800008000", region="Foshan")
    third, second = leads.lead(), leads.lead()
    record_event(first, actor=SYSTEM, type="quote_request", source="web", dedupe_key="1")
    perform(first, "merge", actor=SYSTEM, survivor=second)
    second.refresh_from_db()
    assert (first.state, first.merged_into) == ("merged", second)
    assert (second.captured_at, second.channel.code, second.phone, second.region) == (early, "fair", "+8613800008000", "Foshan")
    perform(second, "merge", actor=SYSTEM, survivor=third)
    first.refresh_from_db()
    assert first.merged_into == third


def test_a_lead_is_merged_neither_into_itself_nor_into_a_merged_one() -> None:
    one, other, gone = leads.lead(), leads.lead(), leads.lead()
    perform(gone, "merge", actor=SYSTEM, survivor=other)
    assert "itself" in str(refused(one, "merge", actor=SYSTEM, survivor=one))
    assert "was itself merged" in str(refused(one, "merge", actor=SYSTEM, survivor=gone))


def test_a_rep_may_not_merge(mine: Lead, rep: Membership) -> None:
    assert isinstance(refused(mine, "merge", actor=rep, survivor=leads.lead(owner=rep)), Forbidden)


def test_what_is_offered_is_what_is_possible(mine: Lead, rep: Membership) -> None:
    assert {offer.name: offer.allowed for offer in offered(mine, rep)} == {
        "assign": False, "log_first_contact": True, "nurture": True, "disqualify": True, "merge": False, "return_to_pool": True,
        "protect": True, "unprotect": False, "enrol": True,
    }  # fmt: skip


BROKEN: list[dict[str, Any]] = [
    {"score": 101},
    {"phone": "", "email": "", "wecom": ""},
    {"state": "converted"},
    {"state": "disqualified"},
    {"state": "merged"},
    {"state": "working"},
    {"state": "lost"},
    {"grade": "E"},
    {"est_amount": -1},
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: next(iter(broken.items())))
def test_the_database_keeps_the_rules_itself(broken: dict[str, Any]) -> None:
    lead = leads.lead()
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(**broken)


def test_nobody_is_merged_into_oneself() -> None:
    lead = leads.lead()
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(state="merged", merged_into=lead)


def test_a_date_is_a_date(mine: Lead, rep: Membership) -> None:
    perform(mine, "nurture", actor=rep, until=date.fromordinal(timezone.localdate().toordinal() + 3), reason="Later")
    assert history(mine).first().data["until"] == mine.nurture_until.isoformat()  # type: ignore[union-attr]
