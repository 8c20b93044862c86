"""The nightly sweep of what people hold: what goes back to the pool, who is warned. The simulator asks the same and changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from leads.events import LeadReclaimed
from leads.models import CustomerAssignment, Lead, LeadAssignment, PoolWarning, PublicPool
from leads.models.choices import LeadState
from leads.pool import Cause, Fate, Held, Leave, PoolRules, Verdict, judge
from leads.pools import PoolBook
from ltc.calendars.periods import local_midnight
from ltc.customers.models import Customer
from ltc.customers.ties import kept_among
from ltc.events.bus import Event
from ltc.notifications.services import notify_together
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.together import perform_together

CHUNK = 1000
ONE_DAY = timedelta(days=1)
Changes = Mapping[UUID, Mapping[str, int]]


@dataclass(frozen=True)
class Kind:
    """A kind of record that pools take back, and how the sweep finds and moves it."""

    model: Any
    states: tuple[str, ...]
    since: str
    born: str
    customer: str
    transition: str
    log: Any
    event: type[Event] | None = None
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return str(self.model._meta.model_name)

    def owned(self) -> QuerySet[Any]:
        """Those that somebody holds, with when they were last touched and last moved on."""
        assigned = Coalesce(self.since, self.born)
        held = self.model.objects.filter(state__in=self.states, owner__isnull=False)
        touched = Greatest("last_activity_at", assigned, *self.also)
        return held.annotate(touched_at=touched, moved_at=Greatest("state_changed_at", assigned))


LEADS = Kind(
    *(Lead, (LeadState.ASSIGNED, LeadState.WORKING), "assigned_at", "captured_at", "customer_id", "return_to_pool"),
    LeadAssignment,
    LeadReclaimed,
    ("taken_up_at",),
)
CUSTOMERS = Kind(
    *(Customer, (Customer.State.PROSPECT, Customer.State.DORMANT), "owned_since", "created_at", "id", "to_pool"),
    CustomerAssignment,
)
KINDS = (LEADS, CUSTOMERS)


@dataclass(frozen=True)
class Decision:
    """What the sweep does with one record."""

    kind: str
    id: UUID
    owner: Membership
    pool: PublicPool
    verdict: Verdict
    touched_at: datetime


@dataclass
class Forecast:
    """What a sweep would do on a day: how many of which fate, by owner and by cause, and the first of the records."""

    on: date
    reclaimed: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    kept: Counter[Cause] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)
    owners: Counter[Membership] = field(default_factory=Counter)
    first: list[Decision] = field(default_factory=list)


class Sweeper:
    """One look at everything that is held, on one day, by the pools' rules or by others that somebody tries out."""

    def __init__(self, on: date, *, changes: Changes | None = None, only: UUID | None = None) -> None:
        self.on, self.only = on, only
        tenant = Tenant.objects.get(pk=current_tenant_id())
        self.zone = ZoneInfo(tenant.time_zone)
        self.book = PoolBook()
        known = {pool.pk: pool.rules for pool in [*self.book.pools, self.book.default]}
        self._rules = {pk: rules.changed((changes or {}).get(pk, {})) for pk, rules in known.items()}
        self._owners: dict[UUID, Membership] = {}

    def rules(self, pool: PublicPool) -> PoolRules:
        return self._rules[pool.pk]

    def candidates(self, kind: Kind) -> QuerySet[Any]:
        """The records whose time may be up, or of which a warning may be due, by the shortest rules of any pool."""
        rules = self._rules.values()
        idle = min(each.idle_days - each.warn_before_days for each in rules)
        stale = min(each.no_progress_days for each in rules)
        untouched = Q(touched_at__lt=local_midnight(self.on - ONE_DAY * (idle - 1), self.zone))
        unmoved = Q(moved_at__lt=local_midnight(self.on - ONE_DAY * (stale - 1), self.zone))
        return kind.owned().filter(untouched | unmoved).order_by("pk")

    def spans(self, kind: Kind) -> Iterator[tuple[UUID | None, UUID]]:
        """The candidates cut into spans of a thousand: after this id, up to this one."""
        after: UUID | None = None
        while True:
            following = self.candidates(kind).filter(**({"pk__gt": after} if after else {}))
            ids = list(following.values_list("pk", flat=True)[:CHUNK])
            if not ids:
                return
            yield after, ids[-1]
            after = ids[-1]

    def decisions(self, kind: Kind, after: UUID | None, upto: UUID) -> list[Decision]:
        """What is to happen with the candidates of a span; a fixed number of queries."""
        found = self.candidates(kind).filter(pk__lte=upto, **({"pk__gt": after} if after else {}))
        names = ["pk", "owner_id", "touched_at", "moved_at", "protected_until"]
        leads = ["pool_id", "captured_by_id", "captured_at", "customer_id"] if kind is LEADS else []
        rows = list(found.values(*names, *leads))
        self._meet({row["owner_id"] for row in rows})
        busy = kept_among(row.get("customer_id") or row["pk"] for row in rows if kind is CUSTOMERS or row["customer_id"])
        made = [self._decided(kind, row, busy) for row in rows]
        return [decision for decision in made if self.only is None or decision.pool.pk == self.only]

    def _meet(self, owners: set[UUID]) -> None:
        if unknown := owners - self._owners.keys():
            self._owners.update(Membership.objects.select_related("team", "user").in_bulk(list(unknown)))

    def _decided(self, kind: Kind, row: dict[str, Any], busy: frozenset[UUID]) -> Decision:
        owner = self._owners[row["owner_id"]]
        pool = self.book.home(row.get("pool_id"), owner)
        rules = self.rules(pool)
        held = Held(
            touched_on=row["touched_at"].astimezone(self.zone).date(),
            moved_on=row["moved_at"].astimezone(self.zone).date(),
            protected_until=row["protected_until"],
            leave=Leave(owner.on_leave_from, owner.on_leave_to) if owner.on_leave_from else None,
            is_fresh=self._is_fresh(row, rules),
            has_open_business=(row["customer_id"] if kind is LEADS else row["pk"]) in busy,
        )
        return Decision(kind.key, row["pk"], owner, pool, judge(held, rules, self.on), row["touched_at"])

    def _is_fresh(self, row: dict[str, Any], rules: PoolRules) -> bool:
        if row.get("captured_by_id") is None or row["captured_by_id"] != row["owner_id"]:
            return False
        return bool(row["captured_at"] > local_midnight(self.on, self.zone) - timedelta(hours=rules.new_lead_grace_hours))

    def forecast(self, *, first: int = 200) -> Forecast:
        """What a sweep on this day would do; nothing is changed."""
        forecast = Forecast(self.on)
        for kind in KINDS:
            for after, upto in self.spans(kind):
                for decision in self.decisions(kind, after, upto):
                    _count(forecast, decision, first)
        return forecast


def _count(forecast: Forecast, decision: Decision, first: int) -> None:
    verdict = decision.verdict
    if verdict.fate is Fate.WARN:
        forecast.warned[decision.kind] += 1
    elif verdict.fate is Fate.KEEP:
        if verdict.cause is not None:
            forecast.kept[verdict.cause] += 1
    else:
        forecast.reclaimed[decision.kind] += 1
        forecast.owners[decision.owner] += 1
        if verdict.cause is not None:
            forecast.causes[verdict.cause] += 1
        if len(forecast.first) < first:
            forecast.first.append(decision)


def sweep_span(kind: Kind, after: UUID | None, upto: UUID, *, on: date, at: datetime) -> tuple[int, int]:
    """Take back and warn of what a span's candidates ask for; how many of each. A fixed number of queries for a thousand records."""
    sweeper = Sweeper(on)
    decided = sweeper.decisions(kind, after, upto)
    back = _reclaim(kind, [each for each in decided if each.verdict.fate is Fate.RECLAIM], sweeper.book, at)
    return back, _warn(kind, [each for each in decided if each.verdict.fate is Fate.WARN], sweeper, on)


def _reclaim(kind: Kind, decided: Sequence[Decision], book: PoolBook, at: datetime) -> int:
    """Locked and looked at again: whoever has called since keeps it."""
    if not decided:
        return 0
    known = {decision.id: decision for decision in decided}
    locked = kind.owned().filter(pk__in=known).select_for_update(of=("self",))
    records = [
        record for record in locked if record.owner_id == known[record.pk].owner.pk and record.touched_at == known[record.pk].touched_at
    ]
    kind.log.objects.bulk_create(
        kind.log(**{kind.key: record}, from_member_id=record.owner_id, method="reclaim", reason=str(known[record.pk].verdict.cause), at=at)
        for record in records
    )
    inputs = {"pool": lambda record: book.stored(known[record.pk].pool)} if kind is LEADS else {}
    told = {record.pk: {"reason": str(known[record.pk].verdict.cause), "from": str(record.owner_id)} for record in records}
    perform_together(records, kind.transition, actor=SYSTEM, at=at, told=lambda record: told[record.pk], event=kind.event, **inputs)
    return len(records)


def _warn(kind: Kind, decided: Sequence[Decision], sweeper: Sweeper, on: date) -> int:
    if not decided:
        return 0
    list(PublicPool.objects.select_for_update().order_by("pk").values_list("pk", flat=True))  # two sweeps at once warn one after the other
    ids = [decision.id for decision in decided]
    told = set(PoolWarning.objects.filter(record__in=ids, on=on).values_list("record", flat=True))
    news = [decision for decision in decided if decision.id not in told]
    PoolWarning.objects.bulk_create([PoolWarning(record=each.id, on=on, member=each.owner) for each in news], ignore_conflicts=True)
    names = kind.model.objects.in_bulk([decision.id for decision in news])
    notify_together(
        [(each.owner, {"record": str(names[each.id]), "days": sweeper.rules(each.pool).warn_before_days}, names[each.id]) for each in news],
        title=_("%(record)s goes back to the pool in %(days)s days unless you get in touch."),
        icon="timer",
    )
    return len(news)
