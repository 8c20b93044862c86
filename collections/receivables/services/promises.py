"""Promises to pay: made, judged by what comes in, cancelled."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.calendars.selectors import today, work_calendar
from ltc.money.amounts import quantise
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables import promises as rule
from receivables.balances import came_in, changes_since, open_on, written_off_since
from receivables.company import day_of, own_company
from receivables.models import PromiseItem, PromiseToPay, ReceivableItem

State = PromiseToPay.State
VERDICTS: Final = {
    rule.Verdict.KEPT: "keep",
    rule.Verdict.PARTIALLY_KEPT: "keep_in_part",
    rule.Verdict.BROKEN: "break_it",
}


@transaction.atomic
def make_promise(
    *, actor: Actor, items: Sequence[dict[str, Any]], promised_on: date, promised_amount: Decimal | None = None,
    grace_business_days: int = rule.GRACE_BUSINESS_DAYS, contact: Any = None, channel: str = PromiseToPay.Channel.PHONE,
    evidence: str = "", at: datetime | None = None, is_history: bool = False,
) -> PromiseToPay:  # fmt: skip
    """Write down what a customer promised for some of its items, which must be of one customer and currency.

    `items` are {"item": ReceivableItem, "amount": Decimal or None for all that is open}; the promised amount is their sum unless given.
    An older open promise for one of them is superseded. With `is_history` it is a fact of the past: nothing but its arithmetic is checked.
    Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    on = today(own_company(), at=at)
    wanted = {row["item"].pk: row.get("amount") for row in items}
    chosen = ReceivableItem.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    locked = {item.pk: item for item in chosen.select_related("customer", "invoice")}
    if not locked or len(locked) != len(items):
        raise Refusal(_("Choose the items that the customer promises to pay, each once."), code="required", field="items")
    first = next(iter(locked.values()))
    changes = changes_since(locked, on)
    opened = {pk: open_on(item.open_amount, changes.get(pk, ()), on) for pk, item in locked.items()}
    amounts = _amounts(locked, wanted, opened, promised_amount)
    total = sum(amounts.values(), Decimal(0)) if promised_amount is None else Decimal(promised_amount)
    promise = PromiseToPay(
        customer=first.customer, currency=first.currency, promised_amount=total, promised_on=promised_on, contact=contact,
        grace_business_days=grace_business_days, channel=channel, evidence=evidence, made_at=at, made_on=on, recorded_by=actor.pk,
        good_until=rule.good_until(work_calendar(), promised_on, grace_business_days),
    )  # fmt: skip
    if not actor.has_perm("promises.add", promise):
        raise Forbidden(_("You may not enter promises of this customer."))
    if any(item.customer_id != first.customer_id or item.currency != first.currency for item in locked.values()):
        raise Refusal(_("Choose items of one customer in one currency."), code="wrong_item", field="items")
    if not is_history:
        _check(promise, amounts, opened, on)
    for older in _open_for(locked).exclude(made_at__gt=at):
        perform(older, "supersede", actor=SYSTEM, at=at, on=on)
    promise.save()
    rows = [PromiseItem(promise=promise, item=locked[pk], amount=amount, open_then=opened[pk]) for pk, amount in amounts.items()]
    PromiseItem.objects.bulk_create(rows)
    data = {"amount": str(total), "promised_on": promised_on.isoformat()}
    record(promise, kind=Entry.Kind.SYSTEM, name="made", to_state=promise.state, actor=actor, at=at, data=data)
    record(promise.customer, kind=Entry.Kind.ACTIVITY, name="promise_made", actor=actor, at=at, data=data | {"promise": str(promise.pk)})
    return promise


def _amounts(
    items: dict[Any, ReceivableItem], wanted: dict[Any, Any], opened: dict[Any, Decimal], total: Decimal | None
) -> dict[Any, Decimal]:
    """What of a promise is for which item: as given, else all that is open, or a given total spread over them, oldest first."""
    if total is None or any(amount is not None for amount in wanted.values()):
        return {pk: opened[pk] if wanted[pk] is None else Decimal(wanted[pk]) for pk in items}
    left, amounts = Decimal(total), {}
    for pk in sorted(items, key=lambda pk: (items[pk].due_date or date.max, pk)):
        amounts[pk] = min(left, opened[pk])
        left -= amounts[pk]
    return {pk: amount for pk, amount in amounts.items() if amount} or dict.fromkeys(items, Decimal(total))


def _check(promise: PromiseToPay, amounts: dict[Any, Decimal], opened: dict[Any, Decimal], on: date) -> None:
    if not on <= promise.promised_on <= on + rule.LATEST:
        raise Refusal(_("Choose a day within the next 60 days."), code="out_of_range", field="promised_on")
    if promise.contact is not None and promise.contact.customer_id != promise.customer_id:
        raise Refusal(_("Choose a contact of this customer."), code="wrong_contact", field="contact")
    for pk, amount in amounts.items():
        if amount <= 0 or quantise(amount, promise.currency) != amount:
            raise Refusal(_("Give an amount of more than zero for each item."), code="invalid", field="items")
        if amount > opened[pk]:
            raise Refusal(
                _("Only %(open)s of this item is open.") % {"open": f"{opened[pk].normalize():f}"}, code="over_open", field="items"
            )
    if not 0 < promise.promised_amount <= sum(opened.values(), Decimal(0)):
        raise Refusal(_("More is promised than is open. Correct the amount."), code="over_open", field="promised_amount")


def _open_for(items: Iterable[Any]) -> Any:
    having = PromiseItem.objects.filter(item__in=list(items), promise__state=State.OPEN).values("promise")
    return PromiseToPay.objects.filter(pk__in=having).order_by("made_at", "pk")


def prepare_cancellation(promise: PromiseToPay, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """The day on which a promise was cancelled, in the tenant's zone."""
    return {"reason": reason, "on": day_of(at)}


@transaction.atomic
def judge_promises(*, at: datetime, promises: Any = None) -> int:
    """Judge the tenant's open promises (or these) by what has come in up to now; how many were decided. Safe to run any number of times."""
    on = day_of(at)
    waiting = PromiseToPay.objects.filter(state=State.OPEN) if promises is None else promises.filter(state=State.OPEN)
    found = list(waiting.prefetch_related("items__item").order_by("made_at", "pk"))
    if not found:
        return 0
    items = {row.item_id for promise in found for row in promise.items.all()}
    since = min(promise.made_on for promise in found)
    changes, lost = changes_since(items, since), written_off_since(items, since)
    decided = 0
    for promise in found:
        judgement = rule.judge(promise.promised_amount, promise.good_until, came_in(promise, promise.items.all(), changes, lost), on)
        if name := VERDICTS.get(judgement.verdict):
            perform(promise, name, actor=SYSTEM, at=at, received=judgement.received, on=judgement.on)
            decided += 1
    return decided
