"""What was won, by the channels, campaigns and sources to which it is owed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.attribution import Model
from leads.metrics.touches import Trail, merit
from leads.models import Lead
from ltc.analytics.counted import NO_DATA, Answer, Counted, Question
from ltc.analytics.registry import metric
from orders.metrics.past import DirectOrder, Win, wins_in

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Earned:
    """A record with its amount by what it is owed to."""

    fact: Any
    merit: dict[str, dict[Model, Decimal]]

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


def table_of(counted: Iterable[Counted], question: Question) -> Answer:
    """One line per channel, campaign or source, one cell per model; each column sums to the same total."""
    lines: dict[str, dict[Model, Decimal]] = {}
    whole = dict.fromkeys(Model, ZERO)
    for each in counted:
        earned: Any = each.fact
        for name, shares in earned.merit.items():
            line = lines.setdefault(name, dict.fromkeys(Model, ZERO))
            for model, share in shares.items():
                line[model] += share
                whole[model] += share
    table = {name: _text(line) for name, line in sorted(lines.items())} | {"total": _text(whole)}
    return Answer(None, whole[Model.FIRST], flags=() if lines else (NO_DATA,), table=table)


def _text(line: dict[Model, Decimal]) -> dict[str, str]:
    return {model.value: f"{amount:.2f}" for model, amount in line.items()}


def before_deal(win: Win) -> Any:
    """Touches after the deal began have no part in it."""
    return win.won_at if isinstance(win, DirectOrder) else win.created_at


def bookings(by: str, question: Question) -> Iterator[Counted]:
    """The wins of the period, each with its amount by what it is owed to."""
    trail = Trail(Lead.objects.filter(converted_at__isnull=False).order_by().values("pk"))
    for win in wins_in(question):
        touches = trail.before(win.lead, before_deal(win), channel=win.channel)
        yield Counted(Earned(win, merit(win.worth.quantize(Decimal("0.01")), touches, by)), win.worth, role="won", flag=win.flag)


CODES = {"channel": "attribution.bookings", "campaign": "attribution.bookings.campaign", "source": "attribution.bookings.source"}
for _by, _code in CODES.items():
    metric(
        _code, label=_("Won, by origin"), unit="money", reduce=table_of, is_table=True, slices=(),
        formula=_("Amount won in the period split over the touches before each deal: first, last, linear and position-based (40/20/40)."),
    )(partial(bookings, _by))  # fmt: skip
