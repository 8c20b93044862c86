"""The clerk's queue: which customers to deal with first, and the money that waits to be placed, for the member who looks."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import Coalesce

from ltc.customers.models import Customer
from ltc.money.fields import AmountField
from ltc.users.actors import Actor
from receivables.aging import Age, days_overdue
from receivables.models import Dispute, Payment, PromiseItem, PromiseToPay, ReceivableItem
from receivables.ranking import Debtor, Rank, rank
from receivables.selectors import in_age
from receivables.services.bank import Candidate, candidates

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
    promised = _in_base(
        PromiseItem.objects.filter(promise__state=PromiseToPay.State.OPEN, promise__customer__in=late), "promise__customer", "item__"
    )
    disputed = _in_base(Dispute.objects.filter(state__in=Dispute.UNSOLVED, item__customer__in=late), "item__customer", "item__")
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


def _in_base(rows: Any, by: str, item: str) -> dict[Any, Decimal]:
    """Amounts by customer, in base currency at the rate of each item."""
    worth = Sum(F("amount") * F(f"{item}amount_base") / F(f"{item}amount"), output_field=AmountField())
    return dict(rows.values(by).annotate(total=worth).order_by().values_list(by, "total"))


@dataclass(frozen=True)
class Unplaced:
    """Money that is not yet where it belongs: who may have sent it, and what it would pay."""

    payment: Payment
    customers: tuple[Candidate, ...]
    shares: tuple[tuple[ReceivableItem, Decimal], ...]
    method: str
    rest: Decimal

    @property
    def is_certain(self) -> bool:
        """Whether one press does it: the payer is known (or only one could be meant) and there is something to pay or to post."""
        waits = self.payment.state in (Payment.State.IMPORTED, Payment.State.IDENTIFIED)
        return (self.payment.customer_id is not None and (waits or bool(self.shares))) or len(self.customers) == 1


def unplaced(actor: Actor, *, most: int = 20) -> list[Unplaced]:
    """Payments that wait to be identified, posted or allocated, the oldest first, each with its likely invoices."""
    waiting = Q(state__in=[Payment.State.IMPORTED, Payment.State.IDENTIFIED, Payment.State.UNIDENTIFIED])
    on_account = Q(state=Payment.State.POSTED, unallocated__gt=0, customer__receivable_items__open_amount__gt=0)
    seen = Payment.objects.visible_to(actor).filter(waiting | on_account).distinct()
    found = []
    for payment in seen.select_related("customer").order_by("received_on", "pk")[:most]:
        likely = tuple(candidates(payment))
        if payment.customer_id is None:
            shares = tuple((item, min(item.open_amount, payment.amount)) for each in likely[:1] for item in each.items)
            found.append(Unplaced(payment, likely, shares, likely[0].method if likely else "", payment.amount))
            continue
        proposal = payment.suggestion()
        items = ReceivableItem.objects.select_related("invoice__order").in_bulk([share.item for share in proposal.shares])
        shares = tuple((items[share.item], share.amount) for share in proposal.shares)
        found.append(Unplaced(payment, (), shares, proposal.method if shares else "", proposal.rest))
    return found
