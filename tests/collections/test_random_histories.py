"""Invariants I1 to I11 under random histories with reversals, and under clerks who work at once.

LTC_HISTORIES says how many histories are walked (a few in the suite, 200 before a release)."""

import os
import random
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from ltc.customers.models import Customer
from ltc.customers.services import create_customer
from ltc.money.models import ExchangeRate
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.integrity import violations
from receivables.models import Allocation, CreditNote, JournalLine, Payment, ReceivableItem, Refund, WriteOff
from receivables.services.credits import draft_credit_note
from receivables.services.differences import write_off
from receivables.services.free_invoices import issue_past_invoice
from receivables.services.receipts import record_payment
from receivables.services.refunds import request_refund
from receivables.services.retention import release_retention
from receivables.statements import statement_of
from tests import make

HISTORIES = int(os.environ.get("LTC_HISTORIES", "4"))
STEPS = 40
FIRST = datetime(2026, 3, 2, 4, tzinfo=UTC)
RATES = ("7.10", "7.05", "7.1234", "6.9999")
D = Decimal


def cents(dice: random.Random, most: int = 90_000) -> Decimal:
    return D(dice.randint(1, most)) / 100


class History:
    """One random history: whatever a clerk can do, in any order; what is refused changes nothing."""

    def __init__(self, seed: int, customers: list[Customer]) -> None:
        self.dice, self.customers, self.at = random.Random(seed), customers, FIRST

    def run(self, steps: int) -> None:
        moves: tuple[Callable[[], Any], ...] = (
            self.bill, self.bill, self.receive, self.receive, self.allocate, self.allocate, self.take_allocation_back, self.bounce,
            self.credit, self.forgive, self.refund, self.refund_comes_back, self.release, self.take_write_off_back, self.use_credit,
        )  # fmt: skip
        for number in range(steps):
            self.at += timedelta(hours=self.dice.randint(1, 30))
            move = self.dice.choice(moves)
            try:
                with transaction.atomic():
                    move()
            except Refusal:
                pass
            if number % 8 == 7:
                assert list(violations()) == [], f"after step {number}, {move.__name__}"
        assert list(violations()) == []

    def some(self, rows: Any) -> Any:
        found = list(rows.order_by("pk")[:50])
        if not found:
            raise Refusal("nothing there")
        return self.dice.choice(found)

    def bill(self) -> None:
        parts = [cents(self.dice) for _number in range(self.dice.randint(1, 3))]
        due = (self.at + timedelta(days=self.dice.randint(0, 40))).date()
        items: list[dict[str, Any]] = [{"amount": part, "due_date": due + timedelta(days=n)} for n, part in enumerate(parts)]
        if len(items) > 1 and self.dice.random() < 0.4:
            items[-1] = {"amount": parts[-1], "retention": True}
        currency = self.dice.choice(("CNY", "USD"))
        tax = sum(parts, D(0)) / 10 if currency == "CNY" else D(0)
        tax = tax.quantize(D("0.01"))
        issue_past_invoice(
            customer=self.dice.choice(self.customers), items=items, on=self.at.date(), at=self.at, currency=currency, tax=tax,
            fx_rate=D(self.dice.choice(RATES)) if currency == "USD" else None,
        )  # fmt: skip

    def receive(self) -> None:
        currency = self.dice.choice(("CNY", "USD"))
        amount = cents(self.dice, 200_000)
        if self.dice.random() < 0.3 and (item := ReceivableItem.objects.filter(open_amount__gt=0, currency=currency).first()):
            amount = max(item.open_amount + D(self.dice.choice(("0", "-0.07", "0.05"))), D("0.01"))
        customer = self.dice.choice(self.customers)
        payment = record_payment(actor=SYSTEM, customer=customer, amount=amount, currency=currency, received_on=self.at.date(), at=self.at)
        perform(payment, "post", actor=SYSTEM, at=self.at)

    def allocate(self) -> None:
        perform(self.some(Payment.objects.filter(state="posted", unallocated__gt=0)), "allocate", actor=SYSTEM, at=self.at)

    def use_credit(self) -> None:
        perform(self.some(CreditNote.objects.filter(unallocated__gt=0)), "allocate", actor=SYSTEM, at=self.at)

    def take_allocation_back(self) -> None:
        perform(self.some(Allocation.objects.filter(active=True, write_off=None)), "reverse", actor=SYSTEM, at=self.at)

    def bounce(self) -> None:
        perform(self.some(Payment.objects.filter(state="posted")), "reverse", actor=SYSTEM, at=self.at, reason="Bounced")

    def credit(self) -> None:
        invoice = self.some(ReceivableItem.objects.all()).invoice
        amount = invoice.gross if self.dice.random() < 0.2 else (invoice.gross / self.dice.randint(2, 9)).quantize(D("0.01"))
        note = draft_credit_note(actor=SYSTEM, invoice=invoice, reason="price", amount=amount, at=self.at)
        for step in ("submit", "approve", "issue"):
            perform(note, step, actor=SYSTEM, at=self.at)

    def forgive(self) -> None:
        item = self.some(ReceivableItem.objects.filter(open_amount__gt=0, released=True))
        amount = item.open_amount if self.dice.random() < 0.5 else max((item.open_amount / 3).quantize(D("0.01")), D("0.01"))
        write_off(actor=SYSTEM, item=item, amount=amount, kind="bad_debt", at=self.at)

    def take_write_off_back(self) -> None:
        perform(self.some(WriteOff.objects.filter(state="posted")), "reverse", actor=SYSTEM, at=self.at, reason="Wrong")

    def refund(self) -> None:
        payment = self.some(Payment.objects.filter(state="posted", unallocated__gt=0))
        amount = payment.unallocated if self.dice.random() < 0.5 else max((payment.unallocated / 4).quantize(D("0.01")), D("0.01"))
        request_refund(actor=SYSTEM, payment=payment, amount=amount, at=self.at)

    def refund_comes_back(self) -> None:
        perform(self.some(Refund.objects.filter(state="posted")), "give_back", actor=SYSTEM, at=self.at, reason="Account closed")

    def release(self) -> None:
        release_retention(item=self.some(ReceivableItem.objects.filter(released=False)), actor=SYSTEM, at=self.at)


@pytest.fixture
def customers(rep: Any) -> list[Customer]:
    return [create_customer(actor=SYSTEM, name=f"Example {name}", owner=rep) for name in ("Foods", "Water")]


@pytest.mark.parametrize("seed", range(HISTORIES))
@pytest.mark.usefixtures("inside")
def test_the_books_agree_after_any_history(seed: int, customers: list[Customer]) -> None:
    for step in range(120):
        ExchangeRate.objects.create(
            from_currency="USD", to_currency="CNY", rate_date=(FIRST + timedelta(days=step)).date(), rate=D(RATES[step % len(RATES)])
        )
    history = History(seed, customers)
    history.run(STEPS)
    replayed = {
        (row["account"], row["item"], row["payment"], row["credit_note"]): row["total"]
        for row in JournalLine.objects.values("account", "item", "payment", "credit_note").annotate(total=Sum("amount_doc"))
    }
    for item in ReceivableItem.objects.filter(retained=False):
        booked = sum((total for (account, of, _p, _c), total in replayed.items() if account == "AR" and of == item.pk), D(0))
        assert booked == item.open_amount  # I9
    for customer in customers:
        for currency in ("CNY", "USD"):
            owed = ReceivableItem.objects.filter(customer=customer, currency=currency, retained=False).aggregate(t=Sum("open_amount"))["t"]
            sources: list[Any] = [Payment.objects.filter(state="posted"), CreditNote.objects.filter(number__isnull=False)]
            held = sum(
                (rows.filter(customer=customer, currency=currency).aggregate(t=Sum("unallocated"))["t"] or D(0) for rows in sources), D(0)
            )
            statement = statement_of(customer, date(2026, 4, 1), date(2027, 1, 1), currency=currency)
            assert statement.closing == (owed or D(0)) - held  # I8


@pytest.mark.usefixtures("inside")
def test_the_order_of_allocations_does_not_change_what_is_left(customers: list[Customer]) -> None:
    dice, totals = random.Random(7), []
    amounts = [cents(dice) for _number in range(4)]
    for turn, customer in enumerate(customers):
        for amount in amounts:
            issue_past_invoice(
                customer=customer, items=[{"amount": amount, "due_date": date(2026, 4, 1)}], on=date(2026, 3, 2), at=FIRST, currency="USD",
                fx_rate=D("7.10"),
            )  # fmt: skip
        items = list(ReceivableItem.objects.filter(customer=customer).order_by("seq", "pk"))
        ExchangeRate.objects.get_or_create(
            from_currency="USD", to_currency="CNY", rate_date=date(2026, 3, 2), source="manual", defaults={"rate": D("7.0511")}
        )
        payment = record_payment(
            actor=SYSTEM, customer=customer, amount=sum(amounts, D("5")), currency="USD", received_on=FIRST.date(), at=FIRST
        )
        perform(payment, "post", actor=SYSTEM, at=FIRST)
        for item in items if turn else reversed(items):
            perform(payment, "allocate", actor=SYSTEM, at=FIRST, rows=[{"item": item, "amount": item.open_amount}])
        sums = JournalLine.objects.filter(customer=customer).values("account").annotate(doc=Sum("amount_doc"), base=Sum("amount_base"))
        totals.append({row["account"]: row["doc"] for row in sums} | {"AR base": payment.unallocated})
        assert list(violations()) == []
    assert totals[0] == totals[1]


def test_clerks_at_once_allocate_no_cent_twice(transactional_db: None) -> None:
    tenant = make.tenant("clerks")
    with acting_for(tenant):
        customer = create_customer(actor=SYSTEM, name="Example Foods")
        for _number in range(3):
            issue_past_invoice(
                customer=customer, items=[{"amount": D("400.00"), "due_date": date(2026, 4, 1)}], on=date(2026, 3, 2), at=FIRST
            )
        payment = record_payment(actor=SYSTEM, customer=customer, amount=D("1000.00"), currency="CNY", received_on=FIRST.date(), at=FIRST)
        perform(payment, "post", actor=SYSTEM, at=FIRST)
        items = list(ReceivableItem.objects.order_by("pk"))
    results: list[str] = []
    ready = threading.Barrier(6)

    def clerk(number: int) -> None:
        try:
            ready.wait()
            with acting_for(tenant):
                row = {"item": items[number % 3], "amount": D("250.00")}
                perform(Payment.objects.get(), "allocate", actor=SYSTEM, at=FIRST, rows=[row])
            results.append("done")
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    clerks = [threading.Thread(target=clerk, args=(number,)) for number in range(6)]
    for each in clerks:
        each.start()
    for each in clerks:
        each.join()
    with acting_for(tenant):
        assert list(violations()) == []
        assert Allocation.objects.count() == results.count("done") <= 4
    assert set(results) <= {"done", "insufficient_unallocated", "item_overallocated"} and len(results) == 6
