"""Reminder policies: the one that a tenant starts with, its changes, and what is different for one customer or item."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.models import Tenant
from ltc.tenancy.seeding import starts_with
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from receivables import seeds
from receivables.company import day_of
from receivables.models import CustomerDunningSetting, DunningPolicy, DunningStep, ItemStop, ReceivableItem

STEP_FIELDS: Final = (
    "level", "offset_days", "tone", "channels", "channel_mode", "template_code", "from_base", "requires_approval", "cc", "actions",
)  # fmt: skip
LONGEST_STOP: Final = timedelta(days=366)


@starts_with
def seed_policy(tenant: Tenant) -> None:
    """Give a new tenant the default policy."""
    policy_in_force()


@transaction.atomic
def policy_in_force() -> DunningPolicy:
    """The active tenant's default policy; made from the seeds the first time that it is asked for."""
    policy = DunningPolicy.objects.prefetch_related("steps").filter(is_default=True).first()
    if policy is not None:
        return policy
    DunningPolicy.objects.bulk_create([DunningPolicy(name="Default", is_default=True, windows=seeds.WINDOWS)], ignore_conflicts=True)
    policy = DunningPolicy.objects.select_for_update().get(is_default=True)
    DunningStep.objects.bulk_create([DunningStep(policy=policy, **level) for level in seeds.LEVELS], ignore_conflicts=True)
    return DunningPolicy.objects.prefetch_related("steps").get(pk=policy.pk)


def policies() -> list[DunningPolicy]:
    """All policies of the active tenant with their steps, the default one among them."""
    policy_in_force()
    return list(DunningPolicy.objects.prefetch_related("steps", "calendar__days").order_by("-is_default", "name", "pk"))


@transaction.atomic
def save_policy(
    policy: DunningPolicy | None,
    *,
    actor: Actor,
    steps: Sequence[Mapping[str, Any]] | None = None,
    version: int | None = None,
    **fields: Any,
) -> DunningPolicy:
    """Make a policy or change one, with its levels if they are given: all of them, in any order.

    Levels go up with their days. Another policy may become the default one; there always is one.
    Raises Forbidden, Refusal, ValidationError.
    """
    if not actor.has_perm("reminders.change"):
        raise Forbidden(_("You may not change how customers are reminded. Ask finance."))
    if policy is None:
        policy = DunningPolicy(windows=seeds.WINDOWS)
    else:
        policy = DunningPolicy.objects.select_for_update().get(pk=policy.pk)
        if version is not None and policy.version != version:
            raise StaleVersion(_("Someone changed this record while you had it open. Reload it and try again."))
    if fields.get("is_default") is False and policy.is_default:
        raise Refusal(_("Make another policy the default one instead."), code="one_default", field="is_default")
    for name, value in fields.items():
        setattr(policy, name, value)
    if policy.is_default:
        DunningPolicy.objects.exclude(pk=policy.pk).filter(is_default=True).update(is_default=False)
    policy.full_clean()
    is_new = policy._state.adding
    policy.save()
    if steps is not None or is_new:
        _set_steps(policy, seeds.LEVELS if steps is None else steps)
    record(policy, kind=Entry.Kind.SYSTEM, name="made" if is_new else "changed", actor=actor, at=timezone.now())
    return DunningPolicy.objects.prefetch_related("steps").get(pk=policy.pk)


def _set_steps(policy: DunningPolicy, steps: Sequence[Mapping[str, Any]]) -> None:
    rows = sorted((DunningStep(policy=policy, **{name: step[name] for name in STEP_FIELDS if name in step}) for step in steps), key=_level)
    if not rows:
        raise Refusal(_("A policy has at least one level."), code="required", field="steps")
    for row in rows:
        row.tone = row.tone or row.text.lower()
        row.full_clean(exclude=["policy"], validate_unique=False, validate_constraints=False)
    for lower, higher in pairwise(rows):
        if higher.level == lower.level or higher.offset_days <= lower.offset_days:
            raise Refusal(_("Each level is once there, and comes later than the one below it."), code="steps_not_ascending", field="steps")
    policy.steps.all().delete()
    DunningStep.objects.bulk_create(rows)


def _level(step: DunningStep) -> int:
    return step.level


@transaction.atomic
def set_customer(customer: Customer, *, actor: Actor, at: datetime | None = None, **fields: Any) -> CustomerDunningSetting:
    """What is different for one customer: policy, language, ways, a pause or no reminders at all, with the reason.

    Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    setting = CustomerDunningSetting.objects.select_for_update().filter(customer=customer).first() or CustomerDunningSetting(
        customer=customer
    )
    if not actor.has_perm("reminders.change", setting):
        raise Forbidden(_("You may not change how customers are reminded. Ask finance."))
    for name, value in fields.items():
        setattr(setting, name, value)
    if setting.excluded or setting.paused_until:
        if not setting.reason.strip():
            raise Refusal(_("Say why this customer is not reminded."), code="required", field="reason")
    else:
        setting.reason = ""
    setting.paused_from = (setting.paused_from or day_of(at)) if setting.paused_until else None
    setting.full_clean()
    setting.save()
    data = {name: str(value) for name, value in fields.items()}
    record(customer, kind=Entry.Kind.ACTIVITY, name="reminders_set", actor=actor, at=at, data=data)
    return setting


@transaction.atomic
def stop_item(item: ReceivableItem, *, actor: Actor, until: date, reason: str, at: datetime | None = None) -> ItemStop:
    """Do not remind of one item up to and including a day. Raises Forbidden, Refusal."""
    at = at or timezone.now()
    on = day_of(at)
    stop = ItemStop.objects.select_for_update().filter(item=item).first() or ItemStop(item=item, since=on)
    if not actor.has_perm("reminders.change", stop):
        raise Forbidden(_("You may not change how customers are reminded. Ask finance."))
    if not on <= until <= on + LONGEST_STOP:
        raise Refusal(_("Choose a day within the next year."), code="out_of_range", field="until")
    if not reason.strip():
        raise Refusal(_("Say why this item is not reminded of."), code="required", field="reason")
    if stop.until is None or stop.until < on:
        stop.since = on
    stop.until, stop.reason = until, reason
    stop.save()
    data = {"until": until.isoformat(), "reason": reason}
    record(item.invoice, kind=Entry.Kind.ACTIVITY, name="item_stopped", actor=actor, at=at, data=data)
    return stop


@transaction.atomic
def release_item(item: ReceivableItem, *, actor: Actor, at: datetime | None = None) -> None:
    """Remind of an item again. Raises Forbidden."""
    if not actor.has_perm("reminders.change", ItemStop(item=item)):
        raise Forbidden(_("You may not change how customers are reminded. Ask finance."))
    ItemStop.objects.filter(item=item).delete()
    record(item.invoice, kind=Entry.Kind.ACTIVITY, name="item_released", actor=actor, at=at or timezone.now())
