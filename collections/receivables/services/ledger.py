"""Writing the receivables ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.numbering.services import next_number
from ltc.refusals import Refusal
from ltc.users.actors import Actor
from orders.models import Order
from receivables.company import day_of
from receivables.models import JournalEntry, JournalLine, Period, ReceivableItem
from receivables.models.periods import first_of_month
from receivables.posting import Line, balanced

LINKS: Final = ("invoice", "payment", "allocation", "credit_note", "write_off", "refund", "item")


class PeriodClosed(Refusal):
    """The month is closed: nothing is posted into it."""

    code = "period_closed"


def is_closed(on: date) -> bool:
    """Whether the month of that day is closed."""
    return Period.objects.filter(month=first_of_month(on), state=Period.State.CLOSED).exists()


def require_open(on: date) -> None:
    """Raise PeriodClosed if nothing may be posted on that day."""
    if is_closed(on):
        raise PeriodClosed(_("%(month)s is closed. Choose a day in an open month.") % {"month": f"{on:%Y-%m}"})


def posting_day(on: date, *, at: datetime) -> date:
    """The day on which something of that day is posted: itself, or the day of posting if its month is closed by now."""
    return day_of(at) if is_closed(on) else on


def post_entry(
    event: JournalEntry.Event, lines: Sequence[Line], *, on: date, actor: Actor, at: datetime, customer: Any, currency: str,
    fx_rate: Decimal, **links: Any,
) -> JournalEntry:  # fmt: skip
    """Write one balanced entry. `on` is the tenant's day of posting; `links` are the invoice, payment, allocation and what is mirrored.

    Takes the entry's number, so it belongs at the end of the posting transaction. Raises PeriodClosed.
    """
    balanced(list(lines))
    entry = _entry(event, on=on, actor=actor, at=at, links=links)
    JournalLine.objects.bulk_create(
        JournalLine(
            entry=entry, seq=seq, account=line.account, customer=customer, item_id=line.item, payment_id=line.payment,
            credit_note_id=line.credit_note, currency=currency, amount_doc=line.amount_doc, amount_base=line.amount_base, fx_rate=fx_rate,
        )
        for seq, line in enumerate(lines, start=1)
    )  # fmt: skip
    return entry


def mirror_entry(entry: JournalEntry, event: JournalEntry.Event, *, on: date, actor: Actor, at: datetime) -> JournalEntry:
    """Take an entry back: the same numbers with the opposite sign, on the day of the correction. Raises PeriodClosed."""
    links = {name: getattr(entry, name) for name in LINKS}
    mirror = _entry(event, on=on, actor=actor, at=at, links={**links, "reverses": entry})
    JournalLine.objects.bulk_create(
        JournalLine(
            entry=mirror, seq=line.seq, account=line.account, customer_id=line.customer_id, item_id=line.item_id,
            payment_id=line.payment_id, credit_note_id=line.credit_note_id, currency=line.currency, amount_doc=-line.amount_doc,
            amount_base=-line.amount_base, fx_rate=line.fx_rate,
        )
        for line in entry.lines.order_by("seq")
    )  # fmt: skip
    return mirror


def _entry(event: JournalEntry.Event, *, on: date, actor: Actor, at: datetime, links: dict[str, Any]) -> JournalEntry:
    """The head of an entry. Its number comes first: whoever closes the month waits for that same number, so nothing slips in after."""
    number = next_number("journal_entry", on=on, gap_free=True)
    require_open(on)
    return JournalEntry.objects.create(number=number, entry_date=on, event=event, posted_by=actor.label[:120], posted_at=at, **links)


def lock_debt(customer: Any, currency: str, *, closed_too: bool = False) -> None:
    """Lock what a customer owes, before any number is taken: the customer, then the orders behind the items, then the items.

    Everybody who posts to a customer's account comes this way, so two of them wait for each other here and nowhere later.
    """
    if customer is not None:
        list(Customer.objects.select_for_update(of=("self",), no_key=True).filter(pk=customer).values_list("pk"))
    items = ReceivableItem.objects.filter(customer=customer, currency=currency)
    if not closed_too:
        items = items.filter(open_amount__gt=0)
    orders = Order.objects.filter(pk__in=items.values("invoice__order"))
    list(orders.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    list(items.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
