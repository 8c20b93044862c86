"""What a customer is worth over its life, beside what it cost to win; and recurring revenue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import NO_DATA, Answer, Counted, Question, Row, quotient, share
from ltc.analytics.options import Options, options
from ltc.analytics.past import CHUNK, states_at
from ltc.analytics.periods import Period, period_named
from ltc.analytics.registry import metric
from ltc.money.rounding import round_fraction
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from orders.metrics.customers import full_cost
from orders.models import Order
from receivables.metrics.cash import OWNER, dimensions
from receivables.models import CreditNote, Invoice

ZERO = Decimal(0)
SLICES = ("owner", "team", "region", "segment")
CUSTOMER = ("customer", "customer__name", *OWNER)
DOCUMENT = ("net", "fx_rate", *CUSTOMER)


@dataclass(frozen=True, slots=True)
class Billed:
    """A customer with what was billed to it, net of tax and credits, in base currency."""

    row: Row
    net: Decimal


def billed(question: Question, first: date | None, last: date) -> dict[Any, Billed]:
    """What was billed to each customer on the days, net of tax and less credit notes."""
    found: dict[Any, Billed] = {}
    days: dict[str, Any] = {"lte": last} | ({"gte": first} if first else {})
    invoices = Invoice.objects.visible_to(question.actor).filter(
        Q(state__in=Invoice.POSTED), **{f"invoice_date__{op}": day for op, day in days.items()}
    )  # fmt: skip
    credits = CreditNote.objects.visible_to(question.actor).filter(
        state__in=CreditNote.POSTED, **{f"credit_date__{op}": day for op, day in days.items()}
    )  # fmt: skip
    for sign, rows in ((1, invoices.order_by().values_list(*DOCUMENT)), (-1, credits.order_by().values_list(*DOCUMENT))):
        for net, rate_of, customer, name, *whose in rows.iterator(chunk_size=CHUNK):
            known = found.get(customer) or Billed(Row("customer", customer, name, dimensions(*whose)), ZERO)
            found[customer] = Billed(known.row, known.net + sign * net * (rate_of or 1))
    return found


def _year_to(question: Question) -> tuple[date, date]:
    last = min(question.period.last, question.today)
    after = last + timedelta(days=1)
    return after.replace(year=after.year - 1, day=28 if (after.month, after.day) == (2, 29) else after.day), last


def revenue(question: Question) -> Iterator[Counted]:
    """The customers billed in the twelve months up to the end of the period."""
    for customer in billed(question, *_year_to(question)).values():
        yield Counted(customer.row, customer.net, 1, "revenue")


def _fiscal_year(question: Question) -> Period:
    start: int = Tenant.objects.values_list("fiscal_year_start_month", flat=True).get(pk=current_tenant_id())
    last = question.period.last
    return period_named(str(last.year if last.month >= start else last.year - 1), question.period.zone, start)


def buyers(question: Question) -> Iterator[Counted]:
    """The customers with an order in the year before, each with whether it has none in the year of the period's end."""
    year = _fiscal_year(question)
    before = period_named(str(year.first.year - 1), year.zone, year.first.month)
    orders = Order.objects.visible_to(question.actor).filter(
        confirmed_at__gte=before.start, confirmed_at__lt=year.end, confirmed_at__lte=question.as_of
    )
    states, active, again = states_at(Order, question.as_of), dict[Any, Row](), set[Any]()
    for pk, state, at, customer, name, *whose in orders.order_by().values_list("pk", "state", "confirmed_at", *CUSTOMER):
        if (states.get(pk) or state) in (Order.State.DRAFT, Order.State.CANCELLED):
            continue
        if at < year.start:
            active[customer] = Row("customer", customer, name, dimensions(*whose))
        else:
            again.add(customer)
    for customer, row in active.items():
        yield Counted(row, int(customer not in again), 1, "buyer")


metric(
    "churn", label=_("Customers lost"), unit="rate", direction="down", reduce=share, slices=SLICES,
    formula=_(
        "Customers with an order in the year before that have none in the year of the period's end ÷ customers with an order in the "
        "year before."
    ),
)(buyers)  # fmt: skip


@dataclass
class Worth:
    """What the formulas of a customer's worth are made of; None where there is nothing to divide by."""

    arpa: Fraction | None
    churn: Fraction | None
    cac: Fraction | None
    chosen: Options

    @classmethod
    def of(cls, counted: Iterable[Counted]) -> "Worth":
        chosen, sums, numbers = options(), dict[str, Fraction](), dict[str, int]()
        for each in counted:
            side = each.role if each.role in ("revenue", "buyer") else "cost"
            sums[side] = sums.get(side, Fraction(0)) + Fraction(each.part)
            numbers[side] = numbers.get(side, 0) + int(each.whole)

        def average(side: str, given: Decimal | None = None) -> Fraction | None:
            if given is not None:
                return Fraction(given)
            return sums[side] / numbers[side] if numbers.get(side) else None

        return cls(average("revenue", chosen.arpa), average("buyer", chosen.churn), average("cost"), chosen)

    @property
    def margin(self) -> Fraction:
        return Fraction(self.chosen.gross_margin)

    @property
    def is_capped(self) -> bool:
        return self.churn is not None and (not self.churn or 1 / self.churn > Fraction(self.chosen.lifetime_cap_years))

    @property
    def by_margin(self) -> Fraction | None:
        """ARPA × margin × lifetime, which is capped."""
        if self.arpa is None or self.churn is None:
            return None
        years = Fraction(self.chosen.lifetime_cap_years) if self.is_capped else 1 / self.churn
        return self.arpa * self.margin * years


def _answer(value: Fraction | None, places: int, *flags: str) -> Answer:
    return Answer(None, flags=(NO_DATA,)) if value is None else Answer(round_fraction(value, places), flags=flags)


def _by_revenue(counted: Iterable[Counted], question: Question) -> Answer:
    worth = Worth.of(counted)
    return _answer(worth.arpa / worth.churn if worth.arpa is not None and worth.churn else None, 2)


def _by_margin(counted: Iterable[Counted], question: Question) -> Answer:
    worth = Worth.of(counted)
    return _answer(worth.by_margin, 2, *(("capped",) if worth.is_capped else ()))


def _beside_cost(counted: Iterable[Counted], question: Question) -> Answer:
    worth = Worth.of(counted)
    value = worth.by_margin / worth.cac if worth.by_margin is not None and worth.cac else None
    return _answer(value, 4, *(("capped",) if worth.is_capped else ()))


def _payback(counted: Iterable[Counted], question: Question) -> Answer:
    worth = Worth.of(counted)
    monthly = worth.arpa * worth.margin / 12 if worth.arpa else None
    return _answer(worth.cac / monthly if worth.cac is not None and monthly else None, 2)


def _arpa(counted: Iterable[Counted], question: Question) -> Answer:
    return _answer(Worth.of(counted).arpa, 2)


def _historic(counted: Iterable[Counted], question: Question) -> Answer:
    amount = number = ZERO
    for each in counted:
        amount, number = amount + each.part, number + each.whole
    exact = Fraction(amount) * Fraction(options().gross_margin)
    return Answer(quotient(exact, number, 2), round_fraction(exact, 4), Decimal(number), () if number else (NO_DATA,))


@metric(
    "ltv.historic", label=_("Value of a customer so far"), unit="money", reduce=_historic, slices=SLICES,
    formula=_("Billed to a customer until the end of the period, net of tax and credits × gross margin; mean of all customers."),
)  # fmt: skip
def so_far(question: Question) -> Iterator[Counted]:
    for customer in billed(question, None, min(question.period.last, question.today)).values():
        yield Counted(customer.row, customer.net, 1, "revenue")


metric(
    "arpa", label=_("Revenue per customer and year"), unit="money", reduce=_arpa, slices=SLICES,
    formula=_("Billed in the twelve months up to the end of the period, net of tax and credits ÷ customers billed."),
)(revenue)  # fmt: skip


@metric(
    "ltv.revenue", label=_("Revenue of a customer's life"), unit="money", reduce=_by_revenue, slices=SLICES,
    formula=_("Revenue per customer and year ÷ customers lost a year."),
)  # fmt: skip
@metric(
    "ltv.margin", label=_("Value of a customer's life"), unit="money", reduce=_by_margin, slices=SLICES,
    formula=_("Revenue per customer and year × gross margin ÷ customers lost a year; a life is at most ten years long."),
)  # fmt: skip
def lives(question: Question) -> Iterator[Counted]:
    yield from revenue(question)
    yield from buyers(question)


@metric(
    "ltv_cac", label=_("Value of a customer beside its cost"), unit="rate", reduce=_beside_cost, slices=(),
    formula=_("Value of a customer's life ÷ cost of a new customer."),
)  # fmt: skip
@metric(
    "cac.payback_months", label=_("Months until a customer pays back"), unit="count", direction="down", reduce=_payback, slices=(),
    formula=_("Cost of a new customer ÷ (revenue per customer and year ÷ 12 × gross margin)."),
)  # fmt: skip
def lives_and_costs(question: Question) -> Iterator[Counted]:
    yield from lives(question)
    yield from full_cost(question)
