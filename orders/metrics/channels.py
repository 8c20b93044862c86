"""Channels by quantity, quality and cost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from leads.metrics.conversion import UNKNOWN, converted_in_time, is_immature
from leads.metrics.past import captured
from leads.models import Channel, Lead, MarketingSpend
from ltc.analytics.counted import NO_DATA, Answer, Counted, Question, Row, quotient
from ltc.analytics.options import options
from ltc.analytics.past import CHUNK
from ltc.analytics.registry import metric
from ltc.money.rounding import round_fraction
from orders.metrics.past import wins_in, wins_then

ZERO = Decimal(0)


@dataclass
class Line:
    """One channel, or all of them."""

    leads: int = 0
    converted: int = 0
    won: int = 0
    won_amount: Decimal = ZERO
    spend: Decimal = ZERO

    def add(self, other: "Line") -> None:
        self.leads, self.converted, self.won = self.leads + other.leads, self.converted + other.converted, self.won + other.won
        self.won_amount, self.spend = self.won_amount + other.won_amount, self.spend + other.spend

    def as_table(self, margin: Decimal) -> dict[str, Any]:
        """Amounts and rates as text, counts as numbers; nothing where there is nothing to divide by."""
        profit = Fraction(self.won_amount) * Fraction(margin) - Fraction(self.spend)
        roi = round_fraction(profit / Fraction(self.spend), 4) if self.spend else None
        return {
            "leads": self.leads,
            "converted": self.converted,
            "rate": _text(quotient(self.converted, self.leads)),
            "won": self.won,
            "won_amount": _text(quotient(self.won_amount, 1, 2)),
            "spend": _text(quotient(self.spend, 1, 2)),
            "cpl": _cost(self.spend, self.leads),
            "cost_per_opp": _cost(self.spend, self.converted),
            "cost_per_win": _cost(self.spend, self.won),
            "roi": _text(roi),
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _cost(spend: Decimal, number: int) -> str | None:
    return _text(quotient(spend, number, 2))


def spending(question: Question, *, lag_days: int = 0) -> Iterator[Counted]:
    """The marketing money of the period's days, or of as many days earlier as the lag says."""
    lag = timedelta(days=lag_days)
    last = min(question.period.last, question.today) - lag
    spent = MarketingSpend.objects.visible_to(question.actor).filter(spend_date__range=(question.period.first - lag, last)).order_by()
    columns = ("id", "spend_date", "base_amount", "channel__code", "campaign__name")
    for pk, day, amount, channel, campaign in spent.values_list(*columns).iterator(chunk_size=CHUNK):
        yield Counted(Row("marketing_spend", pk, f"{day}", (("channel", channel), ("campaign", campaign or ""))), amount, role="spend")


def _by_channel(counted: Iterable[Counted]) -> dict[str, Line]:
    lines: dict[str, Line] = {}
    for each in counted:
        channel = each.fact.dimension("channel")
        line = lines.setdefault(channel, Line())
        if each.role == "spend":
            line.spend += each.part
            continue
        line.leads += 1
        roles = each.role.split()
        line.converted += "converted" in roles
        if "won" in roles:
            line.won += 1
            line.won_amount += each.part
    return lines


def used_channels() -> list[str]:
    """The channels through which a lead ever came or for which money was spent."""
    came, spent = Lead.objects.filter(channel=OuterRef("pk")), MarketingSpend.objects.filter(channel=OuterRef("pk"))
    return list(Channel.objects.filter(Exists(came) | Exists(spent)).order_by("code").values_list("code", flat=True))


def _table(counted: Iterable[Counted], question: Question) -> Answer:
    lines = {code: Line() for code in used_channels()}
    for code, line in _by_channel(counted).items():
        lines.setdefault(code, Line()).add(line)
    whole, margin = Line(), options().gross_margin
    for line in lines.values():
        whole.add(line)
    table = {code: line.as_table(margin) for code, line in lines.items()} | {"total": whole.as_table(margin)}
    flags = (NO_DATA,) if not whole.leads and not whole.spend else ("immature",) if whole.leads and is_immature(question) else ()
    return Answer(None, Decimal(whole.converted), Decimal(whole.leads), flags, table=table)


@metric(
    "channel.table", label=_("Channels"), unit="count", reduce=_table, is_table=True,
    formula=_(
        "By channel, for the leads captured in the period: leads, converted within 90 days, won and their amount, marketing spend of "
        "the period, cost per lead, per conversion and per win, and (won amount × gross margin − spend) ÷ spend."
    ),
)  # fmt: skip
def cohort_by_channel(question: Question) -> Iterator[Counted]:
    won: dict[Any, Decimal] = {}
    for win in wins_then(question):
        if win.lead is not None:
            won[win.lead] = won.get(win.lead, ZERO) + win.worth
    for lead in captured(question):
        role = ("converted " if converted_in_time(lead) else "") + ("won" if lead.id in won else "")
        yield Counted(lead, won.get(lead.id, ZERO), role=role.strip())
    yield from spending(question)


def _wins(counted: Iterable[Counted], question: Question) -> Answer:
    lines = {code: Line() for code in used_channels()}
    for each in counted:
        lines.setdefault(each.fact.dimension("channel") or UNKNOWN, Line()).add(Line(won=1, won_amount=Decimal(each.part)))
    won = sum(line.won for line in lines.values())
    table = {code: {"won": line.won, "won_amount": _text(quotient(line.won_amount, 1, 2))} for code, line in sorted(lines.items())}
    return Answer(None, Decimal(won), flags=() if won else (NO_DATA,), table=table)


@metric(
    "channel.period_wins", label=_("Wins of the period by channel"), unit="count", reduce=_wins, is_table=True,
    formula=_("Wins of the period and their amount in base currency, by the channel of the lead, whenever it was captured."),
)  # fmt: skip
def wins_by_channel(question: Question) -> Iterator[Counted]:
    return (Counted(win, win.worth, role="won", flag=win.flag) for win in wins_in(question))
