"""The dry run of reminders: what the daily runs of some days would do, over the tenant's real data. It writes nothing.

Each day is decided by the planner itself (`plan_for`) on what is known of that day; what it decides is remembered in memory only. A notice
that needs approval is taken as approved the same day.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from ltc.calendars.selectors import today
from ltc.refusals import Refusal
from receivables.company import own_company
from receivables.dunning import scheduled_on
from receivables.dunning_facts import CaseFacts, Reader
from receivables.models import DunningCase
from receivables.services.policies import policies
from receivables.services.reminders import groups_of, owing_cases, plan_for

PAGE: Final = 200
LONGEST: Final = timedelta(days=800)
MIN_INTERVAL: Final = "min_interval"


@dataclass(frozen=True)
class Outcome:
    """What one run would do about a level of an item, and if nothing, why not."""

    date: date
    facts: CaseFacts
    item: Any
    level: int
    outcome: str
    reason: str | None = None
    amount: Decimal = Decimal(0)
    letter: int = 0

    @property
    def customer(self) -> Any:
        return self.facts.case.customer

    @property
    def invoice(self) -> str:
        """What the invoice is called: by the file that it was imported from, else by its number."""
        return self.item.invoice.external_ref or self.item.invoice.number or ""

    @property
    def scope(self) -> Any:
        """What the letter is about: all of the customer, or this item."""
        return None if self.facts.rules.policy.consolidate else self.item.pk

    def as_line(self) -> dict[str, Any]:
        """The line of the command and of the REST answer."""
        return {
            "date": self.date.isoformat(), "invoice": self.invoice, "seq": self.item.seq, "level": self.level, "outcome": self.outcome,
            "reason": self.reason,
        }  # fmt: skip


def rehearse(first: date, last: date, *, now: datetime, actor: Any = None) -> list[Outcome]:
    """What the runs of all days from `first` to `last` would do, in date order, for the customers that `actor` sees.

    Raises Refusal if the days are not in order or too many.
    """
    if not timedelta(0) <= last - first <= LONGEST:
        raise Refusal(_("Choose days in order, no more than 800."), code="out_of_range", field="to")
    tenant = own_company()
    day = today(tenant, at=now)
    reader = Reader(tenant, policies(), since=first, today=day)
    cases = owing_cases(first if first < day else None).select_related("customer__owner").order_by("customer", "pk")
    if actor is not None:
        cases = cases.visible_to(actor)
    found: list[Outcome] = []
    for page in _pages(list(cases)):
        by_customer: dict[Any, list[CaseFacts]] = defaultdict(list)
        for facts in reader.read(page):
            by_customer[facts.case.customer_id].append(facts)
        for together in by_customer.values():
            found += _walk(together, first, last)
    found.sort(key=lambda each: (each.date, each.customer.name, each.invoice, each.item.seq, each.level))
    return found


def _pages(cases: list[DunningCase]) -> Iterator[list[DunningCase]]:
    """Pages of cases; those of one customer stay together, because a reminder about one counts for the others."""
    page: list[DunningCase] = []
    for case in cases:
        if len(page) >= PAGE and case.customer_id != page[-1].customer_id:
            yield page
            page = []
        page.append(case)
    if page:
        yield page


def _walk(together: list[CaseFacts], first: date, last: date) -> Iterator[Outcome]:
    """The days of one customer, case by case."""
    earliest = {facts.case.pk: _first_step(facts) for facts in together}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for facts in together:
            begins = earliest[facts.case.pk]
            if begins is None or day < begins or not facts.rules.runs_on(day):
                continue
            yield from _run(facts, together, day)
            earliest[facts.case.pk] = _first_step(facts)


def _first_step(facts: CaseFacts) -> date | None:
    """The first day on which a level of the case falls due that is not used yet."""
    rules, wishes = facts.rules, facts.setting is not None and facts.setting.courtesy
    return min(
        (
            scheduled_on(rules.calendar, each.item.due_date, level.offset_days)
            for each in facts.items.values()
            for level in rules.levels
            if each.item.due_date and level.level not in each.used and (wishes or each.item.amount_base >= level.from_base)
        ),
        default=None,
    )


def _run(facts: CaseFacts, together: list[CaseFacts], day: date) -> Iterator[Outcome]:
    result, seen = plan_for(facts, day)

    def told(item: Any, level: int, outcome: str, reason: str | None = None, letter: int = 0) -> Outcome:
        return Outcome(day, facts, facts.items[item].item, level, outcome, reason, seen[item].dunnable, letter)

    for item, level in result.superseded:
        facts.items[item].used.add(level)
        yield told(item, level, "superseded")
    for item, why in result.suppressed.items():
        yield told(item, result.levels[item], "suppressed", why.value)
    for candidate in result.waiting:
        yield told(candidate.item, candidate.level, "deferred", MIN_INTERVAL)
    for group in groups_of(result.candidates, facts.rules):
        letter = max(candidate.level for candidate in group)
        for candidate in group:
            facts.items[candidate.item].used |= {candidate.level, *candidate.lower}
            for level in candidate.lower:
                yield told(candidate.item, level, "superseded")
            yield told(candidate.item, candidate.level, "sent", letter=letter)
    if result.candidates:
        for each in together:
            each.reminded.append((facts.case.pk, day))
