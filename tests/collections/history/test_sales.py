"""Leads and opportunities of the past, brought in from a file."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from leads.models import Channel, Lead, LeadAssignment, MarketingSpend
from ltc.customers.models import Customer
from ltc.events.models import Work
from ltc.notifications.models import Notification
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership, Seat
from ltc.workflow.engine import perform
from opportunities.models import Opportunity, Quota, SalesCost
from receivables.models import ImportedFact
from tests.collections.history import gold
from tests.collections.history.make import at, bring, faults, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Tenant:
    return tenant()


def steps(record: object) -> list[tuple[str, str, str, str]]:
    """The history of a record, oldest first, as (day, name, from, to)."""
    entries = list(history(record))[::-1]  # type: ignore[arg-type]
    return [(f"{entry.at:%m-%d}", entry.name, entry.from_state, entry.to_state) for entry in entries]


def test_the_golden_sales_history_ends_where_its_facts_lead(books: Tenant) -> None:
    report = bring(books, gold.sales())
    assert not list(report.faults)
    with acting_for(books):
        leads: dict[str, Any] = {lead.external_ref: lead for lead in Lead.objects.all()}
        deals: dict[str, Any] = {deal.external_ref: deal for deal in Opportunity.objects.select_related("customer")}
        assert (leads["L1"].state, leads["L2"].state, leads["L8"].state, leads["L10"].state, leads["L11"].state) == (
            "converted", "disqualified", "nurturing", "new", "merged",
        )  # fmt: skip
        assert leads["L11"].merged_into == leads["L10"] and leads["L10"].captured_at == datetime(2026, 6, 15, 1, tzinfo=UTC)
        assert leads["L1"].customer == deals["O1"].customer and deals["O1"].lead == leads["L1"] and deals["O1"].channel.code == "web"
        assert (deals["O1"].state, deals["O1"].stage, deals["O1"].won_at) == ("won", "signing", datetime(2026, 5, 15, 1, tzinfo=UTC))
        assert (deals["O7"].state, deals["O7"].reopen_count, deals["O7"].amount_base, deals["O7"].fx_rate) == (
            "won",
            1,
            360_000,
            Decimal("7.2"),
        )
        assert (deals["O3"].max_stage, deals["O4"].stage, deals["O4"].state) == ("signing", "solution", "open")
        assert (deals["O8"].state, deals["O2"].lost_reason.name) == ("cancelled", "Not stated")
        assert deals["O1"].customer.state == "active" and deals["O2"].customer.state == "prospect"
        assert deals["O5"].customer.first_order_at == datetime(2024, 12, 31, 16, tzinfo=UTC)
        assert leads["L1"].touch_ends["first"]["channel"] == "web" and deals["O1"].touch_ends == leads["L1"].touch_ends
        assert deals["O1"].customer.touch_ends["last"]["channel"] == "web"
        assert {lead.source_system for lead in leads.values()} == {deal.source_system for deal in deals.values()} == {"import"}
        assert sum(spend.base_amount for spend in MarketingSpend.objects.all()) == 100_000
        assert SalesCost.objects.get().base_amount == 200_000


def test_the_history_reads_as_if_it_had_happened_here(books: Tenant) -> None:
    bring(books, gold.sales())
    with acting_for(books):
        assert steps(Opportunity.objects.get(external_ref="O7")) == [
            ("04-25", "created", "", "discovery"),
            ("04-25", "from_lead", "", ""),
            ("05-02", "advance", "discovery", "solution"),
            ("05-15", "advance", "solution", "bidding"),
            ("05-28", "lose", "open", "lost"),
            ("06-12", "reopen", "lost", "open"),
            ("06-18", "advance", "bidding", "negotiation"),
            ("06-22", "advance", "negotiation", "signing"),
            ("06-25", "win", "open", "won"),
        ]
        assert ("05-12", "skip", "discovery", "negotiation") in steps(Opportunity.objects.get(external_ref="O5"))
        assert ("05-12", "move_back", "bidding", "solution") in steps(Opportunity.objects.get(external_ref="O3"))
        assert steps(Lead.objects.get(external_ref="L3")) == [("03-31", "capture", "", "new"), ("04-20", "convert", "new", "converted")]
        won = Entry.objects.get(name="win", subject=Opportunity.objects.get(external_ref="O7").pk)
        assert (won.data["source"], won.data["amount_base"], won.data["fx_rate"]) == ("import", "360000.00", "7.20")


def test_nobody_is_told_and_no_work_is_left_behind(books: Tenant) -> None:
    bring(books, gold.sales())
    with acting_for(books):
        assert not Work.objects.exists() and not Notification.objects.exists()


def test_the_same_file_twice_changes_nothing(books: Tenant) -> None:
    lines = gold.sales()
    lines += [{"object": "lead_event", "lead": "L10", "at": at("06-16"), "type": "page_view"}] * 2
    bring(books, lines)
    with acting_for(books):
        before = Entry.objects.count(), Lead.objects.count(), ImportedFact.objects.count(), LeadAssignment.objects.count()
    report = bring(books, lines)
    assert (report.clean, report.added, report.skipped) == (True, 0, len(lines))
    with acting_for(books):
        assert (Entry.objects.count(), Lead.objects.count(), ImportedFact.objects.count(), LeadAssignment.objects.count()) == before


def test_a_trial_writes_nothing(books: Tenant) -> None:
    report = bring(books, gold.sales(), dry_run=True)
    assert report.clean and report.added == len(gold.sales())
    with acting_for(books):
        assert not Lead.objects.exists() and not ImportedFact.objects.exists() and not Entry.objects.exists()


def test_a_line_that_contradicts_an_earlier_one_is_reported_and_nothing_is_written(books: Tenant) -> None:
    bring(books, gold.sales())
    lines = gold.sales()
    number = next(number for number, line in enumerate(lines) if line.get("ref") == "O1")
    lines[number] = {**lines[number], "amount": "300001.00"}
    lines.append({"object": "channel", "ref": "tv", "name": "TV", "kind": "other"})
    report = bring(books, lines)
    assert faults(report) == [(number + 1, "ref")]
    with acting_for(books):
        assert not Channel.objects.filter(code="tv").exists()


def test_facts_are_put_in_order_whatever_the_order_of_their_lines(books: Tenant) -> None:
    lines = gold.sales()
    first = [line for line in lines if line["object"] not in ("opportunity_stage", "opportunity_status")]
    later = [line for line in lines if line["object"] in ("opportunity_stage", "opportunity_status")]
    assert bring(books, first + later[::-1]).clean
    with acting_for(books):
        deal = Opportunity.objects.get(external_ref="O3")
        assert (deal.state, deal.stage) == ("won", "signing")
        assert [step[1] for step in steps(deal)[2:]] == ["advance", "advance", "move_back", "advance", "advance", "advance", "win"]


def test_a_second_file_carries_on_where_the_first_ended(books: Tenant) -> None:
    bring(books, gold.sales())
    more = [
        {"object": "opportunity_stage", "opportunity": "O4", "at": at("06-20"), "stage": "signing"},
        {"object": "opportunity_status", "opportunity": "O4", "at": at("06-28"), "to": "won", "amount": "410000.00"},
        {"object": "lead_state", "lead": "L8", "at": at("06-21"), "to": "working"},
    ]
    assert bring(books, more).clean
    with acting_for(books):
        deal: Any = Opportunity.objects.get(external_ref="O4")
        assert (deal.state, deal.amount, deal.amount_base, deal.customer.state) == ("won", 410_000, 410_000, "active")
        assert Lead.objects.get(external_ref="L8").state == "working"
    late = [{"object": "opportunity_change", "opportunity": "O4", "at": at("06-01"), "amount": "1.00"}]
    assert faults(bring(books, late)) == [(1, "at")]


def test_imported_records_live_on_under_the_normal_rules(books: Tenant) -> None:
    bring(books, gold.sales())
    with acting_for(books):
        deal = perform(Opportunity.objects.get(external_ref="O4"), "advance", actor=SYSTEM)
        assert deal.stage == "bidding"
        lead = perform(Lead.objects.get(external_ref="L8"), "reactivate", actor=SYSTEM)
        assert lead.state == "working"


def test_people_own_what_the_file_says_and_when(books: Tenant) -> None:
    deal = {"object": "opportunity", "customer": "C", "expected_close": "2026-12-31"}
    lines = [
        {"object": "team", "ref": "T", "name": "Sales"},
        {"object": "team", "ref": "T1", "name": "South", "parent": "T"},
        {"object": "user", "ref": "U1", "email": "Ann@example.com", "name": "Ann", "role": "rep", "team": "T1"},
        {"object": "user", "ref": "U2", "email": "bo@example.com", "name": "Bo", "role": "mgr", "team": "T"},
        {"object": "channel", "ref": "web", "name": "Website", "kind": "web"},
        {
            "object": "lead", "ref": "L", "at": at("04-01"), "channel": "web", "company_name": "A", "contact_name": "B",
            "phone": "13800000000", "owner": "U1",
        },
        {"object": "lead_state", "lead": "L", "at": at("04-02"), "to": "working"},
        {"object": "owner_change", "record": "lead", "ref": "L", "at": at("04-05"), "to": "U2"},
        {"object": "lead_state", "lead": "L", "at": at("04-07"), "to": "qualified"},
        {"object": "customer", "ref": "C", "name": "A", "at": at("04-01")},
        {"object": "owner_change", "record": "customer", "ref": "C", "at": at("04-02"), "to": "U1"},
        {**deal, "ref": "O", "at": at("04-08"), "amount": "10.00", "owner": "U1"},
        {"object": "opportunity_status", "opportunity": "O", "at": at("04-09"), "to": "won"},
        {"object": "owner_change", "record": "opportunity", "ref": "O", "at": at("04-10"), "to": "U2"},
        {"object": "quota", "user": "U1", "period": "2026-Q3", "amount": "900000.00"},
        {"object": "quota", "team": "T", "period": "2026-07", "amount": "300000.00"},
    ]  # fmt: skip
    report = bring(books, lines)
    assert not list(report.faults)
    with acting_for(books):
        ann: Any
        bo: Any
        ann, bo = Membership.objects.get(email="ann@example.com"), Membership.objects.get(email="bo@example.com")
        assert ann.team.parent == bo.team and Seat.objects.filter(user=ann.user).exists() and not ann.user.has_usable_password()
        lead, won = Lead.objects.get(), Opportunity.objects.get()
        assert (lead.owner, lead.team, lead.phone) == (bo, bo.team, "+8613800000000")
        assert (won.owner, Customer.objects.get().owner) == (bo, ann)
        owners = dict(Entry.objects.filter(subject__in=[lead.pk, won.pk]).values_list("name", "data__owner"))
        assert (owners["log_first_contact"], owners["qualify"], owners["win"]) == (str(ann.pk), str(bo.pk), str(ann.pk))
        first, second = Quota.objects.order_by("-ends_on")
        assert (first.user, f"{first.starts_on}", f"{first.ends_on}") == (ann, "2026-07-01", "2026-09-30")
        assert (second.team, f"{second.ends_on}") == (bo.team, "2026-07-31")


def test_a_test_lead_is_marked_and_an_unknown_owner_has_a_name(books: Tenant) -> None:
    lead = {"object": "lead", "ref": "L", "at": at("04-01"), "channel": "web", "company_name": "A", "contact_name": "B", "email": "a@b.cn"}
    lines: list[dict[str, Any]] = [
        {"object": "channel", "ref": "web", "name": "Website", "kind": "web"},
        {**lead, "test": True},
        {"object": "lead_state", "lead": "L", "at": at("04-02"), "to": "qualified"},
    ]
    assert bring(books, lines).clean
    with acting_for(books):
        found: Any = Lead.objects.select_related("owner").get()
        assert found.is_test and found.owner.state == "inactive" and found.owner.name == "Owner unknown"


def test_a_foreign_amount_takes_the_rate_of_its_day_or_says_that_there_is_none(books: Tenant) -> None:
    deal = {"object": "opportunity", "customer": "C", "amount": "100.00", "currency": "USD", "expected_close": "2026-12-31"}
    lines: list[dict[str, Any]] = [
        {"object": "customer", "ref": "C", "name": "A", "at": at("04-01")},
        {**deal, "ref": "O", "at": at("04-08")},
        {"object": "fx_rate", "from": "USD", "to": "CNY", "date": "2026-04-06", "rate": "7.10"},
        {**deal, "ref": "P", "at": at("05-08")},
    ]
    report = bring(books, lines)
    assert faults(report) == [(4, "fx_rate")]
    assert bring(books, lines[:3]).clean
    with acting_for(books):
        assert Opportunity.objects.get().amount_base == 710
