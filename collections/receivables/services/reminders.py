"""Planning reminders: safe to run any number of times, on any number of workers. What is used is decided by a unique index."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.calendars.selectors import today, zone_of
from ltc.customers.models import Contact, Customer
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.users.roles import Role
from ltc.workflow.engine import perform
from receivables.aging import days_overdue
from receivables.company import own_company
from receivables.dunning import Candidate, Dunnable, Plan, Suppressed, next_window, plan
from receivables.dunning_facts import TASKS, CaseFacts, Reader, Rules
from receivables.letters import language_of
from receivables.models import (
    Channel,
    CustomerDunningSetting,
    DunningCase,
    DunningMessage,
    DunningNotice,
    DunningNoticeItem,
    DunningStep,
    PromiseToPay,
)
from receivables.services.policies import policies
from receivables.services.promises import judge_promises

PAGE: Final = 200  # cases that are locked, read and written together
ACTIVE_FROM: Final = 3
ESCALATED_FROM: Final = 6
Used = DunningNoticeItem.State
State = DunningCase.State
# Someone has to do something about these before a reminder makes sense: what, in words.
TO_DO: Final = {
    Suppressed.UNAPPLIED_CASH: _("Allocate the money on account first: it may have paid %(invoice)s."),
    Suppressed.NOT_SENT: _("Send %(invoice)s to the customer, or mark it as sent."),
    Suppressed.NO_CONTACT: _("Find someone at the customer who can be reached about %(invoice)s."),
}


def plan_reminders(*, now: datetime) -> int:
    """Plan what the active tenant's customers are reminded of today; how many notices were made.

    Promises are judged first. Customers whom another planner has in hand are left to it.
    """
    tenant = own_company()
    day = today(tenant, at=now)
    judge_promises(at=now)
    _end_pauses(day, now)
    reader = Reader(tenant, policies(), since=day, today=day)
    if not any(rules.runs_on(day) for rules in reader.rules.values()):
        return 0
    made = 0
    keys = list(owing_cases().values_list("pk", flat=True))
    for start in range(0, len(keys), PAGE):
        with transaction.atomic():
            cases = (
                DunningCase.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk__in=keys[start : start + PAGE])
                .order_by("pk")
            )
            for facts in reader.read(list(cases.select_related("customer__owner"))):
                if facts.rules.runs_on(day):
                    made += _plan_case(facts, tenant, day, now)
    return made


def owing_cases(since: date | None = None) -> Any:
    """The cases whose customers owe something (or did on some day from `since` on), or that are not idle."""
    owes = Q(customer__receivable_items__open_amount__gt=0, customer__receivable_items__released=True)
    if since is not None:
        owes |= Q(customer__receivable_items__closed_on__gte=since)
    return DunningCase.objects.filter(owes | ~Q(state=State.IDLE)).distinct().order_by("pk")


def _end_pauses(day: date, now: datetime) -> None:
    for case in DunningCase.objects.filter(state=State.PAUSED, paused_until__lt=day):
        perform(case, "resume", actor=SYSTEM, at=now)
    CustomerDunningSetting.objects.filter(paused_until__lt=day, excluded=False).update(paused_until=None, paused_from=None, reason="")


def plan_for(facts: CaseFacts, day: date) -> tuple[Plan, dict[Any, Dunnable]]:
    """The planner's decision about one case on a day, with the items as it saw them. Writes nothing."""
    found, around = facts.on(day)
    return plan(found, facts.rules.levels, facts.rules.calendar, around), {item.id: item for item in found}


def _plan_case(facts: CaseFacts, tenant: Tenant, day: date, now: datetime) -> int:
    result, seen = plan_for(facts, day)
    _supersede(facts, result.superseded, now)
    _tell_what_to_do(facts, result, now)
    made = sum(_make_notice(facts, group, seen, tenant, day, now) for group in groups_of(result.candidates, facts.rules))
    if made:
        facts.case.last_reminded_on = day
        DunningCase.objects.filter(pk=facts.case.pk).update(last_reminded_on=day)
    _notify_broken(facts, tenant, day, now)
    _follow(facts, result, seen, day, now)
    return made


def groups_of(candidates: Sequence[Candidate], rules: Rules) -> Iterator[Sequence[Candidate]]:
    """What goes into one letter: everything, or one item each if the policy does not consolidate."""
    if rules.policy.consolidate:
        return iter([candidates] if candidates else [])
    return iter([[candidate] for candidate in candidates])


def _make_notice(
    facts: CaseFacts, candidates: Sequence[Candidate], seen: dict[Any, Dunnable], tenant: Tenant, day: date, now: datetime
) -> int:
    """One notice with its messages over these candidates, whose levels it reserves; 0 if other planners have them all."""
    rules, case = facts.rules, facts.case
    top = max(candidate.level for candidate in candidates)
    step = rules.steps[top]
    scope = DunningNotice.WHOLE if rules.policy.consolidate else str(candidates[0].item)
    contact = contact_for(case.customer)
    chosen = ways_of(step, facts.ways) or ([Channel.LETTER_TASK] if facts.by_post else [])
    same_day = DunningNotice.objects.filter(case=case, run_date=day, kind=DunningNotice.Kind.REMINDER, scope_key=scope)
    if not chosen or same_day.exclude(state=DunningNotice.State.CANCELLED).exists():
        return 0
    notice = DunningNotice.objects.create(
        case=case, run_date=day, level=top, scope_key=scope, language=_language(facts, contact, tenant),
        state=DunningNotice.State.WAITING_APPROVAL if step.requires_approval else DunningNotice.State.QUEUED,
    )  # fmt: skip
    if not _reserve(notice, facts, candidates, seen, day, now):
        notice.delete()
        return 0
    write_messages(notice, chosen, contact, step, rules, zone_for(case.customer, tenant), now)
    record(notice, kind=Entry.Kind.SYSTEM, name="planned", to_state=notice.state, actor=SYSTEM, at=now, data={"level": top})
    if step.requires_approval:
        give_task(case.customer, _("Approve or refuse the notice of level %(level)s.") % {"level": top}, now)
    return 1


def _language(facts: CaseFacts, contact: Contact | None, tenant: Tenant) -> str:
    chosen = facts.setting.language if facts.setting else ""
    return language_of(chosen, contact.language if contact else "", facts.case.customer.language, tenant.locale)


def ways_of(step: DunningStep, reachable: frozenset[str]) -> list[str]:
    """The ways on which a step goes out: the first that reaches the customer, or all that do."""
    ways = [way for way in step.channels if way in reachable]
    return ways[:1] if step.channel_mode == DunningStep.Mode.FIRST_REACHABLE else ways


def write_messages(
    notice: DunningNotice,
    ways: Sequence[str],
    contact: Contact | None,
    step: DunningStep | None,
    rules: Rules,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """One message on each way, not before the next sending hour in the customer's zone."""
    opens = next_window(rules.calendar, now, zone, rules.windows, business_days_only=rules.policy.business_days_only)
    for way in ways:
        to = (
            str(_("Our own people"))
            if way in TASKS
            else contact.email
            if contact and way == Channel.EMAIL
            else contact.phone
            if contact
            else ""
        )
        DunningMessage.objects.create(
            notice=notice, channel=way, recipient=to, contact_name=contact.name if contact else "", not_before=opens,
            copies=copies_for(notice.case.customer, step) if step is not None and way == Channel.EMAIL else [],
        )  # fmt: skip


def copies_for(customer: Customer, step: DunningStep) -> list[str]:
    """The addresses of our own people who get a copy of a step: the customer's owner, their sales manager."""
    owner = customer.owner
    found = [owner.email] if owner and DunningStep.Copy.OWNER in step.cc else []
    if owner and owner.team_id and DunningStep.Copy.MANAGER in step.cc:
        managers = Membership.objects.filter(role=Role.MANAGER, team=owner.team_id, state=Membership.State.ACTIVE).order_by("created_at")
        found += [manager.email for manager in managers[:1]]
    return [address for address in dict.fromkeys(found) if address]


def zone_for(customer: Customer, tenant: Tenant) -> ZoneInfo:
    """The zone whose hours count for a customer: its own, else the tenant's."""
    return ZoneInfo(customer.time_zone) if customer.time_zone else zone_of(tenant)


def contact_for(customer: Customer) -> Contact | None:
    """Who is reminded: the contact for reminders, else for invoices, else the first one that can be reached by e-mail."""
    reachable = [
        contact for contact in customer.contacts.all() if contact.email and contact.email_status != Contact.EmailStatus.HARD_BOUNCE
    ]
    return min(reachable, key=lambda contact: (not contact.is_dunning, not contact.is_billing), default=None)


def _supersede(facts: CaseFacts, levels: Iterable[tuple[Any, int]], now: datetime) -> None:
    rows = []
    for pk, level in levels:
        item = facts.items[pk].item
        rows.append(DunningNoticeItem(item=item, epoch=item.dunning_epoch, level=level, state=Used.SUPERSEDED, at=now))
    DunningNoticeItem.objects.bulk_create(rows, ignore_conflicts=True)


def _reserve(
    notice: DunningNotice, facts: CaseFacts, candidates: Sequence[Candidate], seen: dict[Any, Dunnable], day: date, now: datetime
) -> int:
    """Reserve the candidates' levels for a notice; how many it got. A level that another planner took is simply not in it."""
    _supersede(facts, [(candidate.item, level) for candidate in candidates for level in candidate.lower], now)
    rows = []
    for candidate in candidates:
        item = facts.items[candidate.item].item
        rows.append(
            DunningNoticeItem(
                notice=notice, item=item, epoch=item.dunning_epoch, level=candidate.level, open_amount=item.open_amount,
                dunnable_amount=seen[item.pk].dunnable, days_overdue=days_overdue(item.due_date, day), at=now,
            )
        )  # fmt: skip
    DunningNoticeItem.objects.bulk_create(rows, ignore_conflicts=True)
    return notice.items.count()


def _tell_what_to_do(facts: CaseFacts, result: Plan, now: datetime) -> None:
    """One open task per customer and kind of obstacle that somebody of ours can clear."""
    for why in dict.fromkeys(result.suppressed.values()):
        if why in TO_DO:
            item = next(pk for pk, found in result.suppressed.items() if found == why)
            give_task(facts.case.customer, str(TO_DO[why]) % {"invoice": facts.items[item].item.invoice}, now)


def give_task(customer: Customer, text: str, now: datetime) -> None:
    """A task for finance about a customer, unless there is an open one of the same words."""
    text = str(text)
    same = Activity.objects.filter(subject=customer.pk, kind=Activity.Kind.TASK, result=text, done_at__isnull=True)
    if not same.exists():
        finance = Membership.objects.filter(role=Role.FINANCE, state=Membership.State.ACTIVE).order_by("created_at", "pk").first()
        past = min(now, timezone.now())
        log_activity(customer, kind=Activity.Kind.TASK, actor=SYSTEM, at=past, result=text, due_at=now, assignee=finance or customer.owner)


def _notify_broken(facts: CaseFacts, tenant: Tenant, day: date, now: datetime) -> None:
    """One notice for each broken promise whose items are still open; it is no reminder and waits for no interval."""
    case = facts.case
    if case.state in (State.PAUSED, State.LEGAL) or (facts.setting and facts.setting.excluded):
        return
    broken = PromiseToPay.objects.filter(
        customer=case.customer, currency=case.currency, state=PromiseToPay.State.BROKEN, notices__isnull=True,
        closed_on__gte=date.fromordinal(day.toordinal() - 31), items__item__open_amount__gt=0,
    )  # fmt: skip
    contact = contact_for(case.customer)
    for promise in broken.distinct().order_by("closed_on", "pk"):
        if contact is None:
            continue
        notice = DunningNotice.objects.create(
            case=case, kind=DunningNotice.Kind.BROKEN_PROMISE, promise=promise, scope_key=str(promise.pk), run_date=day, level=0,
            language=_language(facts, contact, tenant),
        )  # fmt: skip
        write_messages(notice, [Channel.EMAIL], contact, None, facts.rules, zone_for(case.customer, tenant), now)
        record(notice, kind=Entry.Kind.SYSTEM, name="planned", to_state=notice.state, actor=SYSTEM, at=now)
        give_task(case.customer, _("The promise of %(day)s was broken: call the customer.") % {"day": promise.promised_on}, now)


def _follow(facts: CaseFacts, result: Plan, seen: dict[Any, Dunnable], day: date, now: datetime) -> None:
    """The case follows its items: active from level 3, waiting while all that is overdue is promised, escalated at level 6, else idle."""
    case = facts.case
    if case.state in (State.PAUSED, State.LEGAL):
        return
    overdue = {pk for pk, item in seen.items() if item.due_on < day}
    promised = {pk for pk in overdue if seen[pk].promised}
    if not overdue:
        if case.state != State.IDLE:
            perform(case, "close", actor=SYSTEM, at=now)
        return
    top = max((level for pk in facts.items for level in facts.items[pk].used), default=0)
    top = max([top, *(candidate.level for candidate in result.candidates)])
    if case.state == State.PROMISE and promised != overdue:
        perform(case, "go_back", actor=SYSTEM, at=now)
    if case.state == State.IDLE and top >= ACTIVE_FROM:
        perform(case, "activate", actor=SYSTEM, at=now)
    if case.state == State.ACTIVE and any(candidate.level >= ESCALATED_FROM for candidate in result.candidates):
        perform(case, "escalate", actor=SYSTEM, at=now)
        give_task(case.customer, _("Formal notice to %(customer)s: propose a credit hold.") % {"customer": case.customer}, now)
    if case.state == State.ACTIVE and promised == overdue:
        perform(case, "wait_for_promise", actor=SYSTEM, at=now)


def use_up(notice: DunningNotice, *, actor: Any, at: datetime) -> dict[str, Any]:
    """A reminder that is refused uses its levels up, and its message is not sent."""
    notice.items.filter(state=Used.RESERVED).update(state=Used.SUPERSEDED)
    notice.messages.filter(status=DunningMessage.Status.QUEUED).update(status=DunningMessage.Status.CANCELLED)
    return {}
