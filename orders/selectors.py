from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from ltc.money.errors import FxRateMissing
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from orders.credit import Position, owed_by
from orders.models import Order, OrderLine
from orders.plan import secures


def credit_position(order: Order) -> Position:
    """How a customer's credit stands as this order finds it: the check of confirmation, and what its page shows.

    Amounts in the base currency with tax, this order at the rate of its date; without a rate it counts with its own amount.
    """
    tenant = Tenant.objects.get(pk=current_tenant_id())
    try:
        rate = exchange_rate(from_currency=order.currency, to_currency=tenant.base_currency, on=order.order_date).rate
    except FxRateMissing:
        rate = Decimal(1)
    return Position(
        limit=order.customer.credit_limit,
        on_hold=order.customer.credit_hold,
        owed=owed_by(order.customer),
        not_invoiced=_not_invoiced(order),
        unsecured=convert(_unsecured(order), rate, to_currency=tenant.base_currency),
    )


def _not_invoiced(order: Order) -> Decimal:
    """What the customer's other standing orders promise or have delivered without an invoice, in the base currency."""
    lines: QuerySet[OrderLine] = OrderLine.objects.filter(
        order__customer=order.customer_id, order__state__in=["confirmed", "in_progress", "on_hold", "completed"]
    ).exclude(order=order)
    worth = lines.aggregate(worth=Sum(F("gross") * F("order__fx_rate") * (F("qty") - F("qty_invoiced")) / F("qty")))["worth"]
    return (worth or Decimal(0)).quantize(Decimal("0.01"))


def _unsecured(order: Order) -> Decimal:
    """What of an order's total is not paid before we deliver."""
    planned = list(order.plan_lines.all())
    if planned:
        return sum((line.amount for line in planned if not secures(line.trigger, line.gate)), Decimal(0))
    if order.payment_term is None:
        return order.gross
    return order.gross * sum((line.pct for line in order.payment_term.lines.all() if not secures(line.trigger, line.gate)), Decimal(0))
