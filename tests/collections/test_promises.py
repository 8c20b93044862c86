from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ltc.calendars.services import set_up_calendar
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import TransitionRefused, perform
from receivables import promises as rule
from receivables.models import PromiseToPay, ReceivableItem
from receivables.services.promises import judge_promises, make_promise
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.collections.make import at, owed


@pytest.fixture
def item(inside, rep) -> ReceivableItem:
    set_up_calendar("CN", years=[2026])
    return owed(rep, due=date(2026, 9, 30))


def promised(item, on=date(2026, 10, 20), made=(10, 15), amount=None, **fields) -> PromiseToPay:
    return make_promise(actor=SYSTEM, items=[{"item": item, "amount": amount}], promised_on=on, at=at(*made), **fields)


def test_a_promise_is_good_until_its_grace_of_two_business_days_is_over(item):
    promise = promised(item)
    assert (promise.promised_amount, promise.good_until, promise.state) == (Decimal("30000"), date(2026, 10, 22), "open")
    assert judge_promises(at=at(10, 22, 15)) == 0  # 23:00 in Shanghai
    assert judge_promises(at=at(10, 22, 17)) == 1
    promise.refresh_from_db()
    assert (promise.state, promise.closed_on, promise.received) == ("broken", date(2026, 10, 22), 0)


@pytest.mark.parametrize(("paid", "verdict"), [("30000.00", "kept"), ("15000.00", "partially_kept"), ("14999.99", "broken")])
def test_what_came_in_since_decides(item, paid, verdict):
    promise = promised(item)
    payment = cash.paid(item.customer, paid, at=at(10, 21))
    payment.refresh_from_db()
    if payment.unallocated:
        perform(payment, "allocate", actor=SYSTEM, at=at(10, 21), rows=[{"item": item, "amount": Decimal(paid)}])
    judge_promises(at=at(10, 23))
    promise.refresh_from_db()
    assert (promise.state, promise.received) == (verdict, Decimal(paid))
    assert promise.closed_on == (date(2026, 10, 21) if verdict == "kept" else date(2026, 10, 22))


def test_money_that_came_before_the_promise_does_not_keep_it(item):
    payment = cash.paid(item.customer, "20000.00", at=at(10, 12))
    perform(payment, "allocate", actor=SYSTEM, at=at(10, 12), rows=[{"item": item, "amount": Decimal("20000")}])
    promise = promised(item)
    assert promise.promised_amount == 10_000
    judge_promises(at=at(10, 23))
    promise.refresh_from_db()
    assert (promise.state, promise.received) == ("broken", 0)


def test_a_new_promise_supersedes_the_older_one_for_the_same_item(item):
    older, newer = promised(item), promised(item, on=date(2026, 10, 27), made=(10, 19))
    older.refresh_from_db()
    assert (older.state, older.closed_on, newer.state) == ("superseded", date(2026, 10, 19), "open")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"on": date(2026, 10, 14)}, "out_of_range"),
        ({"on": date(2026, 12, 15)}, "out_of_range"),
        ({"amount": Decimal("30000.01")}, "over_open"),
        ({"amount": Decimal("0")}, "invalid"),
        ({"promised_amount": Decimal("30000.01")}, "over_open"),
    ],
)
def test_a_promise_is_for_the_next_sixty_days_and_for_what_is_open(item, fields, code):
    with pytest.raises(Refusal) as refusal:
        promised(item, **fields)
    assert refusal.value.code == code
    assert not PromiseToPay.objects.exists()


def test_history_takes_promises_of_the_past_and_counts_what_was_open_then(item):
    cash.paid(item.customer, "30000.00", at=at(10, 21))
    promise = promised(item, is_history=True, amount=Decimal("30000"))
    assert promise.items.get().open_then == 30_000
    judge_promises(at=at(11, 2))
    promise.refresh_from_db()
    assert (promise.state, promise.closed_on) == ("kept", date(2026, 10, 21))


def test_finance_cancels_a_promise_and_a_salesperson_does_not(item):
    promise = promised(item)
    with pytest.raises(Forbidden):
        perform(promise, "cancel", actor=make.member("rep"), reason="Wrong customer")
    perform(promise, "cancel", actor=make.member("fin"), at=at(10, 16), reason="Wrong customer")
    assert (promise.state, promise.closed_on, promise.cancel_reason) == ("cancelled", date(2026, 10, 16), "Wrong customer")
    with pytest.raises(TransitionRefused):
        perform(promise, "cancel", actor=make.member("fin"), reason="Again")


def test_a_salesperson_enters_promises_of_their_own_customers_only(item, rep):
    make_promise(actor=rep, items=[{"item": item}], promised_on=date(2026, 10, 20), at=at(10, 15))
    with pytest.raises(Forbidden):
        make_promise(actor=make.member("rep"), items=[{"item": item}], promised_on=date(2026, 10, 20), at=at(10, 15))
    assert PromiseToPay.objects.count() == 1


def test_after_three_broken_promises_in_a_year_nobody_is_believed():
    broken = [date(2026, 1, 10), date(2026, 3, 10), date(2026, 5, 10)]
    assert rule.is_believed(date(2026, 5, 10), broken)
    assert not rule.is_believed(date(2026, 5, 11), broken)
    assert rule.is_believed(date(2027, 1, 11), broken)
    assert rule.is_believed(date(2026, 6, 1), broken[:2])


def test_a_promise_and_a_dispute_by_rest(tenant):
    with acting_for(tenant):
        item = owed(make.member("rep"), due=date(2026, 9, 30))
    api = caller_of(tenant)
    soon = timezone.localdate() + timedelta(days=3)
    body = {"items": [{"item": str(item.pk)}], "promised_on": soon.isoformat(), "channel": "email"}
    made = api.post("promises/", body)
    assert made.status_code == 201, made.content
    assert (made.json()["promised_amount"], made.json()["items"][0]["open_then"]) == ("30000.0000", "30000.0000")
    argued = api.post("disputes/", {"item": str(item.pk), "amount": "10000.00", "reason": "quality"})
    assert argued.status_code == 201, argued.content
    assert api.post("disputes/", {"item": str(item.pk), "amount": "20000.01", "reason": "quality"}).status_code == 409
    assert len(api.get(f"disputes/?item={item.pk}").json()["data"]) == 1


def test_the_day_of_a_promise_is_the_tenants(item):
    late = make_promise(actor=SYSTEM, items=[{"item": item}], promised_on=date(2026, 10, 16), at=at(10, 15, 16) + timedelta(minutes=1))
    assert late.made_on == date(2026, 10, 16)
