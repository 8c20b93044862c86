"""Cases that are easily got wrong: by rounding, by the calendar, by the order of things, by who does them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ltc.calendars.business_days import WorkCalendar
from ltc.customers.models import Customer
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.dunning import Circumstances, Dunnable, Level, next_window, plan
from receivables.integrity import assert_ledger_holds
from receivables.models import Allocation, Invoice, JournalEntry, JournalLine, Payment, Period, ReceivableItem, WriteOff
from receivables.services.differences import write_off
from receivables.services.free_invoices import draft_free_invoice, issue_past_invoice
from receivables.services.periods import open_period
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.test_rest import Keyed
from tests.pages import Browser

D = Decimal
AT = datetime(2026, 7, 20, 4, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
WINDOWS = [(time(9, 30), time(11, 30)), (time(14), time(17))]
WEEK = WorkCalendar()


@pytest.fixture
def customer(inside, rep) -> Customer:
    return cash.order(rep, at=AT).customer


def owed(customer, *amounts, due=date(2026, 7, 30), **fields):
    """The items of an invoice of the past, in the order given."""
    invoice = issue_past_invoice(
        customer=customer, items=[{"amount": D(amount), "due_date": due} for amount in amounts], on=date(2026, 7, 20), at=AT, **fields
    )
    return list(invoice.items.order_by("seq"))


def test_a_hundred_part_payments_of_a_cent_never_take_an_item_below_zero_in_base(customer):
    """0.01 at a rate of 0.5 rounds up each time: the last payment takes what is left, and no cent is lost on either side."""
    Tenant.objects.update(settings={"small_difference_tolerance": "0"})
    (item,) = owed(customer, "0.20", currency="USD", fx_rate=D("0.5"))
    made = Payment.objects.create(
        customer=customer, amount=D("0.50"), currency="USD", received_on=date(2026, 7, 21), state=Payment.State.IDENTIFIED
    )
    perform(made, "post", actor=SYSTEM, at=AT + timedelta(days=1), fx_rate=D("0.5"))
    for _ in range(20):
        perform(Payment.objects.get(), "allocate", actor=SYSTEM, rows=[{"item": item, "amount": D("0.01")}])
        item.refresh_from_db()
        assert item.open_base >= 0 and Payment.objects.get().unallocated_base >= 0
    assert (item.open_amount, item.open_base) == (0, 0)
    assert_ledger_holds()


def test_three_part_payments_relieve_by_the_remainder_in_whatever_order_they_are_reversed(customer):
    (item,) = owed(customer, "10000.00", currency="USD", fx_rate=D("7.10"))
    money = []
    for amount in ("3333.33", "3333.33", "3333.34"):
        payment = Payment.objects.create(
            customer=customer, amount=D(amount), currency="USD", received_on=date(2026, 8, 5), state=Payment.State.IDENTIFIED
        )
        perform(payment, "post", actor=SYSTEM, at=AT + timedelta(days=16), fx_rate=D("7.05"))
        payment.refresh_from_db()
        if payment.unallocated:
            perform(payment, "allocate", actor=SYSTEM, at=AT + timedelta(days=16))
        money.append(payment)
    assert list(Allocation.objects.order_by("posted_at", "pk").values_list("base_item", flat=True)) == [
        D("23666.64"), D("23666.64"), D("23666.72"),
    ]  # fmt: skip
    perform(money[0], "reverse", actor=SYSTEM, reason="Bounced")
    item.refresh_from_db()
    assert (item.open_amount, item.open_base) == (D("3333.33"), D("23666.64"))
    again = Payment.objects.create(
        customer=customer, amount=D("3333.33"), currency="USD", received_on=date(2026, 8, 6), state=Payment.State.IDENTIFIED
    )
    perform(again, "post", actor=SYSTEM, at=AT + timedelta(days=17), fx_rate=D("7.20"))
    item.refresh_from_db()
    assert (item.open_amount, item.open_base) == (0, 0)
    assert_ledger_holds()


def test_a_pro_forma_invoice_is_not_proposed_and_its_money_stands_on_account(customer):
    """It is no debt: a payment of exactly its amount is posted, and nothing is settled with it."""
    items = [{"amount": D("4000.00"), "due_date": date(2026, 7, 30)}]
    draft = draft_free_invoice(actor=SYSTEM, customer=customer, kind=Invoice.Kind.PROFORMA, items=items)
    perform(draft, "submit", actor=SYSTEM, at=AT)
    if Invoice.objects.get(pk=draft.pk).state == Invoice.State.IN_APPROVAL:
        perform(draft, "approve", actor=SYSTEM, at=AT)
    perform(draft, "issue", actor=SYSTEM, at=AT)
    payment = cash.paid(customer, "4000.00", at=AT + timedelta(days=1))
    assert (payment.state, Payment.objects.get().unallocated) == ("posted", D("4000.00"))
    assert payment.suggestion().shares == ()
    assert_ledger_holds()


@pytest.mark.parametrize(
    ("paid", "left", "difference"), [("99.00", "0", "1.00"), ("98.99", "1.01", None), ("101.00", "0", "1.00"), ("101.01", "0", None)]
)
def test_the_tolerance_holds_to_the_cent_on_both_sides(customer, paid, left, difference):
    (item,) = owed(customer, "100.00")
    payment = cash.paid(customer, paid, at=AT + timedelta(days=1))
    if Payment.objects.get().unallocated == D(paid):
        perform(payment, "allocate", actor=SYSTEM, at=AT + timedelta(days=1))
    item.refresh_from_db()
    assert item.open_amount == D(left)
    found = WriteOff.objects.first()
    assert (found.amount if found else None) == (D(difference) if difference else None)
    assert Payment.objects.get().unallocated == (D("1.01") if paid == "101.01" else 0)
    assert_ledger_holds()


def test_what_follows_from_an_allocation_is_taken_back_with_it_and_comes_again(customer):
    (item,) = owed(customer, "100.00")
    payment = cash.paid(customer, "99.50", at=AT + timedelta(days=1))
    item.refresh_from_db()
    assert item.open_amount == 0
    perform(payment, "reverse", actor=SYSTEM, reason="Bounced", at=AT + timedelta(days=9))
    item.refresh_from_db()
    assert (item.open_amount, item.due_date, WriteOff.objects.get().state) == (D("100.00"), date(2026, 7, 30), "reversed")
    taken_back = JournalEntry.objects.filter(reverses__isnull=False)
    assert {entry.entry_date for entry in taken_back} == {timezone.localdate(AT + timedelta(days=9))}
    cash.paid(customer, "99.50", at=AT + timedelta(days=10))
    item.refresh_from_db()
    assert item.open_amount == 0
    assert_ledger_holds()


def test_money_that_comes_to_light_after_the_month_is_closed_is_posted_today_and_settles_the_old_item(customer):
    (item,) = owed(customer, "100.00")
    month = open_period(month=date(2026, 7, 1), actor=SYSTEM)
    perform(month, "close", actor=SYSTEM, at=datetime(2026, 8, 3, 4, tzinfo=UTC))
    late = cash.paid(customer, "100.00", at=datetime(2026, 8, 5, 4, tzinfo=UTC), on=date(2026, 7, 29))
    item.refresh_from_db()
    assert (item.open_amount, late.received_on, Payment.objects.get().posted_on) == (0, date(2026, 7, 29), date(2026, 8, 5))
    assert Allocation.objects.get().date == date(2026, 7, 29), "for punctuality the day of the money counts"
    days = set(JournalEntry.objects.exclude(event="invoice.issue").values_list("entry_date", flat=True))
    assert days == {date(2026, 8, 5)}
    perform(Payment.objects.get(), "reverse", actor=SYSTEM, reason="Bounced", at=datetime(2026, 8, 6, 4, tzinfo=UTC))
    assert not JournalEntry.objects.filter(entry_date__month=7).exclude(event="invoice.issue").exists()
    assert Period.objects.get().state == "closed"
    assert_ledger_holds()


def test_an_earlier_instalment_with_the_same_amount_is_paid_first(customer):
    later, sooner = owed(customer, "50.00", "50.00")
    ReceivableItem.objects.filter(pk=sooner.pk).update(due_date=date(2026, 7, 25))
    cash.paid(customer, "50.00", at=AT + timedelta(days=1))
    later.refresh_from_db()
    sooner.refresh_from_db()
    assert (sooner.open_amount, later.open_amount) == (0, D("50.00"))


def test_nothing_goes_out_in_the_hour_that_a_clock_skips_or_repeats():
    spring = datetime(2026, 3, 8, 6, 45, tzinfo=UTC)  # 01:45, a quarter of an hour before the clocks go forward
    opens = next_window(WEEK, spring, NEW_YORK, [(time(2, 30), time(4))], business_days_only=False)
    assert opens.astimezone(UTC) >= datetime(2026, 3, 8, 7, tzinfo=UTC) and opens.astimezone(NEW_YORK).date() == date(2026, 3, 8)
    before, after = (next_window(WEEK, datetime(2026, *day, 12, tzinfo=UTC), NEW_YORK, WINDOWS) for day in ((3, 6), (3, 9)))
    assert before.astimezone(UTC).time() == time(14, 30) and after.astimezone(UTC).time() == time(13, 30), "half past nine on the wall"
    autumn = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 for the second time
    assert next_window(WEEK, autumn, NEW_YORK, [(time(1), time(2))], business_days_only=False).astimezone(UTC) == autumn


def test_a_message_that_missed_its_window_waits_for_the_next_one_and_not_over_a_weekend():
    friday = datetime(2026, 7, 17, 21, 1, tzinfo=UTC)  # 17:01 in New York
    assert next_window(WEEK, friday, NEW_YORK, WINDOWS) == datetime(2026, 7, 20, 9, 30, tzinfo=NEW_YORK)
    noon = datetime(2026, 7, 17, 16, tzinfo=UTC)
    assert next_window(WEEK, noon, NEW_YORK, WINDOWS) == datetime(2026, 7, 17, 14, tzinfo=NEW_YORK)


def test_a_make_up_workday_counts_and_a_disputed_item_does_not_hold_its_neighbour_back():
    saturday = date(2026, 10, 10)
    golden_week = frozenset(date(2026, 10, day) for day in range(1, 8))
    calendar = WorkCalendar(workdays=frozenset({saturday}), holidays=golden_week)
    steps = [Level(3, 3), Level(4, 7), Level(5, 14)]
    plain = Dunnable("plain", date(2026, 10, 3), D(5000), D(5000))
    disputed = Dunnable("disputed", date(2026, 10, 3), D(0), D(0), disputed=True)
    partly = Dunnable("partly", date(2026, 9, 26), D(700), D(700), disputed=True, used=frozenset({3}))
    found = plan([plain, disputed, partly], steps, calendar, Circumstances(saturday, D(100), 3))
    assert [(each.item, each.level, each.lower) for each in found.candidates] == [("plain", 4, (3,)), ("partly", 5, (4,))]
    assert found.suppressed == {"disputed": "disputed"}


def test_a_month_end_on_a_weekend_is_put_off_after_the_due_date_and_pulled_forward_before_it():
    steps = [Level(1, -1), Level(2, 0)]
    item = Dunnable("one", date(2026, 5, 31), D(5000), D(5000))  # a Sunday
    on = {day: plan([item], steps, WEEK, Circumstances(day, D(100), 3)) for day in (date(2026, 5, 29), date(2026, 6, 1))}
    assert [each.level for each in on[date(2026, 5, 29)].candidates] == [1]
    assert ([each.level for each in on[date(2026, 6, 1)].candidates], on[date(2026, 6, 1)].superseded) == ([2], (("one", 1),))


def test_a_key_approves_nothing_and_a_person_does_at_either_door(customer, tenant):
    (item,) = owed(customer, "500.00")
    clerk, approver = make.member("fin"), cash.approver()
    asked = write_off(actor=clerk, item=item, amount=D("500.00"), kind=WriteOff.Kind.BAD_DEBT, reason="Insolvent")
    key = Keyed(caller_of(tenant, role="fin"))
    refused = key.post(f"write-offs/{asked.pk}/actions/approve/", {}, If_Match="*")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    with pytest.raises(Forbidden):
        perform(asked, "approve", actor=clerk)
    browser = Browser(approver)
    answer = browser.client.post(
        browser._inside(f"/api/v1/write-offs/{asked.pk}/actions/approve/"), "{}", content_type="application/json",
        headers={"If-Match": "*", "Idempotency-Key": "one"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert WriteOff.objects.get().state == "posted"
    assert JournalLine.objects.filter(account="BAD_DEBT").get().amount_base == D("500.00")


def test_a_write_off_of_more_than_is_open_by_now_is_refused_when_it_is_approved(customer):
    (item,) = owed(customer, "500.00")
    asked = write_off(actor=make.member("fin"), item=item, amount=D("500.00"), kind=WriteOff.Kind.BAD_DEBT, reason="Insolvent")
    payment = cash.paid(customer, "100.00", at=AT + timedelta(days=1))
    perform(payment, "allocate", actor=SYSTEM)
    with pytest.raises(Refusal) as refusal:
        perform(asked, "approve", actor=cash.approver())
    assert refusal.value.code == "item_overallocated"
    assert ReceivableItem.objects.get(pk=item.pk).open_amount == D("400.00")
