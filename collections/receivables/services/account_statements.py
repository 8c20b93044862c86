"""Statements of account: drawn up from the ledger, sent, answered by the customer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
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
from receivables.models import Channel, DunningCase, DunningNotice, Statement
from receivables.services.policies import policy_in_force
from receivables.services.reminders import contact_for, write_messages, zone_for
from receivables.statements import statement_of

ZERO: Final = Decimal(0)


@transaction.atomic
def draw_up(*, actor: Actor, customer: Customer, currency: str, first: date, last: date, at: datetime | None = None) -> Statement:
    """Draw up a customer's statement over a period, both days included. Raises Forbidden, Refusal."""
    at = at or timezone.now()
    if last < first or last > day_of(at):
        raise Refusal(_("Choose a period that has begun and is over."), code="out_of_range", field="last")
    found = statement_of(customer, first, last, currency=currency)
    lines = [
        {
            "date": each.on.isoformat(), "event": each.event, "what": each.label, "number": each.document or each.number,
            "amount": str(each.amount),
        }
        for each in found.movements
    ]  # fmt: skip
    statement = Statement(
        customer=customer, currency=currency, first=first, last=last, opening=found.opening, closing=found.closing, lines=lines,
        invoices=found.total("invoices"), credits=-found.total("credits"), receipts=-found.total("receipts"),
        adjustments=found.total("adjustments"),
    )  # fmt: skip
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
