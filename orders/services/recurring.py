"""Orders that are billed period by period: the plan has a part for each period, which falls due on the period's first day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ltc.money.currencies import exponent
from ltc.money.rounding import spread
from ltc.refusals import Refusal
from ltc.users.actors import Actor
from orders.models import CollectionPlanLine, Order, Trigger
from orders.periods import MONTHS, MOST, share, shares, span, starts

Kind = CollectionPlanLine.Kind


def plan_periods(
    order: Order, *, actor: Actor, at: datetime, every: str, first: date, periods: int, days_to_pay: int | None = None
) -> dict[str, Any]:
    """Give a draft a collection plan of equal parts, one for each period, in place of the one that it has.

    The parts sum to the order's total exactly. Raises Refusal.
    """
    if every not in MONTHS:
        raise Refusal(_("Choose how often it is billed."), code="invalid", field="every")
    if not 1 <= periods <= MOST:
        raise Refusal(_("Give from 1 to %(most)s periods.") % {"most": MOST}, code="invalid", field="periods")
    if days_to_pay is not None and not 0 <= days_to_pay <= 365:
        raise Refusal(_("Give from 0 to 365 days."), code="invalid", field="days_to_pay")
    parts = shares(periods)
    amounts = spread(order.gross, [Decimal(1)] * periods, exponent(order.currency))
    order.plan_lines.all().delete()
    CollectionPlanLine.objects.bulk_create(
        CollectionPlanLine(
            order=order, seq=seq, kind=Kind.SUBSCRIPTION, trigger=Trigger.FIXED_DATE, pct=pct, amount=amount, expected_date=start,
            offset_days=30 if days_to_pay is None else days_to_pay,
        )
        for seq, (start, pct, amount) in enumerate(zip(starts(first, every, periods), parts, amounts, strict=True), start=1)
    )  # fmt: skip
    return {}


def stop_periods(order: Order, *, actor: Actor, at: datetime, last: date, reason: str) -> dict[str, Any]:
    """No period that begins after `last` is billed any more; its part stays in the plan without a day. Raises Refusal if none does."""
    later = order.plan_lines.filter(kind=Kind.SUBSCRIPTION, triggered_at__isnull=True, expected_date__gt=last)
    if not later.update(expected_date=None):
        raise Refusal(_("No period that is still to be billed begins after this day."), code="nothing_to_stop", field="last")
    return {"reason": reason}


def period_of(part: CollectionPlanLine) -> str:
    """The days that a part of a subscription is for, as an invoice says them in any language."""
    begins = [each.expected_date or each.triggered_on for each in part.order.plan_lines.filter(kind=part.kind).order_by("seq")]
    first = part.triggered_on or part.expected_date
    if first is None:
        return ""
    known = sorted(day for day in begins if day)
    following, before = [day for day in known if day > first], [day for day in known if day < first]
    begin, end = span(first, following, before)
    return f"{begin} – {end}"


def share_of(part: CollectionPlanLine) -> Decimal:
    """Which share of an order's quantities is billed with a part of its price."""
    if part.kind != Kind.SUBSCRIPTION:
        return part.pct
    return share(part.order.plan_lines.filter(kind=Kind.SUBSCRIPTION).count())
