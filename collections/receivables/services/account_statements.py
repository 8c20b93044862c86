"""Statements of account: drawn up from the ledger, sent, answered by the customer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from receivables.company import day_of, own_company
from receivables.dunning_facts import rules_of
from receivables.letters import language_of
from receivables.models import Channel, DunningCase, DunningNotice, JournalLine, Statement
from receivables.services.policies import policy_in_force
from receivables.services.reminders import contact_for, write_messages, zone_for

OWED: Final = ("AR", "RETENTION", "ADVANCE", "ON_ACCOUNT", "NOTES")
ZERO: Final = Decimal(0)


@dataclass(frozen=True)
class Movement:
    """What an entry changed in a customer's balance, in the currency of the account."""

    on: date
    event: str
    label: str
    number: str
    amount: Decimal

    @property
    def column(self) -> str:
        """Where it stands in a statement."""
        for start, column in (("invoice", "invoices"), ("credit", "credits"), ("payment", "receipts"), ("refund", "receipts")):
            if self.event.startswith(start):
                return column
        return "adjustments"


def balance_at(customer: Customer, currency: str, day: date) -> Decimal:
    """What a customer owes at the end of a day as the ledger says, less what is on its account; in the currency."""
    lines = JournalLine.objects.filter(customer=customer, currency=currency, account__in=OWED, entry__entry_date__lte=day)
    return lines.aggregate(total=Sum("amount_doc"))["total"] or ZERO


def movements(customer: Customer, currency: str, first: date, last: date) -> list[Movement]:
    """What changed a customer's balance in a period, in date order; what only moved within the account is left out."""
    lines = JournalLine.objects.filter(
        customer=customer, currency=currency, account__in=OWED, entry__entry_date__gte=first, entry__entry_date__lte=last
    )
    found = []
    entries: dict[Any, Decimal] = {}
    known = {}
    for line in lines.select_related("entry__invoice", "entry__payment").order_by("entry__entry_date", "entry__number"):
        entries[line.entry_id] = entries.get(line.entry_id, ZERO) + line.amount_doc
        known[line.entry_id] = line.entry
    for pk, amount in entries.items():
        entry = known[pk]
        source = entry.invoice or entry.payment
        if amount:
            found.append(Movement(entry.entry_date, entry.event, str(entry.get_event_display()), str(source or entry.number), amount))
    return found


def column_total(found: Iterable[Movement], column: str) -> Decimal:
    """The sum of a column; credit notes and payments count as what they take off."""
    total = sum((movement.amount for movement in found if movement.column == column), ZERO)
    return -total if column in ("credits", "receipts") else total


@transaction.atomic
def draw_up(*, actor: Actor, customer: Customer, currency: str, first: date, last: date, at: datetime | None = None) -> Statement:
    """Draw up a customer's statement over a period, both days included. Raises Forbidden, Refusal."""
    at = at or timezone.now()
    if last < first or last > day_of(at):
        raise Refusal(_("Choose a period that has begun and is over."), code="out_of_range", field="last")
    opening = balance_at(customer, currency, first - timedelta(days=1))
    found = movements(customer, currency, first, last)
    totals = {column: column_total(found, column) for column in ("invoices", "credits", "receipts", "adjustments")}
    closing = opening + totals["invoices"] - totals["credits"] - totals["receipts"] + totals["adjustments"]
    lines = [
        {"date": each.on.isoformat(), "what": each.label, "number": each.number, "amount": str(each.amount), "column": each.column}
        for each in found
    ]
    statement = Statement(
        customer=customer, currency=currency, first=first, last=last, opening=opening, closing=closing, lines=lines, **totals
    )
    if not actor.has_perm("statements.add", statement):
        raise Forbidden(_("You may not draw up statements of this customer."))
    statement.save()
    record(statement, kind=Entry.Kind.SYSTEM, name="drawn_up", to_state=statement.state, actor=actor, at=at)
    return statement


def post(statement: Statement, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """A statement goes out as a message to the customer's contact, with a link to answer. Raises Refusal if nobody can be reached."""
    customer, tenant = statement.customer, own_company()
    contact = contact_for(customer)
    if contact is None:
        raise Refusal(_("Nobody at this customer can be reached by e-mail."), code="no_reachable_contact")
    DunningCase.objects.bulk_create([DunningCase(customer=customer, currency=statement.currency)], ignore_conflicts=True)
    case = DunningCase.objects.get(customer=customer, currency=statement.currency)
    day = day_of(at)
    notice = DunningNotice.objects.filter(case=case, kind=DunningNotice.Kind.STATEMENT, scope_key=str(statement.pk), run_date=day).exclude(
        state=DunningNotice.State.CANCELLED
    )
    if notice.exists():
        raise Refusal(_("It was sent today already."), code="sent_already")
    made = DunningNotice.objects.create(
        case=case, kind=DunningNotice.Kind.STATEMENT, scope_key=str(statement.pk), run_date=day, level=0,
        language=language_of(contact.language, customer.language, tenant.locale),
    )  # fmt: skip
    write_messages(made, [Channel.EMAIL], contact, None, rules_of(policy_in_force()), zone_for(customer, tenant), at)
    return {}


def answered(statement: Statement, *, actor: Actor, at: datetime, **given: Any) -> dict[str, Any]:
    """The day of the customer's answer."""
    return {**given, "on": day_of(at)}
