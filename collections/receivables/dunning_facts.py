"""What the planner knows of customers: read at once for many, and seen as of any day, so that a dry run equals the real runs.

Facts have days: what was allocated, promised, disputed or paused later than a day is not known on it. A past day is a replay by
business dates; an invoice that was sent counts as sent from its date on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.db.models import Q

from ltc.calendars.business_days import WorkCalendar
from ltc.calendars.periods import local_day
from ltc.calendars.selectors import calendar_of, work_calendar, zone_of
from ltc.customers.models import Contact
from ltc.customers.names import normalise_name
from ltc.money.rounding import round_half_up
from ltc.tenancy.models import Tenant
from receivables.balances import Change, came_in, changes_since, open_on, written_off_since
from receivables.dunning import Circumstances, Dunnable, Level, cover_by_cash
from receivables.models import (
    Allocation,
    Bill,
    Channel,
    CreditNote,
    CustomerDunningSetting,
    Dispute,
    DunningCase,
    DunningNotice,
    DunningNoticeItem,
    DunningPolicy,
    DunningStep,
    ImportedRecord,
    ItemStop,
    Payment,
    PromiseItem,
    PromiseToPay,
    ReceivableItem,
)
from receivables.promises import Verdict, is_believed, judge

ZERO = Decimal(0)
COMING = (CreditNote.State.IN_APPROVAL, CreditNote.State.APPROVED, CreditNote.State.AWAITING_RED)
PENDING_BILLS = (Bill.State.RECEIVED, Bill.State.ENDORSED, Bill.State.DISCOUNTED)
HIGHEST_OF_A_REQUEST = 4  # a pro-forma invoice asks, and is nothing that one can be put in default with
TASKS = frozenset({Channel.CALL_TASK, Channel.LETTER_TASK})


@dataclass(frozen=True)
class Rules:
    """A policy, ready for the planner."""

    policy: DunningPolicy
    steps: Mapping[int, DunningStep]
    levels: tuple[Level, ...]
    calendar: WorkCalendar
    windows: tuple[tuple[time, time], ...]
    blackouts: tuple[tuple[date, date], ...]

    def runs_on(self, day: date) -> bool:
        """Whether reminders are planned on a day at all."""
        if any(first <= day <= last for first, last in self.blackouts):
            return False
        return not self.policy.business_days_only or self.calendar.is_business_day(day)


@dataclass(frozen=True)
class PromiseFacts:
    """A promise with the days that matter; `received` are the days on which something came in for it, with all that had come in."""

    id: Any
    made_on: date
    good_until: date
    amount: Decimal
    ended_on: date | None
    received: tuple[tuple[date, Decimal], ...]

    def stands_on(self, day: date) -> bool:
        """Whether the promise is open on a day."""
        if not self.made_on <= day <= self.good_until or (self.ended_on is not None and self.ended_on <= day):
            return False
        return judge(self.amount, self.good_until, self.received, day).verdict == Verdict.OPEN

    @property
    def broken_on(self) -> date | None:
        """The day at whose end it was broken, if nothing more comes in."""
        if self.ended_on is not None:
            return None
        judgement = judge(self.amount, self.good_until, self.received, date.max)
        return judgement.on if judgement.verdict == Verdict.BROKEN else None


@dataclass
class ItemFacts:
    """An item with everything that a day may change about it."""

    item: ReceivableItem
    changes: Sequence[Change] = ()
    disputes: Sequence[Dispute] = ()
    promises: list[PromiseFacts] = field(default_factory=list)
    stop: ItemStop | None = None
    used: set[int] = field(default_factory=set)
    imported_on: date | None = None
    credits: Sequence[Change] = ()
    bill_from: date | None = None

    def open_on(self, day: date) -> Decimal:
        """What is open at the end of a day."""
        return open_on(self.item.open_amount, self.changes, day)

    def disputed_on(self, day: date) -> Decimal:
        """What is disputed on a day."""
        standing = (found for found in self.disputes if found.opened_on <= day and (found.resolved_on is None or found.resolved_on > day))
        return sum((found.amount for found in standing), ZERO)

    def exists_on(self, day: date) -> bool:
        """Whether it is owed on a day already."""
        issued, released = self.item.invoice.invoice_date, self.item.released_on
        return issued is not None and issued <= day and (released is None or released <= day)

    def credit_on(self, day: date) -> Decimal:
        """What the invoice's credit notes that are still on their way will take off."""
        return sum((amount for on, amount in self.credits if on <= day), ZERO)


@dataclass
class CashFacts:
    """Money of a customer, or perhaps of it, that stands unallocated."""

    received_on: date
    now: Decimal
    changes: Sequence[Change] = ()

    def left_on(self, day: date) -> Decimal:
        """What is unallocated of it on a day."""
        return open_on(self.now, self.changes, day) if self.received_on <= day else ZERO


@dataclass
class CaseFacts:
    """All that the planner needs to know of one case on any day from `since` on."""

    case: DunningCase
    rules: Rules
    items: dict[Any, ItemFacts] = field(default_factory=dict)
    cash: list[CashFacts] = field(default_factory=list)
    setting: CustomerDunningSetting | None = None
    ways: frozenset[str] = TASKS
    reminded: list[tuple[Any, date]] = field(default_factory=list)
    broken: list[date] = field(default_factory=list)
    suspended: bool = False
    bank_read_until: date | None = None
    by_post: bool = False

    def on(self, day: date) -> tuple[list[Dunnable], Circumstances]:
        """The items and the circumstances as the planner sees them on a day."""
        policy = self.rules.policy
        open_ones = {pk: facts.open_on(day) for pk, facts in self.items.items() if facts.exists_on(day)}
        found = [self._dunnable(self.items[pk], left, day) for pk, left in open_ones.items() if left > 0]
        if policy.unapplied_cash_guard and (cash := sum((money.left_on(day) for money in self.cash), ZERO)):
            oldest = sorted(found, key=lambda item: (item.due_on, str(item.id)))
            covered = cover_by_cash([(item.id, item.dunnable) for item in oldest], cash)
            found = [with_cash(item) if item.id in covered else item for item in found]
        return found, self._circumstances(day)

    def _dunnable(self, facts: ItemFacts, left: Decimal, day: date) -> Dunnable:
        item, disputed = facts.item, facts.disputed_on(day)
        whole = self.rules.policy.dispute_mode == DunningPolicy.DisputeMode.WHOLE_ITEM
        dunnable = max(ZERO, left - disputed) if not (whole and disputed) else ZERO
        assert item.due_date is not None
        return Dunnable(
            id=item.pk, due_on=item.due_date, dunnable=dunnable, dunnable_base=in_base(item, dunnable), used=frozenset(facts.used),
            released=item.released, invoice_sent=item.invoice.sent_at is not None, amount_base=item.amount_base, disputed=disputed > 0,
            promised=any(promise.stands_on(day) and is_believed(promise.made_on, self.broken) for promise in facts.promises),
            blocked=facts.stop is not None and facts.stop.since <= day <= facts.stop.until,
            credit_coming=0 < dunnable <= facts.credit_on(day),
            bill_received=facts.bill_from is not None and facts.bill_from <= day,
            highest_level=None if item.in_ledger else HIGHEST_OF_A_REQUEST,
            baseline=facts.imported_on if self.rules.policy.import_mode == DunningPolicy.ImportMode.BASELINE else None,
        )  # fmt: skip

    def _circumstances(self, day: date) -> Circumstances:
        case, setting, policy = self.case, self.setting, self.rules.policy
        paused = case.paused_until is not None and (case.paused_on or day) <= day <= case.paused_until
        if setting is not None and setting.paused_until is not None:
            paused = paused or (setting.paused_from or day) <= day <= setting.paused_until
        return Circumstances(
            today=day, min_base=policy.min_amount, min_interval_days=policy.min_interval_days, last_reminder_on=self.last_reminder(day),
            paused=paused, reachable=bool(self.ways), tenant_suspended=self.suspended, excluded=setting is not None and setting.excluded,
            legal=case.state == DunningCase.State.LEGAL, wants_courtesy=setting is not None and setting.courtesy,
            ways=None if self.by_post else self.ways,
            bank_import_missing=self.bank_read_until is not None and day > self.bank_read_until,
        )  # fmt: skip

    def last_reminder(self, day: date) -> date | None:
        """When the customer was last reminded before this run: on an earlier day, or earlier today about this same case."""
        return max((on for case, on in self.reminded if on < day or (on == day and case == self.case.pk)), default=None)


def with_cash(item: Dunnable) -> Dunnable:
    """An item that unallocated money may have paid."""
    return Dunnable(**{**vars(item), "covered_by_cash": True})


def in_base(item: ReceivableItem, amount: Decimal) -> Decimal:
    """A part of an item's amount in base currency, at the item's own rate."""
    return round_half_up(item.amount_base * amount / item.amount, 4) if item.amount else ZERO


def rules_of(policy: DunningPolicy) -> Rules:
    """A policy with its steps, calendar and hours, ready for the planner."""
    steps = {step.level: step for step in policy.steps.all()}
    windows = [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in policy.windows] or [(time.min, time.max)]
    return Rules(
        policy=policy,
        steps=steps,
        levels=tuple(Level(step.level, step.offset_days, step.from_base, frozenset(step.channels)) for step in steps.values()),
        calendar=calendar_of(policy.calendar) if policy.calendar else work_calendar(),
        windows=tuple(windows),
        blackouts=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in policy.blackouts),
    )


class Reader:
    """Reads the facts of cases, a page of cases with one query for each kind of fact.

    `since` is the first day that will be asked for; what happened before it counts as it is now.
    """

    def __init__(self, tenant: Tenant, policies: Iterable[DunningPolicy], *, since: date, today: date, imports: bool = True) -> None:
        self.tenant, self.since, self.today = tenant, since, today
        self.imports = imports
        self.rules = {policy.pk: rules_of(policy) for policy in policies}
        self.default = next(rules for rules in self.rules.values() if rules.policy.is_default)
        self.by_class = {kind: rules for rules in self.rules.values() for kind in rules.policy.for_classes if not rules.policy.is_default}

    def _imported_on(self, invoices: set[Any]) -> dict[Any, date]:
        """The days on which invoices were taken over from another system, by invoice."""
        if not self.imports:
            return {}
        zone, made = zone_of(self.tenant), ImportedRecord.objects.filter(record__in=invoices)
        return {invoice: local_day(at, zone) for invoice, at in made.values_list("record", "run__created_at")}

    def read(self, cases: Sequence[DunningCase]) -> list[CaseFacts]:
        """The facts of these cases, whose customers are loaded."""
        customers = {case.customer_id for case in cases}
        settings = {found.customer_id: found for found in CustomerDunningSetting.objects.filter(customer__in=customers)}
        suspended = self.tenant.state in (Tenant.State.SUSPENDED, Tenant.State.CLOSED)
        found = {}
        for case in cases:
            setting = settings.get(case.customer_id)
            facts = CaseFacts(
                case=case,
                rules=self._rules_for(case, setting),
                setting=setting,
                suspended=suspended,
                bank_read_until=self._bank_read_until(),
            )
            found[case.customer_id, case.currency] = facts
        self._read_items(found)
        self._read_promises(found)
        self._read_cash(found)
        self._read_contacts(found)
        self._read_notices(found)
        return list(found.values())

    def _bank_read_until(self) -> date | None:
        """Up to which day the bank's statements are in, if reminders wait for them. Of days to come nobody knows: they will be."""
        if not self.tenant.settings.get("require_bank_import"):
            return None
        told = self.tenant.settings.get("bank_import_finished_on")
        finished = date.fromisoformat(told) if told else date.min
        return date.max if self.since > self.today else finished

    def _rules_for(self, case: DunningCase, setting: CustomerDunningSetting | None) -> Rules:
        if setting is not None and setting.policy_id is not None:
            return self.rules[setting.policy_id]
        return self.by_class.get(case.customer.enterprise_class, self.default)

    def _read_items(self, found: dict[tuple[Any, str], CaseFacts]) -> None:
        customers = {customer for customer, _currency in found}
        wanted = Q(open_amount__gt=0)
        if self.since < self.today:
            wanted |= Q(closed_on__gte=self.since)
        items = ReceivableItem.objects.filter(wanted, customer__in=customers, due_date__isnull=False, released=True)
        loaded = {item.pk: item for item in items.select_related("invoice").order_by("due_date", "pk")}
        changes = changes_since(loaded, self.since) if self.since < self.today else {}
        facts = {}
        imported = self._imported_on({item.invoice_id for item in loaded.values()})
        for item in loaded.values():
            if case := found.get((item.customer_id, item.currency)):
                facts[item.pk] = case.items[item.pk] = ItemFacts(item, changes.get(item.pk, ()), imported_on=imported.get(item.invoice_id))
        disputes: dict[Any, list[Dispute]] = defaultdict(list)
        for dispute in Dispute.objects.filter(Q(resolved_on__isnull=True) | Q(resolved_on__gte=self.since), item__in=facts):
            disputes[dispute.item_id].append(dispute)
        for invoice, at, gross in CreditNote.objects.filter(
            state__in=COMING, invoice__in={item.invoice_id for item in loaded.values()}
        ).values_list("invoice", "created_at", "gross"):
            for each in facts.values():
                if each.item.invoice_id == invoice:
                    each.credits = [*each.credits, (local_day(at, zone_of(self.tenant)), gross)]
        bills = Allocation.objects.filter(active=True, item__in=facts, payment__bills__state__in=PENDING_BILLS)
        for pk, on in bills.values_list("item", "date"):
            facts[pk].bill_from = on
        for stop in ItemStop.objects.filter(item__in=facts, until__gte=self.since):
            facts[stop.item_id].stop = stop
        used = DunningNoticeItem.objects.filter(item__in=facts, state__in=DunningNoticeItem.USED)
        for pk, epoch, level, at in used.values_list("item", "epoch", "level", "at"):
            if epoch == loaded[pk].dunning_epoch and self._is_known(local_day(at, zone_of(self.tenant))):
                facts[pk].used.add(level)
        for pk, standing in disputes.items():
            facts[pk].disputes = standing

    def _is_known(self, on: date) -> bool:
        """Whether something that we did on a day stands when the runs begin; a replay of the past does it anew."""
        return on < self.since or self.since >= self.today

    def _read_promises(self, found: dict[tuple[Any, str], CaseFacts]) -> None:
        customers = {customer for customer, _currency in found}
        relevant = Q(state=PromiseToPay.State.OPEN) | Q(closed_on__gte=self.since)
        promises = list(PromiseToPay.objects.filter(relevant, customer__in=customers).order_by("made_at", "pk"))
        rows: dict[Any, list[PromiseItem]] = defaultdict(list)
        for row in PromiseItem.objects.filter(promise__in=promises).select_related("item"):
            rows[row.promise_id].append(row)
        changes: dict[Any, list[Change]] = {}
        lost: dict[Any, list[Change]] = {}
        if promises:
            items, since = {row.item_id for each in rows.values() for row in each}, min(promise.made_on for promise in promises)
            changes, lost = changes_since(items, since), written_off_since(items, since)
        for promise in promises:
            case = found.get((promise.customer_id, promise.currency))
            if case is None:
                continue
            facts = PromiseFacts(
                promise.pk, promise.made_on, promise.good_until, promise.promised_amount,
                promise.closed_on if promise.state in (PromiseToPay.State.CANCELLED, PromiseToPay.State.SUPERSEDED) else None,
                tuple(came_in(promise, rows[promise.pk], changes, lost)),
            )  # fmt: skip
            if facts.broken_on is not None:
                case.broken.append(facts.broken_on)
            for row in rows[promise.pk]:
                if row.item_id in case.items:
                    case.items[row.item_id].promises.append(facts)
        broken = PromiseToPay.objects.filter(state=PromiseToPay.State.BROKEN, customer__in=customers, closed_on__lt=self.since)
        for customer, on in broken.values_list("customer", "closed_on"):
            for (owner, _currency), case in found.items():
                if owner == customer and on is not None:
                    case.broken.append(on)

    def _read_cash(self, found: dict[tuple[Any, str], CaseFacts]) -> None:
        names = {name: key for key, case in found.items() for name in names_of(case.case.customer)}
        for payment, cash in unallocated(self.since, self.today, {customer for customer, _currency in found}):
            if payment.customer_id is not None:
                case = found.get((payment.customer_id, payment.currency))
            else:
                owner = names.get(normalise_name(payment.payer_name)) if payment.payer_name else None
                case = found.get((owner[0], payment.currency)) if owner else None
            if case is not None:
                case.cash.append(cash)

    def _read_contacts(self, found: dict[tuple[Any, str], CaseFacts]) -> None:
        """Who can be reached how. A history file knows no contacts: until one is entered, imported invoices are reminded of by post."""
        reach: dict[Any, set[str]] = defaultdict(set)
        known = set()
        contacts = Contact.objects.filter(customer__in={customer for customer, _currency in found})
        for customer, email, status in contacts.values_list("customer", "email", "email_status"):
            known.add(customer)
            if email and status != Contact.EmailStatus.HARD_BOUNCE:
                reach[customer].add(Channel.EMAIL)
        for (customer, _currency), case in found.items():
            away = frozenset(case.setting.opt_outs) if case.setting else frozenset()
            case.by_post = customer not in known and any(each.imported_on for each in case.items.values())
            case.ways = (TASKS | frozenset(reach[customer])) - (away - TASKS)

    def _read_notices(self, found: dict[tuple[Any, str], CaseFacts]) -> None:
        by_customer: dict[Any, list[CaseFacts]] = defaultdict(list)
        for (customer, _currency), case in found.items():
            by_customer[customer].append(case)
        sent = DunningNotice.objects.filter(
            kind=DunningNotice.Kind.REMINDER, state__in=[DunningNotice.State.QUEUED, DunningNotice.State.DONE],
            case__customer__in=by_customer,
        )  # fmt: skip
        longest = max((case.rules.policy.min_interval_days for case in found.values()), default=0)
        recent = sent.filter(run_date__gte=date.fromordinal(self.since.toordinal() - longest - 31))
        for case_id, customer, on in recent.values_list("case", "case__customer", "run_date"):
            if self._is_known(on):
                for case in by_customer[customer]:
                    case.reminded.append((case_id, on))


def names_of(customer: Any) -> set[str]:
    """The names under which a customer may pay, in the form in which names are compared."""
    return {normalise_name(name) for name in (customer.name, customer.name_en, customer.invoice_title) if name}


def unallocated(since: date, today: date, customers: set[Any]) -> list[tuple[Any, CashFacts]]:
    """Money of these customers, or of nobody yet, that is unallocated on some day from `since` on."""
    waiting = Q(state__in=[Payment.State.IMPORTED, Payment.State.IDENTIFIED]) | Q(unallocated__gt=0)
    if since < today:
        waiting |= Q(allocations__date__gte=since) | Q(allocations__reversed_on__gte=since)
    mine = Q(customer__in=customers) | Q(customer__isnull=True)
    found: list[tuple[Any, CashFacts]] = []
    for payment in Payment.objects.filter(mine, waiting).distinct().prefetch_related("allocations", "refunds"):
        if payment.state == Payment.State.REVERSED:
            continue
        booked = payment.state in (Payment.State.POSTED, Payment.State.UNIDENTIFIED)
        changes = [(each.date, -each.amount) for each in payment.allocations.all()]
        changes += [(each.reversed_on, each.amount) for each in payment.allocations.all() if each.reversed_on]
        paid_back = [each for each in payment.refunds.all() if each.posted_at is not None]
        changes += [(each.date, -each.amount) for each in paid_back]
        changes += [(each.reversed_on, each.amount) for each in paid_back if each.reversed_on]
        found.append((payment, CashFacts(payment.received_on, payment.unallocated if booked else payment.amount, changes)))
    for credit in CreditNote.objects.filter(customer__in=customers, state=CreditNote.State.ISSUED, unallocated__gt=0):
        found.append((credit, CashFacts(credit.credit_date or since, credit.unallocated)))
    return found
