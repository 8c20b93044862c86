"""Money on a customer's account that is paid back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables import posting
from receivables.company import day_of
from receivables.models import CreditNote, JournalEntry, Payment, Refund
from receivables.models.invoices import require_finance_approver
from receivables.services.differences import rest_in_base
from receivables.services.ledger import lock_debt, mirror_entry, post_entry, posting_day, require_open

Event = JournalEntry.Event


@transaction.atomic
def request_refund(
    *, actor: Actor, amount: Decimal, payment: Payment | None = None, credit_note: CreditNote | None = None, date: date | None = None,
    reason: str = "", at: datetime | None = None, external_ref: str | None = None,
) -> Refund:  # fmt: skip
    """Ask for a part of what stands on a customer's account to be paid back: of a payment or a credit note, in its currency.

    It waits for a finance approver, unless the system itself (an import) says so. Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    if not actor.has_perm("receivables.refund"):
        raise Forbidden(_("You may not refund. Ask finance."))
    source: Any = payment or credit_note
    if source is None or (payment is not None and credit_note is not None):
        raise Refusal(_("Name a payment or a credit note."), code="required", field="payment")
    on = date or day_of(at)
    if on > day_of(at) or on < source.source_date:
        raise Refusal(_("Choose a day from the receipt of the money until today."), code="invalid", field="date")
    require_open(on)
    _check_amount(source, amount)
    refund = Refund(
        customer=source.customer, payment=payment, credit_note=credit_note, currency=source.currency, amount=amount, date=on,
        reason=reason, drafted_by=actor.pk, external_ref=external_ref,
    )  # fmt: skip
    refund.full_clean()
    refund.save()
    record(refund, kind=Entry.Kind.SYSTEM, name="requested", to_state=refund.state, actor=actor, at=at)
    if actor.kind == "system":
        perform(refund, "approve", actor=SYSTEM, at=at)
    return refund


def _check_amount(source: Any, amount: Decimal) -> None:
    if amount <= 0 or quantise(amount, source.currency) != amount:
        raise Refusal(_("Give an amount of more than zero, with no more decimals than the currency."), code="invalid", field="amount")
    posted = source.state in (Payment.State.POSTED, CreditNote.State.ISSUED)
    if not posted or amount > source.unallocated:
        raise Refusal(
            _("Only %(left)s stands on account.") % {"left": f"{source.unallocated.normalize():f}"}, code="insufficient_unallocated",
            field="amount",
        )  # fmt: skip


def _locked(refund: Refund) -> Any:
    model: Any = Payment if refund.payment_id else CreditNote
    return model.objects.select_for_update(of=("self",)).get(pk=refund.payment_id or refund.credit_note_id)


def prepare_refund(refund: Refund, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Pay it back: ADVANCE to BANK, by the remainder if nothing is left after it."""
    require_finance_approver(actor, author=refund.drafted_by)
    source = _locked(refund)
    lock_debt(source.customer_id, source.currency)
    _check_amount(source, refund.amount)
    on, base = posting_day(refund.date, at=at), rest_in_base(source, refund.amount)
    source.take(refund.amount, base)
    source.save(update_fields=["unallocated", "unallocated_base"])
    names = {name: record.pk for name, record in source.link.items()}
    post_entry(
        Event.REFUNDED, posting.refunded(amount=refund.amount, amount_base=base, **names), on=on, actor=actor, at=at,
        customer=source.customer, currency=source.currency, fx_rate=source.fx_rate, refund=refund, **source.link,
    )  # fmt: skip
    if isinstance(source, CreditNote) and not source.unallocated:
        perform(source, "apply", actor=SYSTEM, at=at)
    return {"on": on, "amount_base": base}


def take_refund_back(refund: Refund, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """The money came back: the entry is mirrored today and it stands on account again."""
    source, on = _locked(refund), day_of(at)
    lock_debt(source.customer_id, source.currency)
    source.take(-refund.amount, -(refund.amount_base or Decimal(0)))
    source.save(update_fields=["unallocated", "unallocated_base"])
    mirror_entry(refund.entries.get(event=Event.REFUNDED), Event.REFUND_RETURNED, on=on, actor=actor, at=at)
    if isinstance(source, CreditNote) and source.state == CreditNote.State.APPLIED:
        perform(source, "reopen", actor=SYSTEM, at=at)
    return {"on": on, "reason": reason}
