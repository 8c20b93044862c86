"""GD-5 of the domain rules, through REST: receivables of the second quarter."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ltc.customers.models import Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from receivables.metrics.outstanding import count_back
from receivables.models import Allocation, Bill, CreditNote, Invoice, Payment, PromiseItem, PromiseToPay, ReceivableItem, WriteOff
from tests import make
from tests.callers import Caller, caller_of
from tests.collections.history import make as history
from tests.collections.history.gold import receivables
from tests.contracts.rows import make_row
from tests.ltc.analytics.told import moment

Q2 = "from=2026-04-01&to=2026-06-30"


def day(text: str) -> date:
    return moment(text).date()


class Books:
    """Tells what was invoiced, paid, credited and promised."""

    def __init__(self) -> None:
        self.customer = make_row(Customer, name="Debtor")
        self.items: dict[str, ReceivableItem] = {}

    def item(self, ref: str, invoiced: str, due: str | None, amount: str, *paid: tuple[str, str], **fields: Any) -> ReceivableItem:
        value, on = Decimal(amount), day(invoiced)
        invoice = make_row(
            Invoice, number=ref, state="issued", invoice_date=on, fx_rate=1, net=value, tax=0, gross=value, gross_base=value,
            customer=self.customer, issued_at=moment(invoiced), currency="CNY",
        )  # fmt: skip
        self.items[ref] = make_row(
            ReceivableItem, invoice=invoice, customer=self.customer, seq=1, currency="CNY", amount=value, amount_base=value,
            due_date=day(due) if due else None, open_amount=value, open_base=value, **fields,
        )  # fmt: skip
        for when, part in paid:
            self.pay(ref, when, part)
        return self.items[ref]

    def pay(self, ref: str, when: str, amount: str, **fields: Any) -> Allocation:
        value = Decimal(amount)
        payment = make_row(
            Payment, customer=self.customer, state="posted", number=f"P-{Payment.objects.count()}", received_on=day(when), fx_rate=1,
            amount=value, amount_base=value, currency="CNY",
        )  # fmt: skip
        return self.settle(ref, when, value, kind="payment", payment=payment, **fields)

    def credit(self, ref: str, when: str, amount: str) -> Allocation:
        value, item = Decimal(amount), self.items[ref]
        note = make_row(
            CreditNote, invoice=item.invoice, customer=self.customer, number=f"C-{ref}", credit_date=day(when), state="applied", fx_rate=1,
            net=value, tax=0, gross=value, gross_base=value, currency="CNY", issued_at=moment(when),
        )  # fmt: skip
        return self.settle(ref, when, value, kind="credit_note", credit_note=note)

    def write_off(self, ref: str, when: str, amount: str, kind: str) -> Allocation:
        value, item = Decimal(amount), self.items[ref]
        off = make_row(
            WriteOff, customer=self.customer, item=item, kind=kind, amount=value, amount_base=value, date=day(when), state="posted",
            posted_at=moment(when), currency="CNY",
        )  # fmt: skip
        return self.settle(ref, when, value, kind="write_off", write_off=off)

    def settle(self, ref: str, when: str, value: Decimal, **source: Any) -> Allocation:
        known = {"amount": value, "base_item": value, "base_source": value, "fx_diff": 0, "date": day(when)}
        known |= {"payment": None, "credit_note": None, "write_off": None}
        row: Allocation = make_row(Allocation, item=self.items[ref], **{**known, **source})
        return row

    def promise(self, ref: str, amount: str, made: str, until: str, good_until: str) -> PromiseToPay:
        row: PromiseToPay = make_row(
            PromiseToPay, customer=self.customer, promised_amount=Decimal(amount), made_on=day(made), made_at=moment(made),
            promised_on=day(until), good_until=day(good_until), currency="CNY",
        )  # fmt: skip
        make_row(PromiseItem, promise=row, item=self.items[ref], amount=Decimal(amount), open_then=Decimal(amount))
        return row


def gold_books() -> Books:
    told = Books()
    told.item("R1", "04-05", "05-05", "200000", ("05-04", "200000"))
    told.item("R2", "04-10", "05-10", "150000", ("05-10", "100000"), ("05-25", "50000"))
    told.item("R3", "04-20", "05-20", "150000", ("06-10", "150000"))
    told.item("R4", "05-08", "06-07", "240000", ("06-05", "240000"))
    told.item("R5", "05-15", "06-14", "160000")
    told.item("R6", "06-10", "07-10", "300000")
    told.item("R7", "06-20", "07-20", "300000")
    told.item("R8", "02-20", "03-22", "90000")
    told.item("R9", "03-10", "04-09", "110000", ("04-09", "110000"))
    told.item("R10", "03-25", "04-24", "100000", ("05-14", "100000"))
    told.item("R11", "05-20", "06-19", "100000")
    told.credit("R11", "06-25", "20000")
    told.promise("R2", "50000", "05-15", "05-25", "05-27")
    told.promise("R3", "150000", "05-25", "06-05", "06-09")
    told.promise("R6", "300000", "06-20", "07-05", "07-07")
    return told


@pytest.fixture
def books(tenant: Tenant) -> Books:
    with acting_for(tenant):
        return gold_books()


@pytest.fixture
def gold(tenant: Tenant, books: Books) -> Caller:
    return caller_of(tenant)


@pytest.fixture(params=["rows", "import"])
def quarter(request: pytest.FixtureRequest, db: None) -> Caller:
    """The company of the golden set: once as rows, once through the history import."""
    if request.param == "import":
        company = history.tenant()
        assert not list(history.bring(company, receivables()).faults)
        return caller_of(company)
    company = make.tenant("gold")
    with acting_for(company):
        gold_books()
    return caller_of(company)


def ask(caller: Caller, code: str, as_of: str = "2026-06-30", period: str = Q2) -> Any:
    return caller.get(f"metrics/{code}/?{period}&as_of={as_of}").json()


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("ar.opening", "300000.00"),
        ("ar.closing", "930000.00"),
        ("ar.sales", "1580000.00"),
        ("cash.collected", "950000.00"),
        ("coll.on_time", "0.3750"),
        ("coll.on_time.amount", "0.5462"),
        ("coll.on_time.paid_basis", "0.5000"),
        ("ar.dso.simple", "53.56"),
        ("ar.dso.countback", "51.70"),
        ("ar.bpdso", "34.56"),
        ("ar.add", "19.01"),
        ("ar.cei", "0.7422"),
        ("ar.overdue_rate", "0.3548"),
        ("ar.ecl", "34800.00"),
        ("ar.days_to_pay", "35.49"),
        ("ar.avg_late_days", "6.21"),
        ("coll.promise_kept", "0.5000"),
        ("ar.outstanding", "930000.00"),
        ("ar.overdue", "330000.00"),
    ],
)
def test_the_receivables_of_the_quarter(quarter: Caller, code: str, value: str) -> None:
    assert ask(quarter, code)["value"] == value


def test_the_counts_behind_the_rates(quarter: Caller) -> None:
    for code, part, whole in (("coll.on_time", "3", "8"), ("coll.on_time.paid_basis", "3", "6"), ("coll.promise_kept", "1", "2")):
        answer = ask(quarter, code)
        assert (answer["numerator"], answer["denominator"]) == (part, whole)
    answer = ask(quarter, "coll.on_time.amount")
    assert (Decimal(answer["numerator"]), Decimal(answer["denominator"])) == (650_000, 1_190_000)


def test_the_receivables_by_age(quarter: Caller) -> None:
    assert ask(quarter, "ar.aging")["table"] == {
        "current": "600000.00", "1-30": "240000.00", "31-60": "0.00", "61-90": "0.00", ">90": "90000.00", "total": "930000.00",
    }  # fmt: skip


def test_what_is_paid_after_the_period_does_not_change_its_close(gold: Caller, books: Books, tenant: Tenant) -> None:
    with acting_for(tenant):
        books.pay("R5", "07-15", "160000")
    assert ask(gold, "ar.dso.simple", "2026-07-31")["value"] == "53.56"
    assert ask(gold, "ar.aging", "2026-07-31")["table"]["total"] == "770000.00"


def test_a_reversed_payment_opens_the_item_from_that_day_on(gold: Caller, books: Books, tenant: Tenant) -> None:
    with acting_for(tenant):
        books.pay("R8", "06-01", "90000", state="reversed", reversed_on=day("06-20"))
    assert ask(gold, "ar.aging", "2026-06-10")["table"][">90"] == "0.00"
    assert ask(gold, "ar.aging", "2026-06-20")["table"][">90"] == "0.00"
    assert ask(gold, "ar.aging", "2026-06-21")["table"][">90"] == "90000.00"
    assert ask(gold, "ar.days_to_pay")["value"] == "35.49"


def test_bad_debt_is_no_payment_and_a_small_difference_is(inside: Tenant) -> None:
    told = Books()
    told.item("A", "04-01", "05-01", "100", ("04-30", "60"))
    told.write_off("A", "05-01", "40", "bad_debt")
    told.item("B", "04-01", "05-01", "100", ("04-30", "99.5"))
    told.write_off("B", "04-30", "0.5", "small_difference")
    told.item("C", "04-01", "05-01", "100")
    told.credit("C", "06-01", "100")
    answer = ask(caller_of(inside), "coll.on_time")
    assert (answer["numerator"], answer["denominator"]) == ("1", "2")


def test_retention_is_owed_from_its_release(inside: Tenant) -> None:
    told = Books()
    told.item("K", "03-10", None, "5000", kind="retention", released=False)
    told.item("L", "03-10", "07-01", "7000", kind="retention", released=True, released_on=day("05-20"))
    caller = caller_of(inside)
    assert ask(caller, "ar.opening")["value"] == "0.00"
    assert (ask(caller, "ar.sales")["value"], ask(caller, "ar.closing")["value"]) == ("7000.00", "7000.00")
    assert ask(caller, "ar.sales", "2026-05-19")["value"] == "0.00"


@pytest.mark.parametrize(
    ("closing", "sales", "days", "capped"),
    [
        ("0", {(2026, 6): Decimal(100)}, "0.00", False),
        ("50", {(2026, 6): Decimal(100)}, "15.00", False),
        ("100", {(2026, 6): Decimal(100)}, "30.00", False),
        ("50", {(2026, 4): Decimal(100)}, "76.00", False),
        ("200", {(2026, 6): Decimal(100)}, "730.00", True),
    ],
)
def test_counting_back(closing: str, sales: dict[tuple[int, int], Decimal], days: str, capped: bool) -> None:
    assert count_back(Decimal(closing), sales, date(2026, 6, 30)) == (Decimal(days), capped)


def test_a_bank_bill_is_a_payment_when_it_comes_and_a_commercial_one_when_it_falls_due(inside: Tenant) -> None:
    told = Books()
    for ref, method in (("A", "bank_acceptance_bill"), ("B", "commercial_acceptance_bill")):
        told.item(ref, "04-01", "05-01", "100", ("04-30", "100"))
        payment = Payment.objects.get(allocations__item=told.items[ref])
        Payment.objects.filter(pk=payment.pk).update(method=method)
        make_row(Bill, payment=payment, due_on=day("07-30"))
    caller = caller_of(inside)
    assert ask(caller, "coll.on_time")["numerator"] == "1"
    assert ask(caller, "coll.on_time.cash")["numerator"] == "0"
    assert ask(caller, "ar.closing")["value"] == "0.00"


def test_retention_and_receipts_on_account_have_variants_of_their_own(inside: Tenant) -> None:
    told = Books()
    told.item("S", "04-01", "07-01", "1000")
    told.item("K", "04-01", None, "100", kind="retention", released=False)
    advance = told.pay("S", "05-01", "200")
    Payment.objects.filter(pk=advance.payment_id).update(amount=500, amount_base=500)
    caller = caller_of(inside)
    values = {code: ask(caller, f"ar.dso.simple{code}")["value"] for code in ("", ".incl_retention", ".net_of_advances")}
    assert values == {"": "72.80", ".incl_retention": "81.90", ".net_of_advances": "45.50"}
