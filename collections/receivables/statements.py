"""What happened on a customer's account in a span of days: opening, invoices, credits, receipts, adjustments, closing.

Read from the journal: receivables less what stands on account, without retention that is not due. So the closing is the balance of
that day (invariant I8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from receivables.company import own_company
from receivables.models import JournalEntry, JournalLine

ZERO: Final = Decimal(0)
Event = JournalEntry.Event
# Which movement an entry belongs to; what is not named here is an adjustment.
GROUP: Final[dict[str, str]] = {
    Event.INVOICE_ISSUED: "invoices",
    Event.INVOICE_VOIDED: "invoices",
    Event.RETENTION_RELEASED: "invoices",
    Event.CREDIT_ISSUED: "credits",
    Event.PAYMENT_POSTED: "receipts",
    Event.PAYER_IDENTIFIED: "receipts",
    Event.PAYMENT_REVERSED: "receipts",
}
GROUPS: Final = ("invoices", "credits", "receipts", "adjustments")


class BadSpan(ValueError):
    """The days are no span. `field` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(_("Give a day as YYYY-MM-DD, the first not after the last."))
        self.field = field


def span_of(first: str | None, last: str | None) -> tuple[date, date]:
    """The days of a request: this month unless given. Raises BadSpan."""
    today = timezone.localdate()
    days = []
    for field, text, usual in (("from", first, today.replace(day=1)), ("to", last, today)):
        try:
            day = parse_date(text) if text else usual
        except ValueError:
            day = None
        if day is None:
            raise BadSpan(field)
        days.append(day)
    if days[0] > days[1]:
        raise BadSpan("from")
    return days[0], days[1]


@dataclass(frozen=True)
class Movement:
    """One entry that changed what the customer owes; negative: owes less."""

    on: date
    number: str
    event: str
    group: str
    document: str
    amount: Decimal

    @property
    def label(self) -> str:
        """What happened, in words."""
        return str(Event(self.event).label)


def label_of(line: Mapping[str, Any]) -> str:
    """What a kept movement was, in the language of who reads it; older ones only kept the words."""
    return str(Event(line["event"]).label) if line.get("event") in Event.values else str(line["what"])


@dataclass(frozen=True)
class Statement:
    """A customer's account over a span of days, in one currency."""

    customer: Customer
    currency: str
    first: date
    last: date
    opening: Decimal
    movements: tuple[Movement, ...]

    @property
    def closing(self) -> Decimal:
        return self.opening + sum((each.amount for each in self.movements), ZERO)

    def total(self, group: str) -> Decimal:
        """The sum of a kind of movements, with the sign that it has on the account."""
        return sum((each.amount for each in self.movements if each.group == group), ZERO)

    def as_data(self) -> dict[str, Any]:
        """The statement as text."""
        return {
            "customer": str(self.customer.pk), "currency": self.currency, "from": self.first, "to": self.last, "opening": str(self.opening),
            **{group: str(self.total(group)) for group in GROUPS}, "closing": str(self.closing),
            "movements": [
                {
                    "on": each.on, "number": each.number, "event": each.event, "group": each.group, "document": each.document,
                    "amount": str(each.amount),
                }
                for each in self.movements
            ],
        }  # fmt: skip


def statement_of(customer: Customer, first: date, last: date, *, currency: str = "") -> Statement:
    """The statement of a customer over these days, both included; in base currency unless another is named."""
    currency = currency or own_company().base_currency
    lines = JournalLine.objects.filter(customer=customer, currency=currency, account__in=["AR", "ADVANCE"])
    opening = lines.filter(entry__entry_date__lt=first).aggregate(total=Sum("amount_doc"))["total"] or ZERO
    return Statement(customer, currency, first, last, opening, tuple(_movements(lines, first, last)))


def _movements(lines: Any, first: date, last: date) -> Iterable[Movement]:
    within = lines.filter(entry__entry_date__range=(first, last))
    sums = within.order_by("entry").values("entry").annotate(total=Sum("amount_doc"))
    amounts = {row["entry"]: row["total"] for row in sums if row["total"]}
    entries = JournalEntry.objects.filter(pk__in=amounts).select_related("invoice", "payment", "credit_note")
    for entry in entries.order_by("entry_date", "number"):
        document = entry.credit_note or entry.payment or entry.invoice
        group = GROUP.get(entry.event, "adjustments")
        yield Movement(
            entry.entry_date, entry.number, entry.event, group, str(document.number or "") if document else "", amounts[entry.pk]
        )  # fmt: skip
