"""The golden schedules GD-8 by the command, and that the dry run is what the real daily runs do."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count

from ltc.calendars.models import BusinessCalendar, CalendarDay
from ltc.calendars.services import set_up_calendar
from ltc.customers.models import Contact
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.models import (
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
    HistoryImport,
    ImportedRecord,
    Invoice,
    PromiseToPay,
    ReceivableItem,
)
from receivables.services.dispatch import send_reminders
from receivables.services.disputes import open_dispute
from receivables.services.policies import policy_in_force, save_policy, set_customer, stop_item
from receivables.services.promises import make_promise
from receivables.services.reminders import plan_reminders
from tests import make
from tests.collections import make as cash
from tests.collections.make import at, owed

KEYS = {"date", "invoice", "seq", "level", "outcome", "reason"}


def planned(tenant: Tenant, first: str, last: str) -> list[dict[str, Any]]:
    """What the command says, line by line."""
    out = StringIO()
    call_command("plan_reminders", tenant.code, "--from", first, "--to", last, "--json", stdout=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all(line.keys() == KEYS for line in lines)
    return lines


def told(lines: list[dict[str, Any]], outcome: str) -> dict[int, list[str]]:
    """The days of an outcome, by level."""
    found: dict[int, list[str]] = {}
    for line in lines:
        if line["outcome"] == outcome:
            found.setdefault(line["level"], []).append(line["date"][5:])
    return found


@pytest.fixture
def company(inside: Tenant) -> Tenant:
    set_up_calendar("CN", years=[2026])
    policy_in_force()
    return inside


def item_due(rep: Any, due: date) -> ReceivableItem:
    """30,000.00 due on a day, of an invoice of the first of June."""
    return owed(rep, due=due, on=at(6, 1, 4))


@pytest.mark.parametrize(
    ("due", "sent", "superseded", "deferred"),
    [
        (
            date(2026, 9, 30),
            {1: "09-23", 2: "09-30", 4: "10-08", 5: "10-14", 6: "10-30", 7: "11-30"},
            {3: ["10-08"]},
            {},
        ),
        (
            date(2026, 10, 3),
            {1: "09-24", 3: "10-08", 4: "10-12", 5: "10-19", 6: "11-02", 7: "12-02"},
            {2: ["10-08"]},
            {4: ["10-10"]},
        ),
        (
            date(2026, 7, 11),
            {1: "07-03", 2: "07-13", 3: "07-16", 4: "07-20", 5: "07-27", 6: "08-10", 7: "09-09"},
            {},
            {3: ["07-14", "07-15"]},
        ),
    ],
    ids=["X", "Y", "Z"],
)
def test_the_golden_schedules_by_the_command(company, rep, due, sent, superseded, deferred):
    item = item_due(rep, due)
    lines = planned(company, "2026-06-15", "2026-12-31")
    assert told(lines, "sent") == {level: [day] for level, day in sent.items()}
    assert told(lines, "superseded") == superseded
    assert told(lines, "deferred") == deferred
    assert told(lines, "suppressed") == {}
    assert {(line["invoice"], line["seq"]) for line in lines} == {(item.invoice.number, 1)}
    assert not DunningNotice.objects.exists() and not DunningNoticeItem.objects.exists()


def test_a_promise_stops_reminders_until_its_grace_is_over(company, rep):
    item = item_due(rep, date(2026, 9, 30))
    make_promise(actor=SYSTEM, items=[{"item": item}], promised_on=date(2026, 10, 20), at=at(10, 12))
    lines = planned(company, "2026-10-01", "2026-11-05")
    assert told(lines, "suppressed") == {5: ["10-14", "10-15", "10-16", "10-19", "10-20", "10-21", "10-22"]}
    assert {line["reason"] for line in lines if line["outcome"] == "suppressed"} == {"promised"}
    assert told(lines, "sent") == {4: ["10-08"], 5: ["10-23"], 6: ["10-30"]}


def test_a_payment_in_between_ends_the_reminders_and_its_reversal_brings_the_next_higher_one(company, rep):
    item = item_due(rep, date(2026, 9, 30))
    payment = cash.paid(item.customer, "30000.00", at=at(10, 9))
    lines = planned(company, "2026-09-01", "2026-11-05")
    assert told(lines, "sent") == {1: ["09-23"], 2: ["09-30"], 4: ["10-08"]}
    perform(payment, "reverse", actor=SYSTEM, at=at(10, 20), reason="Bounced")
    lines = planned(company, "2026-09-01", "2026-11-05")
    assert told(lines, "sent") == {1: ["09-23"], 2: ["09-30"], 4: ["10-08"], 5: ["10-20"], 6: ["10-30"]}


def test_a_wholly_disputed_item_waits_for_the_answer(company, rep):
    item = item_due(rep, date(2026, 9, 30))
    dispute = open_dispute(actor=SYSTEM, item=item, reason="quality", at=at(10, 12))
    perform(dispute, "resolve_rejected", actor=SYSTEM, at=at(10, 16), resolution="Within the tolerance of the contract.")
    lines = planned(company, "2026-10-01", "2026-11-05")
    assert told(lines, "suppressed") == {5: ["10-14", "10-15"]}
    assert {line["reason"] for line in lines if line["outcome"] == "suppressed"} == {"disputed"}
    assert told(lines, "sent") == {4: ["10-08"], 5: ["10-16"], 6: ["10-30"]}


def test_money_on_account_stops_the_reminder_of_what_it_may_have_paid(company, rep):
    item = item_due(rep, date(2026, 9, 30))
    second = owed(rep, due=date(2026, 10, 9), on=at(6, 1, 4))
    Invoice.objects.filter(pk=second.invoice_id).update(customer=item.customer)
    ReceivableItem.objects.filter(pk=second.pk).update(customer=item.customer)
    cash.paid(item.customer, "31000.00", at=at(10, 1))
    lines = planned(company, "2026-10-08", "2026-10-12")
    mine = [line for line in lines if line["invoice"] == item.invoice.number and line["outcome"] == "suppressed"]
    assert {line["reason"] for line in mine} == {"unapplied_cash"}
    assert [(line["date"], line["level"]) for line in lines if line["outcome"] == "sent"] == [("2026-10-08", 1), ("2026-10-12", 3)]


def test_a_stopped_item_and_an_excluded_customer_are_left_alone_with_the_reason(company, rep):
    item = item_due(rep, date(2026, 9, 30))
    fin = make.member("fin")
    stop_item(item, actor=fin, until=date(2026, 10, 13), reason="Talks", at=at(10, 1))
    lines = planned(company, "2026-10-01", "2026-10-16")
    assert {line["reason"] for line in lines if line["outcome"] == "suppressed"} == {"blocked"}
    assert told(lines, "sent") == {5: ["10-14"]}
    set_customer(item.customer, actor=fin, excluded=True, reason="Daughter company")
    lines = planned(company, "2026-10-14", "2026-10-16")
    assert [(line["date"], line["level"], line["reason"]) for line in lines if line["outcome"] != "superseded"] == [
        (f"2026-10-{day}", 5, "excluded") for day in (14, 15, 16)
    ]


def test_another_calendar_other_levels_and_another_interval(company, rep):
    calendar = BusinessCalendar.objects.create(name="Gulf", weekend=[5, 6])
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 10, 11), kind="holiday", name="Founding day")
    steps = [{"level": 1, "offset_days": 1, "channels": ["email"]}, {"level": 2, "offset_days": 5, "channels": ["email"]}]
    save_policy(policy_in_force(), actor=make.member("fin"), steps=steps, calendar=calendar, min_interval_days=5)
    item_due(rep, date(2026, 10, 8))  # a Thursday; Friday and Saturday are the weekend, Sunday the 11th is off
    lines = planned(company, "2026-10-01", "2026-10-31")
    assert told(lines, "sent") == {1: ["10-12"], 2: ["10-18"]}
    assert told(lines, "deferred") == {2: ["10-13", "10-14", "10-15"]}


def test_a_blackout_is_no_day_for_reminders(company, rep):
    save_policy(policy_in_force(), actor=make.member("fin"), blackouts=[["2026-10-08", "2026-10-13"]])
    item_due(rep, date(2026, 9, 30))
    lines = planned(company, "2026-10-01", "2026-10-20")
    assert told(lines, "sent") == {5: ["10-14"]}
    assert told(lines, "superseded") == {1: ["10-14"], 2: ["10-14"], 3: ["10-14"], 4: ["10-14"]}


def test_a_segment_has_a_policy_of_its_own(company, rep):
    item = item_due(rep, date(2026, 9, 30))
    save_policy(
        None,
        actor=make.member("fin"),
        name="Authorities",
        for_classes=["government"],
        steps=[{"level": 1, "offset_days": 10, "channels": ["email"]}],
    )
    type(item.customer).objects.update(enterprise_class="government")
    assert told(planned(company, "2026-09-01", "2026-12-31"), "sent") == {1: ["10-10"]}


def test_a_small_item_has_no_courtesy_note_unless_the_customer_wants_one(company, rep):
    item = owed(rep, due=date(2026, 9, 30), on=at(6, 1, 4), price="3000.00")
    assert 1 not in told(planned(company, "2026-09-01", "2026-10-20"), "sent")
    set_customer(item.customer, actor=make.member("fin"), courtesy=True)
    assert told(planned(company, "2026-09-01", "2026-09-28"), "sent") == {1: ["09-23"]}


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def what_happened() -> set[tuple[str, str, int, str]]:
    """The levels that real runs sent or superseded, with the day."""
    rows = DunningNoticeItem.objects.select_related("item__invoice", "notice").all()
    return {
        (row.at.astimezone(UTC).date().isoformat(), row.item.invoice.number, row.level, "sent" if row.state == "sent" else row.state)
        for row in rows
    }


def test_the_dry_run_is_what_the_real_daily_runs_do(company, rep, django_capture_on_commit_callbacks):
    """Four customers: one with three items in one letter, one that promised, one that disputes and pays in part, one left alone."""
    first, last = date(2026, 8, 20), date(2026, 11, 20)
    start = at(8, 20, 1)
    with time_machine.travel(start, tick=False):
        many = owed(rep, due=date(2026, 9, 4), on=at(6, 1, 4))
        for due in (date(2026, 9, 7), date(2026, 10, 3)):
            other = owed(rep, due=due, on=at(6, 1, 4))
            Invoice.objects.filter(pk=other.invoice_id).update(customer=many.customer)
            ReceivableItem.objects.filter(pk=other.pk).update(customer=many.customer)
        promising = owed(rep, due=date(2026, 8, 14), on=at(6, 1, 4))
        make_promise(actor=SYSTEM, items=[{"item": promising}], promised_on=date(2026, 9, 10), at=start)
        disputing = owed(rep, due=date(2026, 8, 28), on=at(6, 1, 4))
        open_dispute(actor=SYSTEM, item=disputing, reason="price", amount=Decimal("29950"), at=start)
        quiet = owed(rep, due=date(2026, 9, 15), on=at(6, 1, 4))
        Contact.objects.filter(customer=quiet.customer).delete()
        told_before = planned(company, first.isoformat(), last.isoformat())
    for day in days(first, last):
        now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        with time_machine.travel(now, tick=False):
            plan_reminders(now=now)
            for notice in DunningNotice.objects.filter(state="waiting_approval"):
                perform(notice, "approve", actor=SYSTEM, at=now)
            with django_capture_on_commit_callbacks(execute=True):
                send_reminders(now=now)
    expected = {
        (line["date"], line["invoice"], line["level"], line["outcome"]) for line in told_before if line["outcome"] in ("sent", "superseded")
    }
    assert what_happened() == expected
    assert len(expected) > 25
    reasons = {line["reason"] for line in told_before if line["outcome"] == "suppressed"}
    assert reasons == {"promised", "disputed", "no_reachable_contact"}
    assert any(line["outcome"] == "deferred" for line in told_before)
    assert PromiseToPay.objects.get().state == "broken"
    assert DunningNotice.objects.filter(kind="broken_promise").count() == 1
    doubled = DunningNoticeItem.objects.exclude(state="released").values("item", "level").annotate(n=Count("id")).filter(n__gt=1)
    assert not doubled.exists()
    assert set(DunningMessage.objects.values_list("status", flat=True)) == {"sent"}


def test_an_unknown_workspace_is_said_to_be_unknown(inside):
    with pytest.raises(Exception, match="no workspace"):
        call_command("plan_reminders", "nobody", "--from", "2026-09-01", "--to", "2026-09-02")


def imported(item: ReceivableItem, on: datetime) -> None:
    """The item's invoice was taken over from another system, whose file knows no contacts."""
    with time_machine.travel(on, tick=False):
        run = HistoryImport.objects.create(file_name="past.jsonl")
    ImportedRecord.objects.create(run=run, fact=uuid.uuid4(), record=item.invoice_id)
    Contact.objects.filter(customer=item.customer).delete()


def test_an_imported_invoice_begins_where_the_import_stands(company, rep, django_capture_on_commit_callbacks):
    """Days before the import are replayed by the dates of the file; from its day on what lies before it is used up."""
    item = item_due(rep, date(2026, 9, 30))
    imported(item, at(10, 12))
    assert told(planned(company, "2026-09-01", "2026-10-11"), "sent") == {1: ["09-23"], 2: ["09-30"], 4: ["10-08"]}
    lines = planned(company, "2026-10-12", "2026-11-05")
    assert told(lines, "superseded") == {level: ["10-12"] for level in (1, 2, 3, 4)}
    assert told(lines, "sent") == {5: ["10-14"], 6: ["10-30"]}
    assert plan_reminders(now=at(10, 12)) == 0
    assert plan_reminders(now=at(10, 14)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        send_reminders(now=at(10, 14))
    assert {message.status for message in DunningMessage.objects.all()} == {"sent"}
    save_policy(policy_in_force(), actor=make.member("fin"), import_mode="catch_up")
    assert 4 in told(planned(company, "2026-10-08", "2026-10-08"), "sent")
