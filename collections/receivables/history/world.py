"""What an import writes into: one tenant, one run, its clock, its rates, its numbers, and the rows on their way to the database."""

import json
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db import connection, models
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import CloseReason
from leads.services import COUNTRIES_BY_CURRENCY
from ltc.calendars.selectors import zone_of
from ltc.money.amounts import quantise
from ltc.money.errors import FxRateMissing
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.numbering.models import NumberSequence
from ltc.numbering.patterns import DEFAULT_PATTERN, default_prefix, render_number
from ltc.tenancy.identifiers import uuid7
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.users.actors import SystemActor
from ltc.users.models import Membership, User
from ltc.users.roles import Role
from receivables.history.copying import Copier
from receivables.history.faults import FaultLog
from receivables.history.values import Clock, Wrong
from receivables.models import HistoryImport, ImportedFact

SOURCE = "import"
OWNER_UNKNOWN, NOT_STATED = gettext_lazy("Owner unknown"), gettext_lazy("Not stated")
AT_ONCE = 1000
REMEMBERED = 20_000
NUMBERS_AT_ONCE = 500


CLASHES = """
SELECT f.ref FROM collections_importedfact f JOIN {table} r ON r.tenant_id = f.tenant_id AND r.external_ref = f.ref
WHERE f.tenant_id = %s AND f.run_id = %s AND f.object = %s AND r.source_system = %s AND r.id <> f.subject
"""


class Importer(SystemActor):
    """In whose name the past is written down."""

    label = "History import"


IMPORTER = Importer()


@dataclass(frozen=True)
class Fact:
    """One line of the file, its references resolved to ids."""

    line: int
    object: str
    ref: str
    subject: uuid.UUID
    at: datetime
    data: dict[str, Any]

    def id(self, name: str) -> uuid.UUID | None:
        value = self.data.get(name)
        return uuid.UUID(value) if value else None

    def number(self, name: str) -> Decimal | None:
        value = self.data.get(name)
        return Decimal(value) if value is not None else None

    def day(self, name: str) -> date | None:
        value = self.data.get(name)
        return date.fromisoformat(value) if value else None


class World:
    """The active tenant as an import sees it. Not for more than one run."""

    def __init__(self, tenant: Tenant, run: HistoryImport, *, now: datetime) -> None:
        self.tenant, self.run, self.now = tenant, run, now
        self.zone, self.currency = zone_of(tenant), tenant.base_currency
        self.clock = Clock(self.zone, now, COUNTRIES_BY_CURRENCY.get(tenant.base_currency, "CN"))
        self.faults = FaultLog()
        self._copiers: dict[type[models.Model], Copier] = {}
        self._last = 0
        self._rates: OrderedDict[tuple[str, date], Decimal | None] = OrderedDict()
        self._numbers: dict[tuple[str, int], tuple[NumberSequence, int, int]] = {}
        self._reasons: dict[tuple[str, str], CloseReason] = {}
        self._teams: OrderedDict[uuid.UUID, uuid.UUID | None] = OrderedDict()

    # Writing

    def add(self, model: type[models.Model], **values: Any) -> None:
        """A row, by the names of its columns. Written with many others; `flush` before reading."""
        if model not in self._copiers:
            self._copiers[model] = Copier(model, self.tenant.pk, self.now)
        self._copiers[model].add(**values)
        if self._copiers[model].is_full:
            self.flush()

    def flush(self) -> None:
        for copier in self._copiers.values():  # in the order of first use: what triggers look up comes before
            copier.flush()

    def settle(self) -> None:
        """Write what waits and have the database check its references now: it keeps what is unchecked in memory."""
        self.flush()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def identifier(self) -> uuid.UUID:
        """A new id, after all that were given: records come in the order of their lines."""
        self._last = max(uuid7().int, self._last + 1)
        return uuid.UUID(int=self._last)

    def enter(
        self,
        model: type[models.Model],
        subject: uuid.UUID,
        at: datetime,
        name: str,
        *,
        kind: str = Entry.Kind.TRANSITION,
        was: str = "",
        becomes: str = "",
        body: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        """One line of a record's history, in the form that `perform` writes."""
        self.add(
            Entry, at=at, subject_type=model._meta.label_lower, subject=subject, kind=kind, name=name, from_state=was, to_state=becomes,
            actor_kind=IMPORTER.kind, actor_name=IMPORTER.label, body=body, data={"source": SOURCE, **(data or {})},
        )  # fmt: skip

    def number(self, doc_type: str, day: date) -> str:
        """The number of an imported document: a series of its own, so that a long import keeps nobody waiting for one."""
        key = doc_type, day.year
        sequence, following, last = self._numbers.get(key, (None, 1, 0))
        if sequence is None:
            look = {"prefix": f"H{default_prefix(doc_type)}"[:10], "pattern": DEFAULT_PATTERN, "gap_free": False}
            sequence, _made = NumberSequence.objects.get_or_create(series=SOURCE, doc_type=doc_type, period_key=f"{day:%Y}", defaults=look)
        if following > last:
            following = sequence.next_value
            last = sequence.next_value = following + NUMBERS_AT_ONCE
            last -= 1
            sequence.save(update_fields=["next_value"])
        self._numbers[key] = sequence, following + 1, last
        return render_number(sequence.pattern, prefix=sequence.prefix, on=day, sequence=following)

    # Reading

    def subjects(self, where: str, params: Sequence[Any] = ()) -> Iterator[list[list[Fact]]]:
        """This run's facts of that kind, by record and then by time and line, some records at once."""
        batch: list[list[Fact]] = []
        for _subject, facts in groupby(self.facts(where, params), key=lambda fact: fact.subject):
            batch.append(list(facts))
            if len(batch) >= AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch

    def facts(self, where: str, params: Sequence[Any] = (), order: str = "subject, at, line") -> Iterator[Fact]:
        """This run's facts, fetched some at a time through a cursor of the transaction."""
        name = f"facts_{uuid7().hex}"
        mine = f"WHERE tenant_id = %s AND run_id = %s AND ({where}) ORDER BY {order}"
        query = f"SELECT line, object, ref, subject, at, data FROM collections_importedfact {mine}"  # noqa: S608
        with connection.cursor() as cursor:
            self.many()
            cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {query}", [self.tenant.pk, self.run.pk, *params])
            self.few()
            while True:
                cursor.execute(f"FETCH {AT_ONCE * 2} FROM {name}")
                rows = cursor.fetchall()
                if not rows:
                    break
                for line, object, ref, subject, at, data in rows:
                    yield Fact(line, object, ref, subject, at, json.loads(data) if isinstance(data, str) else data)
            cursor.execute(f"CLOSE {name}")

    def few(self) -> None:
        """What follows looks up some rows of many: by index, though nobody could count the rows of this transaction yet."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

    def many(self) -> None:
        """What follows goes through all rows."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = on")

    def clashes(self, object: str, table: str) -> set[str]:
        """The refs of this run's records that a record of another making has already."""
        self.many()
        with connection.cursor() as cursor:
            cursor.execute(CLASHES.format(table=table), [self.tenant.pk, self.run.pk, object, SOURCE])
            found = {ref for (ref,) in cursor.fetchall()}
        self.few()
        return found

    # What is missing in the file

    def rate(self, currency: str, day: date) -> Decimal | None:
        """Units of the base currency for one unit, by the rates on file; None if there is none."""
        if currency == self.currency:
            return Decimal(1)
        key = currency, day
        if key not in self._rates:
            try:
                self._rates[key] = exchange_rate(from_currency=currency, to_currency=self.currency, on=day).rate
            except FxRateMissing:
                self._rates[key] = None
            if len(self._rates) > REMEMBERED:
                self._rates.popitem(last=False)
        return self._rates[key]

    def rate_of(self, fact: Fact, currency: str, day: date) -> Decimal:
        """The rate of a fact: its own, else the one on file. Raises Wrong."""
        stated = fact.number("fx_rate")
        if stated is not None:
            if currency == self.currency and stated != 1:
                raise Wrong(_("A currency is worth one of itself."), _("Leave the rate out, or correct the currency."), "fx_rate")
            return stated
        found = self.rate(currency, day)
        if found is None:
            message = _("There is no rate from %(from)s to %(to)s for %(day)s.") % {"from": currency, "to": self.currency, "day": day}
            raise Wrong(message, _("Give fx_rate, or add an fx_rate line for that day or one of the seven days before."), "fx_rate")
        return found

    def amount_of(self, fact: Fact, currency: str, name: str = "amount") -> Decimal:
        """An amount in its currency's smallest unit. Raises Wrong: what is on paper is never rounded."""
        amount = fact.number(name)
        assert amount is not None
        return self.exact(amount, currency, name)

    def exact(self, amount: Decimal, currency: str, name: str) -> Decimal:
        """The amount, if its currency has so many decimals. Raises Wrong."""
        exact = quantise(amount, currency)
        if exact != amount:
            raise Wrong(
                _("%(currency)s has fewer decimals than that.") % {"currency": currency},
                _("Write the amount as it is on the document."),
                name,
            )
        return exact

    def base(self, amount: Decimal, rate: Decimal) -> Decimal:
        return convert(amount, rate, to_currency=self.currency)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def team_of(self, member: uuid.UUID | None) -> uuid.UUID | None:
        """The team of a member, as it is now: the file does not tell how it was."""
        if member is None:
            return None
        if member not in self._teams:
            self._teams[member] = Membership.objects.values_list("team_id", flat=True).get(pk=member)
            if len(self._teams) > REMEMBERED:
                self._teams.popitem(last=False)
        return self._teams[member]

    def made_here(self, object: str, records: Sequence[uuid.UUID]) -> set[uuid.UUID | None]:
        """Those of the records that this run has brought."""
        return set(ImportedFact.objects.filter(run=self.run, object=object, subject__in=records).values_list("subject", flat=True))

    def last_step(self, record: uuid.UUID) -> datetime | None:
        """When a record last changed its state or its owner."""
        steps = Entry.objects.filter(subject=record, kind=Entry.Kind.TRANSITION)
        return steps.order_by("-at").values_list("at", flat=True).first()

    def last_state(self, record: uuid.UUID) -> str:
        """The last state that a record's history tells of."""
        told = Entry.objects.filter(subject=record).exclude(to_state="").order_by("-at", "-pk")
        return told.values_list("to_state", flat=True).first() or ""

    def say(self, words: Any) -> str:
        """Words that go into the books, in the tenant's language."""
        with translation.override(self.tenant.locale):
            return str(words)

    @cached_property
    def nobody(self) -> uuid.UUID:
        """Who has what must have an owner and has none in the file: a member who cannot sign in, made when first needed."""
        user, _made = User.objects.get_or_create(
            email=f"history@{self.tenant.code}.invalid", defaults={"name": self.say(OWNER_UNKNOWN), "is_active": False, "password": "!"}
        )
        member, _made = Membership.objects.get_or_create(
            user=user,
            defaults={"name": user.name, "email": user.email, "role": Role.REP, "state": Membership.State.INACTIVE},
        )
        return member.pk

    def reason(self, kind: str, said: str) -> CloseReason:
        """The reason of that code or name, made if there is none; without words, the one that says so."""
        said = said or self.say(NOT_STATED)
        key = kind, said
        if key not in self._reasons:
            known = CloseReason.objects.filter(kind=kind)
            found = known.filter(code=said).first() or known.filter(name=said[:120]).first()
            if found is None:
                code = slugify(said)[:30] or f"r{uuid7().hex[:12]}"
                code = code if not known.filter(code=code).exists() else f"{code}-{uuid7().hex[-8:]}"
                found = CloseReason.objects.create(kind=kind, code=code, name=said[:120])
            self._reasons[key] = found
        return self._reasons[key]
