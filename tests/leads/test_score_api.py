from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Lead, LeadEvent, LeadScoreSnapshot, ScoringConfig
from ltc.events.models import Work
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.leads import make as leads


@pytest.fixture
def shanghai(tenant: Tenant) -> Tenant:
    Tenant.objects.filter(pk=tenant.pk).update(time_zone="Asia/Shanghai", base_currency="CNY")
    return tenant


@pytest.fixture
def admin(tenant: Tenant) -> Caller:
    return caller_of(tenant, role="adm")


def event(kind: str, day: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "occurred_at": f"2026-{day}T12:00:00+08:00", "source": "site", "dedupe_key": f"{kind}-{day}", **more}


EVENTS = [
    event("quote_request", "05-31"),
    event("event_attended", "05-01"),
    event("call_connected", "06-16"),
    *(event("email_click", "06-23", dedupe_key=f"click-{n}") for n in range(4)),
    event("page_view_pricing", "06-30"),
    event("no_show", "05-31"),
]


@pytest.fixture
def worked(shanghai: Tenant, admin: Caller, caller: Caller) -> str:
    """The lead of the hand check (GD-9a), made through the API."""
    assert admin.post("scorecards/", {"rules": {"core_regions": ["Guangdong"]}}).status_code == 201
    with acting_for(shanghai):
        channel = leads.channel()
    made = caller.post(
        "leads/",
        {
            "contact_name": "Lin", "company_name": "Example Foods", "email": "lin@qq.com", "phone": "13800008000",
            "channel": str(channel.pk),
            "industry_match": "target", "size_employees": 320, "region": "Guangdong", "seniority": "manager", "budget": "planned",
            "timeline": "m4_6", "captured_at": "2026-04-30T12:00:00+08:00",
        },
    )  # fmt: skip
    assert made.status_code == 201, made.content
    lead = made.json()["id"]
    answer = caller.post("lead-events/batch/", {"items": [{**each, "lead": lead} for each in EVENTS]})
    assert {each["status"] for each in answer.json()["data"]} == {201}
    return str(lead)


def test_the_hand_check_can_be_asked_for_as_of_any_instant(caller: Caller, worked: str) -> None:
    now = caller.get(f"leads/{worked}/score/?as_of=2026-06-30T12:00:00%2B08:00").json()
    assert (now["fit_score"], now["engagement_score"], now["score"], now["grade"], now["matrix_cell"]) == ("78.00", "38.00", 62, "B", "A2")
    later = caller.get(f"leads/{worked}/score/?as_of=2026-07-30T12:00:00%2B08:00").json()
    assert (later["engagement_score"], later["score"], later["grade"], later["matrix_cell"]) == ("11.97", 52, "B", "A3")
    assert later["exact"] == pytest.approx(51.588, abs=1e-9)


def test_the_lines_add_up_to_the_score_and_its_parts(caller: Caller, worked: str) -> None:
    for day in ("2026-06-30", "2026-07-30", "2026-11-02"):
        said = caller.get(f"leads/{worked}/score/?as_of={day}T12:00:00%2B08:00").json()
        points = {part: sum(float(line["points"]) for line in said["lines"] if line["part"] == part) for part in ("fit", "engagement")}
        assert points["fit"] == pytest.approx(0.6 * float(said["fit_score"]), abs=1e-9)
        assert points["engagement"] == pytest.approx(0.4 * float(said["engagement_score"]), abs=1e-9)
        assert said["baseline"] + sum(float(line["points"]) for line in said["lines"]) == pytest.approx(said["score"], abs=1e-9)


def test_an_instant_without_an_offset_is_refused(caller: Caller, worked: str) -> None:
    assert caller.get(f"leads/{worked}/score/?as_of=2026-06-30").status_code == 400
    assert caller.get(f"leads/{worked}/score/?on=2026-06-30").status_code == 400


def test_events_in_bulk_count_once_each_and_one_that_fails_stops_no_other(caller: Caller, worked: str, tenant: Tenant) -> None:
    items = [
        {**EVENTS[0], "lead": worked},
        {**event("page_view", "06-29"), "lead": worked},
        {**event("page_view", "06-29"), "lead": worked},
        {**event("page_view", "06-28"), "lead": "00000000-0000-0000-0000-000000000000"},
        {**event("dancing", "06-28"), "lead": worked},
        event("page_view", "06-27"),
    ]
    answer = caller.post("lead-events/batch/", {"items": items}).json()
    assert [each["status"] for each in answer["data"]] == [200, 201, 200, 404, 400, 400]
    with acting_for(tenant):
        assert LeadEvent.objects.count() == len(EVENTS) + 1


def test_a_new_scorecard_is_used_at_once_and_an_old_one_can_be_used_again(admin: Caller, worked: str, tenant: Tenant) -> None:
    with acting_for(tenant):
        run_pending()
        first = ScoringConfig.objects.get(active=True)
    second = admin.post("scorecards/", {"name": "Harder", "rules": {"industry_match": {"target": 5}}})
    assert (second.json()["number"], second.json()["active"], second.json()["whole"]["industry_match"]["target"]) == (2, True, 5)
    with acting_for(tenant):
        run_pending()
        harder = Lead.objects.get(pk=worked).fit_score
        assert ScoringConfig.objects.filter(active=True).count() == 1
    assert admin.post(f"scorecards/{first.pk}/use/", {}).json()["active"] is True
    with acting_for(tenant):
        run_pending()
        lead = Lead.objects.get(pk=worked)
        assert (harder, lead.fit_score) == (Decimal(50), Decimal(78))
        assert LeadScoreSnapshot.objects.filter(lead=lead).count() >= 2


def test_a_scorecard_can_be_tried_before_it_is_used(admin: Caller, worked: str, tenant: Tenant) -> None:
    tried = admin.post("scorecards/preview/", {"rules": {"region": {"other": 3}}}).json()
    assert (tried["leads"], tried["changed"]) == (1, 0)
    tried = admin.post("scorecards/preview/", {"rules": {"deductions": {"personal_mail": -100}}}).json()
    assert (tried["changed"], tried["after"]["D"]) == (1, 1)
    with acting_for(tenant):
        assert ScoringConfig.objects.count() == 1


@pytest.mark.parametrize(
    "rules",
    [{"colour": {}}, {"fit_weight": 0.9}, {"industry_match": {"best": 3}}, {"events": {"page_view": [1, 0, 5]}}, {"region": {"core": "x"}}],
)
def test_a_scorecard_that_makes_no_sense_is_refused(admin: Caller, rules: dict[str, Any], tenant: Tenant) -> None:
    answer = admin.post("scorecards/", {"rules": rules})
    assert answer.status_code in (400, 409), answer.content
    with acting_for(tenant):
        assert not ScoringConfig.objects.exists()


def test_only_an_administrator_changes_how_leads_are_scored(tenant: Tenant) -> None:
    caller = caller_of(tenant, "leads:write", role="api")
    assert caller.post("scorecards/", {"rules": {}}).status_code == 403
    assert caller.post("score-models/train/", {}).status_code == 403
    assert caller.post("score-models/roll-back/", {}).status_code == 403
    with acting_for(tenant):
        assert not Work.objects.filter(kind="leads.train").exists()


def test_a_new_score_changes_the_tag_and_makes_no_change_of_a_person_fail(caller: Caller, worked: str, shanghai: Tenant) -> None:
    before = caller.get(f"leads/{worked}/")["ETag"]
    assert caller.get(f"leads/{worked}/", If_None_Match=before).status_code == 304
    with acting_for(shanghai):
        Lead.objects.filter(pk=worked).update(score=99, scored_at=timezone.now())
    fresh = caller.get(f"leads/{worked}/", If_None_Match=before)
    assert (fresh.status_code, fresh.json()["score"]) == (200, 99)
    assert caller.patch(f"leads/{worked}/", {"region": "Foshan"}, If_Match=before).status_code == 200
    assert caller.patch(f"leads/{worked}/", {"region": "Dongguan"}, If_Match=before).status_code == 412
