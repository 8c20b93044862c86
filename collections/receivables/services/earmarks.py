"""Money that is kept for a part of an order's price until its invoice exists."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from orders.models import CollectionPlanLine
from receivables.models import Payment, PaymentEarmark


@transaction.atomic
def earmark(
    *, payment: Payment, plan_line: CollectionPlanLine, amount: Decimal, actor: Actor, at: datetime | None = None
) -> PaymentEarmark:
    """Keep so much of a payment for a part of an order's price that is not invoiced yet. Raises Forbidden, Refusal."""
    if not actor.has_perm("receivables.allocate", payment):
        raise Forbidden(_("You may not allocate payments. Ask finance."))
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if plan_line.order.customer_id != payment.customer_id or plan_line.order.currency != payment.currency:
        raise Refusal(_("Choose a part of an order of the same customer and currency."), code="wrong_item", field="plan_line")
    standing = payment.earmarks.filter(active=True).exclude(plan_line=plan_line)
    if amount <= 0 or sum((each.amount for each in standing), amount) > payment.unallocated:
        raise Refusal(_("So much of this payment is not left."), code="insufficient_unallocated", field="amount")
    kept, _made = PaymentEarmark.objects.update_or_create(payment=payment, plan_line=plan_line, active=True, defaults={"amount": amount})
    record(payment, kind=Entry.Kind.SYSTEM, name="earmarked", actor=actor, at=at or timezone.now(), data={"amount": str(amount)})
    return kept


@transaction.atomic
def move_earmarks(payment: Payment, plan_line: Any, amount: Decimal) -> None:
    """So much of what was kept for a part is allocated to its item now."""
    for kept in payment.earmarks.select_for_update().filter(plan_line=plan_line, active=True):
        kept.amount -= min(amount, kept.amount)
        kept.active = kept.amount > 0
        if kept.active:
            kept.save(update_fields=["amount"])
        else:
            PaymentEarmark.objects.filter(pk=kept.pk).update(active=False)
