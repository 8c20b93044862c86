"""What is owed: at the close of a period, by age, and how long sales wait to be paid (DSO)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import NO_DATA, Answer, Counted, Question, Row, quotient, rate, total
from ltc.analytics.options import options
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric
from ltc.money.rounding import round_fraction, round_half_up
from receivables.aging import Age, age_of
from receivables.metrics.cash import OWNER, dimensions
from receivables.metrics.past import credits_then, day_before, items_then, open_since
from receivables.models import Allocation, Payment, Refund

ZERO = Decimal(0)
MOST_MONTHS = 24
DAYS_PLACES = 2
BUCKETS = {Age.CURRENT: "current", Age.TO_30: "1-30", Age.TO_60: "31-60", Age.TO_90: "61-90", Age.OVER_90: ">90"}
OPENING, CLOSING, CURRENT, SALE, CREDIT = "opening", "closing", "current", "sale", "credit"
RETAINED, ADVANCE = "retained", "advance"


def closing_day(question: Question) -> date:
    """The day at whose end a period is closed: its last, or today while it runs."""
    return min(question.period.last, question.today)


def days_so_far(question: Question) -> int:
    """The days of the period, up to today while it runs."""
    return (closing_day(question) - question.period.first).days + 1


@dataclass(frozen=True, slots=True)
class Part:
    """What an item or a credit note adds to one side of a period's account; `on` is the day of a sale."""

    fact: Any
    amount: Decimal
    on: date | None = None

    @property
    def kind(self) -> str:
        return str(self.fact.kind)

    @property
    def id(self) -> Any:
        return self.fact.id

    @property
    def label(self) -> str:
        return str(self.fact.label)

    def dimension(self, by: str) -> str:
        return str(self.fact.dimension(by))


def account(question: Question, *roles: str, months_back: int = 0) -> Iterator[Counted]:
    """What a period's account is made of: opening, sales less credits, closing, and of that what is not overdue yet.

    Retention counts from its release on. `months_back` takes the sales of so many months before the period's end along.
    """
    last = closing_day(question)
    first = question.period.first if not months_back else _month_back(last, months_back)
    before = day_before(question.period.first)
    for item in items_then(question, open_since(min(first, question.period.first, last))):
        owed = item.owed_from
        if RETAINED in roles and item.is_retention and (owed is None or owed > last) and item.invoiced_on <= last:
            if amount := item.open_on(last):
                yield Counted(Part(item, amount), amount, 0, RETAINED)
        if owed is None:
            continue
        if OPENING in roles and owed <= before and (amount := item.open_on(before)):
            yield Counted(Part(item, amount), amount, 0, OPENING)
        if SALE in roles and first <= owed <= last:
            yield Counted(Part(item, item.base, owed), item.base, 0, SALE)
        if owed <= last and (amount := item.open_on(last)):
            if CLOSING in roles:
                yield Counted(Part(item, amount), amount, 0, CLOSING)
            if CURRENT in roles and not item.days_overdue(last):
                yield Counted(Part(item, amount), amount, 0, CURRENT)
    if ADVANCE in roles:
        for payment in advances(question, last):
            yield Counted(payment.fact, -Decimal(payment.part), 0, ADVANCE)
    if SALE in roles:
        for credit in credits_then(question):
            if first <= credit.on <= last:
                yield Counted(Part(credit, -credit.base, credit.on), -credit.base, 0, CREDIT)


def advances(question: Question, day: date) -> Iterator[Counted]:
    """What stood on account of payments at the end of a day, in base currency."""
    used: dict[Any, Decimal] = {}
    spent = Q(reversed_on__isnull=True) | Q(reversed_on__gt=day)
    for payment, base in Allocation.objects.filter(spent, date__lte=day, payment__isnull=False).values_list("payment", "base_source"):
        used[payment] = used.get(payment, ZERO) + base
    for payment, returned in Refund.objects.filter(
        spent, date__lte=day, payment__isnull=False, posted_at__isnull=False, amount_base__isnull=False
    ).values_list("payment", "amount_base"):  # fmt: skip
        used[payment] = used.get(payment, ZERO) + (returned or ZERO)
    standing = Q(state=Payment.State.POSTED) | Q(state=Payment.State.REVERSED, reversed_on__gt=day)
    found = Payment.objects.visible_to(question.actor).filter(standing, received_on__lte=day, customer__isnull=False).order_by()
    rows = found.values_list("pk", "number", "amount_base", *OWNER).iterator(chunk_size=CHUNK)
    for pk, number, received, *whose in rows:
        left = (received or ZERO) - used.get(pk, ZERO)
        if left > 0:
            yield Counted(Row("payment", pk, number or "", dimensions(*whose)), left, 0, ADVANCE)


def _month_back(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - (months - 1)
    return date(index // 12, index % 12 + 1, 1)


@dataclass
class Sums:
    """The sides of a period's account."""

    opening: Decimal = ZERO
    closing: Decimal = ZERO
    current: Decimal = ZERO
    sales: Decimal = ZERO
    by_month: dict[tuple[int, int], Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, counted: Iterable[Counted]) -> "Sums":
        sums = cls()
        for each in counted:
            amount = Decimal(each.part)
            if each.role == OPENING:
                sums.opening += amount
            elif each.role in (CLOSING, RETAINED, ADVANCE):
                sums.closing += amount
            elif each.role == CURRENT:
                sums.current += amount
            else:
                sums.sales += amount
                fact: Any = each.fact
                month = fact.on.year, fact.on.month
                sums.by_month[month] = sums.by_month.get(month, ZERO) + amount
        return sums


def _over_sales(side: str, counted: Iterable[Counted], question: Question) -> Answer:
    sums = Sums.of(counted)
    amount: Decimal = getattr(sums, side)
    exact = quotient(Fraction(amount) * days_so_far(question), Fraction(sums.sales), DAYS_PLACES) if sums.sales > 0 else None
    return Answer(exact, amount, sums.sales, () if exact is not None else (NO_DATA,))


def _difference(counted: Iterable[Counted], question: Question) -> Answer:
    sums = Sums.of(counted)
    overdue = sums.closing - sums.current
    exact = quotient(Fraction(overdue) * days_so_far(question), Fraction(sums.sales), DAYS_PLACES) if sums.sales > 0 else None
    return Answer(exact, overdue, sums.sales, () if exact is not None else (NO_DATA,))


def count_back(closing: Decimal, sales: dict[tuple[int, int], Decimal], last: date) -> tuple[Decimal, bool]:
    """The days of sales that are not paid yet, going back month by month; whether 24 months did not suffice.

    A month without sales adds its days and takes nothing off. The last month counts by the part of its sales that is left over.
    """
    left, days = Fraction(closing), Fraction(0)
    month_end = last
    for _month in range(MOST_MONTHS):
        if left <= 0:
            return round_fraction(days, DAYS_PLACES), False
        length = month_end.day
        sold = Fraction(sales.get((month_end.year, month_end.month), ZERO))
        if 0 < left < sold:
            return round_fraction(days + left / sold * length, DAYS_PLACES), False
        left -= max(sold, Fraction(0))
        days += length
        month_end = month_end.replace(day=1) - timedelta(days=1)
    return round_fraction(days, DAYS_PLACES), left > 0


def _counted_back(counted: Iterable[Counted], question: Question) -> Answer:
    sums = Sums.of(counted)
    if not sums.closing and not sums.sales:
        return Answer(None, ZERO, ZERO, (NO_DATA,))
    value, capped = count_back(sums.closing, sums.by_month, closing_day(question))
    return Answer(value, sums.closing, sums.sales, ("capped",) if capped else ())


def _effectiveness(counted: Iterable[Counted], question: Question) -> Answer:
    sums = Sums.of(counted)
    to_collect = sums.opening + sums.sales
    return rate(to_collect - sums.closing, to_collect - sums.current)


def _register(code: str, label: Any, formula: Any, reduce: Any, *roles: str, months_back: int = 0, **about: Any) -> None:
    def read(question: Question) -> Iterator[Counted]:
        return account(question, *roles, months_back=months_back)

    metric(code, label=label, formula=formula, reduce=reduce, **about)(read)


DAYS: Any = {"unit": "days", "direction": "down"}
MONEY: Any = {"unit": "money", "direction": "down"}
_register(
    "ar.opening", _("Receivables at the start"), _("Open amounts of the items owed at the end of the day before the period."),
    total, OPENING, **MONEY,
)  # fmt: skip
_register(
    "ar.closing", _("Receivables at the end"), _("Open amounts of the items owed at the end of the period's last day."),
    total, CLOSING, **MONEY,
)  # fmt: skip
_register(
    "ar.sales", _("Credit sales"),
    _("Invoiced in the period with tax, less credit notes, without retention that is not released, in base currency."),
    total, SALE, unit="money",
)  # fmt: skip
_register(
    "ar.dso.simple", _("Days sales outstanding, simple"), _("Receivables at the end of the period ÷ credit sales × days of the period."),
    partial(_over_sales, "closing"), CLOSING, SALE, **DAYS,
)  # fmt: skip
_register(
    "ar.dso.simple.incl_retention", _("Days sales outstanding with retention"),
    _("(Receivables at the end of the period + retention not released) ÷ credit sales × days of the period."),
    partial(_over_sales, "closing"), CLOSING, RETAINED, SALE, **DAYS,
)  # fmt: skip
_register(
    "ar.dso.simple.net_of_advances", _("Days sales outstanding net of advances"),
    _("(Receivables at the end of the period − receipts on account) ÷ credit sales × days of the period."),
    partial(_over_sales, "closing"), CLOSING, ADVANCE, SALE, **DAYS,
)  # fmt: skip
_register(
    "ar.bpdso", _("Best possible days sales outstanding"),
    _("Receivables at the end of the period that are not overdue ÷ credit sales × days of the period."),
    partial(_over_sales, "current"), CURRENT, SALE, **DAYS,
)  # fmt: skip
_register(
    "ar.add", _("Average days delinquent"), _("Simple days sales outstanding − best possible days sales outstanding."),
    _difference, CLOSING, CURRENT, SALE, **DAYS,
)  # fmt: skip
_register(
    "ar.dso.countback", _("Days sales outstanding"),
    _(
        "Receivables at the end of the period, taken off the sales month by month backwards: whole months add their days, "
        "the last one its part."
    ),
    _counted_back, CLOSING, SALE, months_back=MOST_MONTHS, **DAYS,
)  # fmt: skip
_register(
    "ar.cei", _("Collection effectiveness"),
    _("(Opening + credit sales − closing) ÷ (opening + credit sales − closing that is not overdue)."),
    _effectiveness, OPENING, CLOSING, CURRENT, SALE, unit="rate",
)  # fmt: skip


def standing(question: Question) -> Iterator[Counted]:
    """The items open on the day of `as_of`, each with its age."""
    for item in items_then(question, open_since(question.today)):
        if item.is_owed(question.today) and (amount := item.open_on(question.today)):
            overdue = item.days_overdue(question.today)
            yield Counted(item, amount if overdue else ZERO, amount, BUCKETS[age_of(item.due, question.today)])


def _aged(counted: Iterable[Counted], question: Question) -> Answer:
    table = _by_age(counted)
    table |= {"total": sum(table.values(), ZERO)}
    return Answer(None, table={name: f"{round_half_up(amount):f}" for name, amount in table.items()})


def _by_age(counted: Iterable[Counted]) -> dict[str, Decimal]:
    table = dict.fromkeys(BUCKETS.values(), ZERO)
    for each in counted:
        table[each.role] += each.whole
    return table


def _expected_loss(counted: Iterable[Counted], question: Question) -> Answer:
    table = _by_age(counted)
    loss = sum((amount * rate for amount, rate in zip(table.values(), options().loss_rates, strict=True)), ZERO)
    return Answer(quotient(loss, 1, 2), loss, sum(table.values(), ZERO))


def _share(counted: Iterable[Counted], question: Question) -> Answer:
    overdue = whole = ZERO
    for each in counted:
        overdue, whole = overdue + each.part, whole + each.whole
    return rate(overdue, whole)


metric(
    "ar.aging", label=_("Receivables by age"), unit="money", direction="down", reduce=_aged, is_table=True,
    formula=_("Open amounts of the items owed at the given instant, by calendar days since the due day."),
)(standing)  # fmt: skip
metric(
    "ar.overdue_rate", label=_("Overdue share"), unit="rate", direction="down", reduce=_share,
    formula=_("Open amounts past their due day at the given instant ÷ open amounts."),
)(standing)  # fmt: skip
metric(
    "ar.ecl", label=_("Expected credit loss"), unit="money", direction="down", reduce=_expected_loss,
    formula=_("Sum over the ages of open amount × loss rate; the rates are the company's own."),
)(standing)  # fmt: skip


def _open(counted: Iterable[Counted], question: Question) -> Answer:
    amount = sum((each.whole for each in counted), ZERO)
    return Answer(quotient(amount, 1, 2), Decimal(amount))


metric(
    "ar.outstanding", label=_("Receivables"), unit="money", direction="down", reduce=_open,
    formula=_("Open amounts of the items owed at the given instant, in base currency."),
)(standing)  # fmt: skip


@metric(
    "ar.overdue", label=_("Overdue"), unit="money", direction="down", reduce=_open,
    formula=_("Open amounts whose due day is before the day of the given instant, in base currency."),
)  # fmt: skip
def overdue(question: Question) -> Iterator[Counted]:
    return (each for each in standing(question) if each.part)
