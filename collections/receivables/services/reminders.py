"""Planning reminders: safe to run any number of times, on any number of workers. What is used is decided by a unique index."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from ltc.calendars.business_days import WorkCalendar
from ltc.calendars.selectors import today, work_calendar, zone_of
from ltc.customers.models import Contact, Customer
from ltc.tenancy.models import Tenant
from ltc.tenancy.seeding import starts_with
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables import seeds
from receivables.aging import days_overdue
from receivables.company import own_company
from receivables.dunning import Circumstances, Dunnable, Level, Plan, next_window, plan
from receivables.letters import language_of
from receivables.models import (
    DunningCase,
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
    DunningPolicy,
    DunningStep,
    ReceivableItem,
)

EMAIL: Final = "email"
Used = DunningNoticeItem.State


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
    DunningStep.objects.bulk_create(
        [
            DunningStep(
                policy=policy, level=level, offset_days=offset, tone=tone, channels=list(ways), from_base=smallest, requires_approval=asks
            )
            for level, offset, tone, ways, smallest, asks in seeds.LEVELS
        ],
        ignore_conflicts=True,
    )
    return DunningPolicy.objects.prefetch_related("steps").get(pk=policy.pk)


def plan_reminders(*, now: datetime) -> int:
    """Plan what the active tenant's customers are reminded of today; how many notices were made.

    Customers whom another planner has in hand are left to it.
    """
    tenant, policy, calendar = own_company(), policy_in_force(), work_calendar()
    day = today(tenant, at=now)
    if policy.business_days_only and not calendar.is_business_day(day):
        return 0
    _end_pauses(day, now)
    owing = DunningCase.objects.filter(
        Q(customer__receivable_items__open_amount__gt=0, customer__receivable_items__released=True)
    ).distinct()
    made = 0
    for pk in list(owing.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            case = (
                DunningCase.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("customer__owner")
                .filter(pk=pk)
                .first()
            )
            if case is not None:
                made += _plan_case(case, tenant, policy, calendar, day, now)
    return made


def _end_pauses(day: date, now: datetime) -> None:
    for case in DunningCase.objects.filter(state=DunningCase.State.PAUSED, paused_until__lt=day):
        perform(case, "resume", actor=SYSTEM, at=now)


def _plan_case(case: DunningCase, tenant: Tenant, policy: DunningPolicy, calendar: WorkCalendar, day: date, now: datetime) -> int:
    items = {
        item.pk: item
        for item in ReceivableItem.objects.filter(customer=case.customer, currency=case.currency, open_amount__gt=0).select_related(
            "invoice"
        )
    }
    contact = contact_for(case.customer)
    steps = {step.level: step for step in policy.steps.all()}
    around = Circumstances(
        today=day, min_base=policy.min_amount, min_interval_days=policy.min_interval_days, last_reminder_on=case.last_reminded_on,
        paused=case.state == DunningCase.State.PAUSED, reachable=contact is not None,
        tenant_suspended=tenant.state in (Tenant.State.SUSPENDED, Tenant.State.CLOSED),
    )  # fmt: skip
    levels = [Level(step.level, step.offset_days, step.from_base) for step in steps.values()]
    result = plan(_dunnable(items.values()), levels, calendar, around)
    _supersede(items, result.superseded, now)
    if not result.candidates or contact is None:
        return 0
    top = max(candidate.level for candidate in result.candidates)
    notice = DunningNotice(
        case=case, run_date=day, level=top, language=language_of(contact.language, case.customer.language, tenant.locale),
        state=DunningNotice.State.WAITING_APPROVAL if steps[top].requires_approval else DunningNotice.State.QUEUED,
    )  # fmt: skip
    if DunningNotice.objects.filter(case=case, run_date=day).exclude(state=DunningNotice.State.CANCELLED).exists():
        return 0
    notice.save()
    if not _reserve(notice, items, result, day, now):
        notice.delete()
        return 0
    opens = next_window(calendar, now, zone_of(tenant), windows_of(policy), business_days_only=policy.business_days_only)
    DunningMessage.objects.create(notice=notice, channel=EMAIL, recipient=contact.email, contact_name=contact.name, not_before=opens)
    case.last_reminded_on = day
    case.save(update_fields=["last_reminded_on"])
    record(notice, kind=Entry.Kind.SYSTEM, name="planned", to_state=notice.state, actor=SYSTEM, at=now, data={"level": top})
    return 1


def windows_of(policy: DunningPolicy) -> list[tuple[time, time]]:
    """The policy's sending hours; all day if it names none."""
    return [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in policy.windows] or [(time.min, time.max)]


def contact_for(customer: Customer) -> Contact | None:
    """Who is reminded: the contact for reminders, else for invoices, else the first one that can be reached by e-mail."""
    reachable = [
        contact for contact in customer.contacts.all() if contact.email and contact.email_status != Contact.EmailStatus.HARD_BOUNCE
    ]
    return min(reachable, key=lambda contact: (not contact.is_dunning, not contact.is_billing), default=None)


def _dunnable(items: Iterable[ReceivableItem]) -> list[Dunnable]:
    items = list(items)
    used: dict[Any, set[int]] = defaultdict(set)
    for item in DunningNoticeItem.objects.filter(item__in=items, state__in=DunningNoticeItem.USED).values("item", "epoch", "level"):
        used[item["item"], item["epoch"]].add(item["level"])
    return [
        Dunnable(
            id=item.pk, due_on=item.due_date, dunnable=item.open_amount, dunnable_base=item.open_base,
            used=frozenset(used[item.pk, item.dunning_epoch]), released=item.released, invoice_sent=item.invoice.sent_at is not None,
        )
        for item in items
        if item.due_date is not None
    ]  # fmt: skip


def _supersede(items: dict[Any, ReceivableItem], levels: Sequence[tuple[Any, int]], now: datetime) -> None:
    DunningNoticeItem.objects.bulk_create(
        [
            DunningNoticeItem(item=items[pk], epoch=items[pk].dunning_epoch, level=level, state=Used.SUPERSEDED, at=now)
            for pk, level in levels
        ],
        ignore_conflicts=True,
    )


def _reserve(notice: DunningNotice, items: dict[Any, ReceivableItem], result: Plan, day: date, now: datetime) -> int:
    """Reserve the candidates' levels for a notice; how many it got. A level that another planner took is simply not in it."""
    _supersede(items, [(candidate.item, level) for candidate in result.candidates for level in candidate.lower], now)
    DunningNoticeItem.objects.bulk_create(
        [
            DunningNoticeItem(
                notice=notice, item=items[candidate.item], epoch=items[candidate.item].dunning_epoch, level=candidate.level,
                open_amount=items[candidate.item].open_amount, days_overdue=days_overdue(items[candidate.item].due_date, day), at=now,
            )
            for candidate in result.candidates
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return notice.items.count()


def use_up(notice: DunningNotice, *, actor: Any, at: datetime) -> dict[str, Any]:
    """A reminder that is refused uses its levels up, and its message is not sent."""
    notice.items.filter(state=Used.RESERVED).update(state=Used.SUPERSEDED)
    notice.messages.filter(status=DunningMessage.Status.QUEUED).update(status=DunningMessage.Status.CANCELLED)
    return {}
