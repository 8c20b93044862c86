from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from leads.events import LeadCaptured
from leads.models import Lead, LeadEvent, LeadTouch
from leads.selectors import possible_duplicates, source_trail
from leads.services import InvalidLead, capture_lead, record_event, update_lead, upsert_lead
from ltc.customers.duplicates import DuplicateRule
from ltc.customers.services import create_customer
from ltc.events import bus
from ltc.events.models import Work
from ltc.events.outbox import run_pending
from ltc.refusals import Forbidden, StaleVersion
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
from tests.leads import make as leads

pytestmark = pytest.mark.usefixtures("inside")


def test_a_captured_lead_has_a_number_a_source_and_a_history(monkeypatch: pytest.MonkeyPatch, rep: Membership) -> None:
    told: list[Any] = []
    monkeypatch.setitem(bus._subscribers, LeadCaptured, [told.append])
    at = timezone.now() - timedelta(days=3)
    lead = leads.lead(actor=rep, at=at, phone="138 0000 8000", email="Ada@Example.com", touch={"url": "https://example.com/?utm_source=x"})
    assert lead.number == f"LD-{at.year}-000001"
    assert (lead.state, lead.owner, lead.phone, lead.email) == ("new", None, "+8613800008000", "ada@example.com")
    assert source_trail(lead).values_list("channel__code", "occurred_at", "url").get() == (
        "website",
        at,
        "https://example.com/?utm_source=x",
    )
    assert history(lead).values_list("name", "to_state", "at", "actor").get() == ("capture", "new", at, rep.pk)
    assert [(event.record, event.at) for event in told] == [(lead.pk, at)]


def test_a_captured_lead_is_scored_by_the_worker() -> None:
    lead = leads.lead(industry_match="target", size_employees=320, seniority="manager", budget="planned")
    assert run_pending() == 1
    lead.refresh_from_db()
    assert (lead.fit_score, lead.score, lead.grade, lead.matrix_cell) == (Decimal("67.00"), 40, "C", "B4")
    assert sum(Decimal(line["points"]) for line in lead.score_lines) == 40
    assert lead.version == 1, "a score is no edit, so it does not make an open form stale"


def test_a_lead_needs_a_way_to_reach_someone() -> None:
    with pytest.raises(InvalidLead, match="Add a telephone number"):
        leads.lead(email="")
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "12"), ("email", "nobody"), ("budget", "huge"), ("currency", "XXX"), ("shoe_size", 42)]
)
def test_what_makes_no_sense_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidLead) as refusal:
        leads.lead(**{field: value})
    assert refusal.value.field == field
    assert not Lead.objects.exists()


def test_a_rep_captures_for_themselves_and_not_for_others(rep: Membership) -> None:
    assert leads.lead(actor=rep, owner=rep).owner == rep
    with pytest.raises(Forbidden):
        leads.lead(actor=rep, owner=make.member("rep"))


def test_finance_adds_no_leads() -> None:
    with pytest.raises(Forbidden):
        leads.lead(actor=make.member("fin"))


def test_a_value_without_a_currency_is_in_the_tenants() -> None:
    lead = leads.lead(est_amount=Decimal("1000.005"))
    assert (lead.est_amount, lead.currency) == (Decimal("1000.01"), "CNY")


def test_duplicates_are_told_and_do_not_stop(rep: Membership) -> None:
    known = leads.lead(company_name="Yueheng Co., Ltd.", email="ada@yueheng.example", owner=rep)
    customer = create_customer(actor=SYSTEM, name="YUEHENG", contacts=[{"name": "Bo", "phone": "+8613800008000"}])
    found = possible_duplicates(SYSTEM, company_name="yueheng", phone="+8613800008000", email="ada@yueheng.example")
    assert {(like.kind, like.id, like.rule) for like in found} == {
        ("customer", customer.pk, DuplicateRule.SAME_NAME),
        ("lead", known.pk, DuplicateRule.SAME_NAME),
    }
    assert leads.lead(company_name="Yueheng").pk


def test_of_a_duplicate_that_one_may_not_see_only_the_team_is_told(rep: Membership) -> None:
    theirs = make.member("rep", team=make.team("East"))
    leads.lead(company_name="Yueheng", owner=theirs)
    [like] = possible_duplicates(rep, company_name="Yueheng")
    told = like.as_json()
    assert told.pop("ticket")  # to ask for it with
    assert told == {"kind": "lead", "id": None, "rule": "same_name", "label": "", "with": "East", "in_pool": False}


def test_the_same_reference_of_the_same_system_is_the_same_lead() -> None:
    first, created = upsert_lead(
        actor=SYSTEM, source_system="shop", external_ref="7", channel=leads.channel(), contact_name="Ada", email="a@b.example"
    )
    again, created_again = upsert_lead(actor=SYSTEM, source_system="shop", external_ref="7", channel=leads.channel(), region="Foshan")
    assert (created, created_again, again.pk, again.region, again.contact_name) == (True, False, first.pk, "Foshan", "Ada")
    with pytest.raises(InvalidLead) as refusal:
        leads.lead(source_system="shop", external_ref="7")
    assert refusal.value.code == "already_exists"


def test_what_another_system_sends_for_a_merged_lead_reaches_the_survivor() -> None:
    gone, survivor = leads.lead(source_system="shop", external_ref="7"), leads.lead()
    perform(gone, "merge", actor=SYSTEM, survivor=survivor)
    found, _created = upsert_lead(actor=SYSTEM, source_system="shop", external_ref="7", region="Foshan", channel=leads.channel())
    assert (found.pk, found.region) == (survivor.pk, "Foshan")


def test_a_stale_edit_is_refused_and_changes_nothing(rep: Membership) -> None:
    lead = leads.lead(owner=rep)
    seen = lead.version
    update_lead(lead, actor=rep, version=seen, region="Foshan")
    with pytest.raises(StaleVersion):
        update_lead(lead, actor=rep, version=seen, region="Shenzhen")
    lead.refresh_from_db()
    assert lead.region == "Foshan"


def test_a_rep_changes_no_lead_of_others() -> None:
    lead = leads.lead(owner=make.member("rep"))
    with pytest.raises(Forbidden):
        update_lead(lead, actor=make.member("rep"), region="Foshan")


def test_a_mask_that_comes_back_is_no_change(rep: Membership) -> None:
    lead = leads.lead(owner=rep, phone="13800008000")
    update_lead(lead, actor=rep, phone="+86138****8000", region="Foshan")
    assert (lead.phone, lead.region) == ("+8613800008000", "Foshan")


def test_an_event_counts_once_and_has_the_lead_scored_later() -> None:
    lead = leads.lead()
    run_pending()
    assert record_event(lead, actor=SYSTEM, type="quote_request", source="web", dedupe_key="k1")
    assert not record_event(lead, actor=SYSTEM, type="quote_request", source="web", dedupe_key="k1")
    assert LeadEvent.objects.count() == 1
    waiting = Work.objects.get(kind="leads.score", state="pending", key__startswith=str(lead.pk))
    assert waiting.state == "pending" and waiting.available_at > timezone.now() + timedelta(seconds=50)
    Work.objects.update(available_at=timezone.now())
    run_pending()
    lead.refresh_from_db()
    assert lead.engagement_score == Decimal("40.00")


def test_events_of_a_merged_lead_count_for_the_survivor() -> None:
    gone, survivor = leads.lead(), leads.lead()
    record_event(gone, actor=SYSTEM, type="demo_request", source="web", dedupe_key="k1")
    perform(gone, "merge", actor=SYSTEM, survivor=survivor)
    Work.objects.update(available_at=timezone.now())
    run_pending()
    survivor.refresh_from_db()
    assert survivor.engagement_score == Decimal("35.00")
    assert source_trail(survivor).count() == 2


def test_the_same_touch_counts_once() -> None:
    leads.lead(touch={"dedupe_key": "form-1"})
    with pytest.raises(Exception, match="lead_touch_counts_once"):
        leads.lead(touch={"dedupe_key": "form-1"})


def test_names_are_found_by_a_part_of_them() -> None:
    wanted = leads.lead(company_name="粤衡演示智能装备有限公司", contact_name="Ada")
    leads.lead()
    assert list(Lead.objects.filter(search_text__icontains="智能装备")) == [wanted]
    assert list(Lead.objects.filter(search_text__icontains=wanted.number.lower())) == [wanted]
    assert wanted.sort_key.startswith("yue heng yan shi")


def test_a_national_number_is_completed_by_the_tenants_country(inside: Tenant) -> None:
    Tenant.objects.filter(pk=inside.pk).update(base_currency="USD")
    assert leads.lead(phone="(957) 962-1534").phone == "+19579621534"
    assert (
        capture_lead(actor=SYSTEM, channel=leads.channel(), contact_name="Bo", phone="13800008000", country="CN").phone == "+8613800008000"
    )


def test_a_touch_is_never_changed() -> None:
    leads.lead()
    with pytest.raises(Exception, match="append-only"):
        LeadTouch.objects.update(url="x")
