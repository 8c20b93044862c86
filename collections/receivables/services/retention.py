"""Retention: an item that is owed only when its condition is met."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from receivables import posting
from receivables.company import day_of
from receivables.models import JournalEntry, ReceivableItem
from receivables.services.ledger import lock_debt, post_entry, posting_day, require_open


@transaction.atomic
def release_retention(
    *, item: ReceivableItem, actor: Actor, on: date | None = None, due_date: date | None = None, at: datetime | None = None
) -> ReceivableItem:
    """The condition of a retention is met (the warranty ended): it is owed from `on`, by `due_date` (that day unless given).

    RETENTION to AR. Raises Forbidden, Refusal (`already_released`, `period_closed`, `date_in_future`).
    """
    at = at or timezone.now()
    if not actor.has_perm("receivables.release", item):
        raise Forbidden(_("You may not release retention. Ask finance."))
    today = day_of(at)
    if on is not None:
        require_open(on)
    day = on or today
    if day > today:
        raise Refusal(_("This day is still to come."), code="date_in_future", field="on")
    lock_debt(item.customer_id, item.currency)
    item = ReceivableItem.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=item.pk)
    if item.released:
        raise Refusal(_("This is owed already."), code="already_released")
    was_retained, item.retained = item.retained, False
    item.released, item.released_on, item.released_at, item.due_date = True, day, at, due_date or item.due_date or day
    item.save(update_fields=["released", "released_on", "released_at", "due_date", "retained"])
    assert item.invoice.fx_rate is not None
    if was_retained:
        lines = posting.retention_released(amount=item.open_amount, amount_base=item.open_base, item=item.pk)
        post_entry(
            JournalEntry.Event.RETENTION_RELEASED, lines, on=posting_day(day, at=at), actor=actor, at=at, customer=item.customer,
            currency=item.currency, fx_rate=item.invoice.fx_rate, invoice=item.invoice, item=item,
        )  # fmt: skip
    record(
        item.invoice, kind=Entry.Kind.SYSTEM, name="retention_released", actor=actor, at=at, data={"item": item.seq, "on": day.isoformat()}
    )
    return item
