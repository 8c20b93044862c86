"""The clerk's queue: which customers to deal with first, for the member who looks."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce

from ltc.customers.models import Customer
from ltc.money.fields import AmountField
from ltc.users.actors import Actor
from receivables.aging import Age, days_overdue
from receivables.models import Dispute, PromiseItem, PromiseToPay, ReceivableItem
from receivables.ranking import Debtor, Rank, rank
from receivables.selectors import in_age

ZERO = Decimal(0)
REMEMBERED = timedelta(days=365)


@dataclass(frozen=True)
class Place:
    """A customer in the queue."""

    customer: Customer
    rank: Rank


def queue(actor: Actor, today: date, *, most: int = 100) -> list[Place]:
    """The customers with something overdue, the most at risk first; amounts in base currency."""
    items = ReceivableItem.objects.visible_to(actor).filter(open_amount__gt=0, released=True)
    sums = {age.name: Coalesce(Sum("open_base", filter=in_age(age, today)), ZERO, output_field=AmountField()) for age in Age}
    rows: dict[Any, Any] = {row["customer"]: row for row in items.values("customer").annotate(oldest=Min("due_date"), **sums).order_by()}
    late = {customer for customer, row in rows.items() if row["oldest"] and row["oldest"] < today}
    broken = _counted(late, today)
    promised = _summed(PromiseItem.objects.filter(promise__state=PromiseToPay.State.OPEN, promise__customer__in=late), "promise__customer")
    disputed = _summed(Dispute.objects.filter(state__in=Dispute.UNSOLVED, item__customer__in=late), "item__customer")
    ranked = []
    for customer in late:
        row = rows[customer]
        owed = {age: row[age.name] for age in Age}
        debtor = Debtor(
            owed, days_overdue(row["oldest"], today), broken.get(customer, 0), promised.get(customer, ZERO), disputed.get(customer, ZERO)
        )
        ranked.append((rank(debtor), customer))
    ranked.sort(key=lambda found: (-found[0].at_risk, str(found[1])))
    chosen = ranked[:most]
    customers = Customer.objects.select_related("owner").in_bulk([customer for _rank, customer in chosen])
    return [Place(customers[customer], found) for found, customer in chosen if customer in customers]


def _counted(customers: set[Any], today: date) -> dict[Any, int]:
    broken = PromiseToPay.objects.filter(state=PromiseToPay.State.BROKEN, customer__in=customers, closed_on__gte=today - REMEMBERED)
    return dict(broken.values("customer").annotate(n=Count("id")).order_by().values_list("customer", "n"))


def _summed(rows: Any, by: str) -> dict[Any, Decimal]:
    """Amounts by customer. Of another currency they only say that there is something."""
    return dict(rows.values(by).annotate(total=Sum("amount")).order_by().values_list(by, "total"))
