"""Disputes: opened, looked into, resolved. The disputed amount is not reminded of while nobody has answered."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.calendars.business_days import add_business_days, business_days_between
from ltc.calendars.selectors import today, work_calendar
from ltc.events.bus import publish
from ltc.money.amounts import quantise
from ltc.notifications.services import notify
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from ltc.users.models import Membership
from ltc.users.roles import Role
from receivables.balances import changes_since, open_on
from receivables.company import day_of, own_company
from receivables.events import DisputeOpened
from receivables.models import Dispute, ReceivableItem

ANSWER_BUSINESS_DAYS: Final = 5
ROLE_FOR: Final = {
    Dispute.Reason.QUALITY: Role.DELIVERY,
    Dispute.Reason.QUANTITY: Role.DELIVERY,
    Dispute.Reason.DELIVERY_LATE: Role.DELIVERY,
    Dispute.Reason.NO_ACCEPTANCE: Role.DELIVERY,
    Dispute.Reason.PRICE: Role.REP,
    Dispute.Reason.INVOICE_ERROR: Role.FINANCE,
    Dispute.Reason.DUPLICATE: Role.FINANCE,
    Dispute.Reason.OTHER: Role.FINANCE,
}


@transaction.atomic
def open_dispute(
    *, actor: Actor, item: ReceivableItem, reason: str, amount: Decimal | None = None, description: str = "",
    owner: Membership | None = None,
    at: datetime | None = None, is_history: bool = False,
) -> Dispute:  # fmt: skip
    """A customer objects to an item; without an amount, to all of it that is not disputed yet.

    It goes to whoever can judge the reason, to be answered within five business days. With `is_history` it is a fact of the past.
    Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    on = today(own_company(), at=at)
    item = ReceivableItem.objects.select_for_update(of=("self",)).select_related("customer__owner", "invoice").get(pk=item.pk)
    left = undisputed(item, on)
    dispute = Dispute(
        item=item, reason=reason, amount=left if amount is None else Decimal(amount), description=description, opened_at=at, opened_on=on,
        owner=owner or owner_for(item, reason, actor), due_on=add_business_days(work_calendar(), on, ANSWER_BUSINESS_DAYS),
        recorded_by=actor.pk,
    )  # fmt: skip
    if not actor.has_perm("disputes.add", dispute):
        raise Forbidden(_("You may not enter disputes of this customer."))
    if dispute.amount <= 0 or quantise(dispute.amount, item.currency) != dispute.amount:
        raise Refusal(_("Give an amount of more than zero."), code="invalid", field="amount")
    if dispute.amount > left and not is_history:
        raise Refusal(_("Only %(open)s of this item is undisputed.") % {"open": f"{left.normalize():f}"}, code="over_open", field="amount")
    dispute.save()
    data = {"amount": str(dispute.amount), "reason": dispute.reason, "dispute": str(dispute.pk)}
    record(dispute, kind=Entry.Kind.SYSTEM, name="opened", to_state=dispute.state, actor=actor, at=at, data=data)
    record(item.invoice, kind=Entry.Kind.ACTIVITY, name="dispute_opened", actor=actor, at=at, data=data)
    publish(DisputeOpened(record=dispute.pk, at=at, actor=actor))
    if dispute.owner is not None and dispute.owner_id != actor.pk and not is_history:
        told = {"customer": item.customer.name, "invoice": item.invoice.number or ""}
        notify(
            dispute.owner,
            title=gettext_lazy("%(customer)s disputes %(invoice)s"),
            values=told,
            about=dispute,
            icon="message-square-warning",
        )
    return dispute


def undisputed(item: ReceivableItem, on: date) -> Decimal:
    """What is open of an item and not disputed, on a day."""
    left = open_on(item.open_amount, changes_since([item.pk], on).get(item.pk, ()), on)
    disputed = item.disputes.filter(state__in=Dispute.UNSOLVED).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return max(Decimal(0), left - disputed)


def owner_for(item: ReceivableItem, reason: str, actor: Actor) -> Membership | None:
    """Who can judge a reason: the customer's salesperson for prices, delivery for goods, finance for the rest."""
    role = ROLE_FOR[Dispute.Reason(reason)]
    if role == Role.REP and item.customer.owner is not None:
        return item.customer.owner
    if getattr(actor, "role", "") == role and isinstance(actor, Membership):
        return actor
    chosen = Membership.objects.filter(role=role, state=Membership.State.ACTIVE).order_by("created_at", "pk").first()
    return chosen or item.customer.owner


def resume_clock(dispute: Dispute, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The days on which the customer had to answer are added to our own time."""
    due = dispute.due_on
    if dispute.waiting_since is not None and due is not None:
        calendar = work_calendar()
        due = add_business_days(calendar, due, business_days_between(calendar, dispute.waiting_since, day_of(at)))
    return {"due_on": due}


def stop_clock(dispute: Dispute, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """From today on the customer has to answer."""
    return {"on": day_of(at)}


def close(dispute: Dispute, *, actor: Actor, at: datetime, resolution: str) -> dict[str, Any]:
    """The day on which a dispute was answered, in the tenant's zone."""
    return {"resolution": resolution, "on": day_of(at)}
