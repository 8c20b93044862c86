"""Money that came in for what was written off."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM, Actor
from receivables.models import Payment, ReceivableItem, WriteOff
from receivables.services.allocating import settle
from receivables.services.differences import take_write_off_back, write_off


def recover_write_off(asked: WriteOff, *, actor: Actor, at: datetime, payment: Payment, amount: Decimal) -> dict[str, Any]:
    """The write-off is taken back, the payment settles so much of the item, and any rest is written off again under the same approval.

    In the ledger that is BANK against BAD_DEBT for what came.
    """
    if asked.item_id is None:
        raise Refusal(_("This was no item."), code="wrong_item")
    if amount > asked.amount:
        raise Refusal(_("This is more than was written off."), code="item_overallocated", field="amount")
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    done = take_write_off_back(asked, actor=actor, at=at, reason=str(_("Recovered")))
    settle(payment, [(asked.item_id, amount)], method="manual", on=done["on"], actor=actor, at=at)
    payment.save(update_fields=["unallocated", "unallocated_base"])
    if rest := asked.amount - amount:
        item = ReceivableItem.objects.get(pk=asked.item_id)
        write_off(actor=SYSTEM, item=item, amount=rest, kind=asked.kind, reason=asked.reason, at=at)
    return {"on": done["on"]}
