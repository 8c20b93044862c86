"""Wins as they stood at an instant: a deal that is won, or, where leads are sold to directly, an order that was confirmed and stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from ltc.analytics.counted import Question
from ltc.analytics.past import CHUNK, states_at, touched
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from opportunities.metrics.past import Deal, deals_then
from opportunities.models import Opportunity
from orders.models import Order

DIRECT = (
    *("id", "number", "customer", "lead", "lead__channel__code", "lead__campaign__name", "owner", "team"),
    *(
        "customer__region",
        "customer__kind",
        "gross",
        "gross_base",
        "confirmed_at",
        "state",
        "lead__captured_at",
        "customer__first_order_at",
    ),
)


@dataclass(slots=True)
class DirectOrder:
    """An order that came straight from a lead, or to a customer without a deal."""

    id: Any
    number: str
    customer: Any
    lead: Any
    channel: str
    campaign: str
    owner: Any
    team: Any
    region: str
    segment: str
    gross: Decimal
    gross_base: Decimal | None
    confirmed_at: datetime | None
    state: str
    captured_at: datetime | None
    customer_since: datetime | None
    product: str = ""
    kind: str = "order"

    @property
    def label(self) -> str:
        return self.number

    @property
    def worth(self) -> Decimal:
        return self.gross if self.gross_base is None else self.gross_base

    @property
    def won_at(self) -> datetime | None:
        return self.confirmed_at

    @property
    def flag(self) -> str:
        return ""

    def dimension(self, by: str) -> str:
        return str(getattr(self, by) or "")


Win = Deal | DirectOrder


def sells_directly() -> bool:
    """Whether the tenant sells to leads without opportunities."""
    motion = Tenant.objects.values_list("sales_motion", flat=True).get(pk=current_tenant_id())
    return bool(motion == Tenant.SalesMotion.B2C_DIRECT)


def wins_then(question: Question) -> Iterator[Win]:
    """Everything that was ever won and stands at `as_of`, whenever it was won."""
    ever = Q(state="won") | Q(pk__in=touched(Opportunity, to_state="won", at__lte=question.as_of))
    for deal in deals_then(question, ever):
        if deal.state == "won":
            yield deal
    yield from direct_orders(question)


def wins_in(question: Question) -> Iterator[Win]:
    """What was won in the period and stands at `as_of`."""
    return (win for win in wins_then(question) if question.covers(win.won_at))


def direct_orders(question: Question) -> Iterator[DirectOrder]:
    """Orders without a deal behind them that were confirmed by `as_of` and not cancelled by then; of a tenant that sells deals, none
    but those that a lead was converted to."""
    orders = Order.objects.visible_to(question.actor).filter(opportunity__isnull=True, confirmed_at__lte=question.as_of).order_by()
    if not sells_directly():
        orders = orders.filter(lead__isnull=False)
    states = states_at(Order, question.as_of)
    for row in orders.values_list(*DIRECT).iterator(chunk_size=CHUNK):
        order = DirectOrder(*row)
        order.state = states.get(order.id) or order.state
        if order.state not in ("draft", "cancelled"):
            yield order
