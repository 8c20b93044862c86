"""An order is confirmed: credit checked, exchange rate, baseline and collection plan fixed, the customer active."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ltc.calendars.selectors import today, work_calendar
from ltc.customers.models import Customer
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from orders import plan
from orders.due_dates import due_date
from orders.models import CollectionPlanLine, Order, OrderLine
from orders.selectors import credit_position


class CreditFailed(Refusal):
    """The customer's credit does not cover the order."""

    code = "credit_failed"


def prepare_confirmation(order: Order, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Everything that confirming an order does beside the state. Raises CreditFailed, FxRateMissing, Refusal."""
    customer = Customer.objects.get(pk=order.customer_id)
    if customer.state in (Customer.State.BLACKLISTED, Customer.State.MERGED):
        raise Refusal(_("There is no new business with this customer. Cancel the order."), code="customer_closed")
    tenant = Tenant.objects.get(pk=current_tenant_id())
    day = today(tenant, at=at)
    rate = exchange_rate(from_currency=order.currency, to_currency=tenant.base_currency, on=day).rate
    gross_base = convert(order.gross, rate, to_currency=tenant.base_currency)
    credit_check = order.credit_check
    if credit_check != Order.CreditCheck.OVERRIDDEN:
        credit_check = _check_credit(order)
    lines = list(order.lines.all())
    for line in lines:
        line.baseline_date = line.promised_on
    OrderLine.objects.bulk_update(lines, ["baseline_date"])
    _make_plan(order, lines, day)
    perform(customer, "activate", actor=SYSTEM, at=at)
    return {"fx_rate": rate, "gross_base": gross_base, "credit_check": credit_check}


def _check_credit(order: Order) -> str:
    position = credit_position(order)
    if position.passes:
        return Order.CreditCheck.PASSED
    if position.on_hold:
        why = _("The customer is on credit hold.")
    elif position.is_late:
        why = _("An invoice of this customer is overdue by %(days)s days.") % {"days": position.owed.oldest_overdue_days}
    else:
        amounts = {"exposure": position.exposure + position.unsecured, "limit": position.limit}
        why = _("With this order the customer would owe %(exposure)s; the limit is %(limit)s.") % amounts
    raise CreditFailed(f"{why} {_('Ask finance to override the credit check, or agree on a higher advance.')}")


def _make_plan(order: Order, lines: Sequence[OrderLine], day: date) -> None:
    """Write the collection plan from the payment term, unless the draft brings its own, and say when each part is expected."""
    parts = list(order.plan_lines.all())
    if not parts:
        assert order.payment_term is not None
        parts = plan_of_term(order)
    promised, calendar = max(line.promised_on for line in lines if line.promised_on), work_calendar()
    for part in parts:
        if part.expected_date is None:
            trigger_day = plan.expected_trigger(part.trigger, confirmed_on=day, promised_on=promised)
            part.expected_date = due_date(part, trigger_day, calendar)
    CollectionPlanLine.objects.bulk_create(
        parts, update_conflicts=True, unique_fields=["tenant", "order", "seq"], update_fields=["expected_date"]
    )


def plan_of_term(order: Order) -> list[CollectionPlanLine]:
    """The parts of an order's total by its payment term, not saved: for confirmation, and to show what it would be."""
    if order.payment_term is None:
        return []
    terms = list(order.payment_term.lines.all())
    amounts = plan.amounts(order.gross, [term.pct for term in terms], order.currency)
    return [
        CollectionPlanLine(
            order=order,
            seq=term.seq,
            kind=plan.kind_of(term.trigger, is_retention=term.is_retention),
            amount=amount,
            **{name: getattr(term, name) for name in ("pct", "trigger", "offset_days", "day_type", "eom", "is_retention", "gate")},
        )
        for term, amount in zip(terms, amounts, strict=True)
    ]
