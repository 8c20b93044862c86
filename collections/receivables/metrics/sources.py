"""The truth of the cash: what came in, by the channels, campaigns and sources to which it is owed, to the cent.

A payment's allocations lead over item, invoice and order to the deal, its lead and the touches before the deal. Each step splits with
the largest remainder, so that the lines sum to the cash collected, always. Money that is not allocated is told as such.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from leads.attribution import Model
from leads.metrics.touches import Trail, merit
from leads.models import Lead
from ltc.analytics.counted import NO_DATA, Answer, Counted, Question
from ltc.analytics.options import options
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric
from ltc.money.currencies import exponent
from ltc.money.rounding import round_fraction
from orders.metrics.bookings import Earned, bookings, table_of
from orders.metrics.channels import spending
from receivables.attribution import Origin, attribute
from receivables.metrics.cash import collected
from receivables.models import Allocation, Payment

ZERO = Decimal(0)
ON_ACCOUNT = "on_account"
Merit = dict[str, dict[Model, Decimal]]


def shares_of(question: Question) -> dict[Any, list[tuple[Origin, Decimal, Any]]]:
    """What each payment's standing allocations lead to, with the instant at which the deal began."""
    today = question.today
    standing = Q(reversed_on__isnull=True) | Q(reversed_on__gt=today)
    found = Allocation.objects.filter(standing, date__lte=today, payment__isnull=False).annotate(
        lead_of=Coalesce("item__invoice__order__opportunity__lead", "item__invoice__order__lead"),
        channel_of=Coalesce(
            "item__invoice__order__opportunity__lead__channel__code",
            "item__invoice__order__opportunity__channel__code",
            "item__invoice__order__lead__channel__code",
        ),
        began=Coalesce("item__invoice__order__opportunity__created_at", "item__invoice__order__confirmed_at"),
    )
    days = (question.period.first, min(question.period.last, today))
    columns = ("payment", "amount", "item__invoice__order__opportunity", "lead_of", "channel_of", "began")
    shares: dict[Any, list[tuple[Origin, Decimal, Any]]] = {}
    rows = found.filter(payment__received_on__range=days).order_by("pk").values_list(*columns)
    for payment, amount, deal, lead, channel, began in rows.iterator(chunk_size=CHUNK):
        shares.setdefault(payment, []).append((Origin(lead, channel or "", deal), amount, began))
    return shares


@dataclass
class Purse:
    """What is needed to say whose a payment is."""

    places: int
    trail: Trail
    shares: dict[Any, list[tuple[Origin, Decimal, Any]]] = field(default_factory=dict)

    def owed_to(self, payment: Any, amount: Decimal, base: Decimal, by: str) -> Merit:
        """A payment in base currency by what it is owed to."""
        known = self.shares.get(payment, [])
        began = {origin: start for origin, _amount, start in known}
        lines: Merit = {}
        allocations = [(origin, share) for origin, share, _start in known]
        for portion in attribute(amount=amount, amount_base=base, places=self.places, allocations=allocations):
            origin = portion.origin
            if origin is None:
                parts: Merit = {ON_ACCOUNT: dict.fromkeys(Model, portion.amount_base)}
            else:
                touches = self.trail.before(origin.lead, began[origin], channel=origin.channel or "")
                parts = merit(portion.amount_base, touches, by, self.places)
            for name, shares in parts.items():
                line = lines.setdefault(name, dict.fromkeys(Model, ZERO))
                for model, share in shares.items():
                    line[model] += share
        return lines


def cash(by: str, question: Question) -> Iterator[Counted]:
    """The payments of the period less its refunds, each by what it is owed to."""
    converted = Lead.objects.filter(converted_at__isnull=False).order_by().values("pk")
    purse = Purse(exponent(options().base_currency), Trail(converted), shares_of(question))
    amounts = amounts_of(question)
    for each in collected(question):
        base = Decimal(each.part)
        if each.role == "refund":
            lines: Merit = {ON_ACCOUNT: dict.fromkeys(Model, base)}
        else:
            lines = purse.owed_to(each.fact.id, amounts[each.fact.id], base, by)
        yield Counted(Earned(each.fact, lines), base, role=each.role)


def amounts_of(question: Question) -> dict[Any, Decimal]:
    """The payments' amounts in their own currency, in which they are allocated."""
    days = (question.period.first, min(question.period.last, question.today))
    return dict(Payment.objects.filter(received_on__range=days).values_list("pk", "amount"))


CODES = {"channel": "attribution.cash", "campaign": "attribution.cash.campaign", "source": "attribution.cash.source"}
for _by, _code in CODES.items():
    metric(
        _code, label=_("Cash, by origin"), unit="money", reduce=table_of, is_table=True, slices=(),
        formula=_(
            "Cash collected in the period, from each payment over invoice, order and deal to the lead and split over the touches before "
            "the deal; what is not allocated apart. The lines sum to the cash collected."
        ),
    )(partial(cash, _by))  # fmt: skip


def _all(question: Question) -> Iterator[Counted]:
    yield from spending(question)
    for each in bookings("channel", question):
        yield Counted(each.fact, each.part, 0, "booking", each.flag)
    for each in cash("channel", question):
        yield Counted(each.fact, each.part, 0, each.role)


@dataclass
class Return:
    """A channel's cost beside what it brought."""

    spend: Decimal = ZERO
    bookings: Decimal = ZERO
    cash: Decimal = ZERO

    def as_table(self, margin: Decimal) -> dict[str, str | None]:
        told = {"spend": self.spend, "bookings": self.bookings, "cash": self.cash}
        return {
            **{name: f"{amount:.2f}" for name, amount in told.items()},
            "roi_bookings": _text(roi(self.bookings, self.spend, margin)),
            "roi_cash": _text(roi(self.cash, self.spend, margin)),
        }


def roi(amount: Decimal, spend: Decimal, margin: Decimal) -> Decimal | None:
    """(Amount × margin − spend) ÷ spend, four decimals; None where nothing was spent."""
    if not spend:
        return None
    return round_fraction((Fraction(amount) * Fraction(margin) - Fraction(spend)) / Fraction(spend), 4)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _returns(counted: Iterable[Counted], question: Question) -> Answer:
    chosen = options()
    lines: dict[str, Return] = {}
    whole = Return()
    for each in counted:
        fact: Any = each.fact
        side = {"spend": "spend", "booking": "bookings"}.get(each.role, "cash")
        shares = {fact.dimension("channel"): Decimal(each.part)} if side == "spend" else _by_model(fact.merit, chosen.attribution)
        for channel, amount in shares.items():
            for line in (lines.setdefault(channel, Return()), whole):
                setattr(line, side, getattr(line, side) + amount)
    table = {channel: line.as_table(chosen.gross_margin) for channel, line in sorted(lines.items())}
    return Answer(None, flags=() if lines else (NO_DATA,), table=table | {"total": whole.as_table(chosen.gross_margin)})


def _by_model(lines: Merit, model: str) -> dict[str, Decimal]:
    return {name: shares[Model(model)] for name, shares in lines.items()}


metric(
    "roi.table", label=_("Return by channel"), unit="money", reduce=_returns, is_table=True, slices=(),
    formula=_("By channel: spend, bookings and cash of the period, and (amount × gross margin − spend) ÷ spend on bookings and on cash."),
)(_all)  # fmt: skip


def _return_on(counted: Iterable[Counted], question: Question) -> Answer:
    amount = spend = ZERO
    for each in counted:
        if each.role == "spend":
            spend += each.part
        else:
            amount += each.part
    value = roi(amount, spend, options().gross_margin)
    return Answer(value, amount, spend, () if value is not None else (NO_DATA,))


@metric(
    "roi.bookings", label=_("Return on bookings"), unit="rate", reduce=_return_on, slices=(),
    formula=_("(Amount won in the period × gross margin − marketing spend) ÷ marketing spend."),
)  # fmt: skip
def on_bookings(question: Question) -> Iterator[Counted]:
    return (each for each in _all(question) if each.role in ("spend", "booking"))


@metric(
    "roi.cash", label=_("Return on cash"), unit="rate", reduce=_return_on, slices=(),
    formula=_("(Cash collected in the period × gross margin − marketing spend) ÷ marketing spend."),
)  # fmt: skip
def on_cash(question: Question) -> Iterator[Counted]:
    yield from spending(question)
    for each in collected(question):
        yield Counted(each.fact, each.part, 0, each.role)
