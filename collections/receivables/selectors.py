"""Reads over receivables."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce

from ltc.money.fields import AmountField
from ltc.users.actors import Actor
from receivables.aging import Age, due_between
from receivables.models import CreditNote, IntegrityCheck, Payment, ReceivableItem

ZERO = Decimal(0)


@dataclass(frozen=True)
class Aging:
    """What is open, by age, in base currency; `overdue` is what is past its due date."""

    buckets: dict[Age, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.buckets.values(), ZERO)

    @property
    def overdue(self) -> Decimal:
        return self.total - self.buckets[Age.CURRENT]


def in_age(age: Age, today: date) -> Q:
    """The filter of a bucket."""
    first, last = due_between(age, today)
    return (Q(due_date__gte=first) if first else Q()) & (Q(due_date__lte=last) if last else Q())


def aging(actor: Actor, today: date) -> Aging:
    """The age of what is open and released, as far as the actor sees it."""
    items = ReceivableItem.objects.visible_to(actor).filter(open_amount__gt=0, released=True, in_ledger=True)
    sums = {age.name: Coalesce(Sum("open_base", filter=in_age(age, today)), ZERO, output_field=AmountField()) for age in Age}
    totals = items.aggregate(**sums)
    return Aging({age: totals[age.name] for age in Age})


@dataclass(frozen=True)
class CustomerBalance:
    """What a customer owes, has on account, and how late the oldest open item is; base currency."""

    receivables: Decimal
    on_account: Decimal
    oldest_due: date | None


def balance_of(customer: Any) -> CustomerBalance:
    """A customer's balance over all currencies, in base currency."""
    open_items = ReceivableItem.objects.filter(customer=customer, open_amount__gt=0, in_ledger=True)
    owed = open_items.aggregate(total=Sum("open_base"), oldest=Min("due_date"))
    held = Payment.objects.filter(customer=customer, state=Payment.State.POSTED).aggregate(total=Sum("unallocated_base"))
    credits = CreditNote.objects.filter(customer=customer, state__in=CreditNote.POSTED).aggregate(total=Sum("unallocated_base"))
    return CustomerBalance(owed["total"] or ZERO, (held["total"] or ZERO) + (credits["total"] or ZERO), owed["oldest"])


@dataclass(frozen=True)
class Check:
    """How the last check of the books ended."""

    at: datetime
    broken: tuple[str, ...]


def last_check() -> Check | None:
    """The result of the last nightly check of the active tenant's books; None if there was none yet."""
    run = IntegrityCheck.objects.order_by("-at").first()
    return Check(run.at, tuple(run.findings)) if run else None
