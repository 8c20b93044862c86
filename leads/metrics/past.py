"""Leads as they stood at an instant: who was captured when and through which channel, and in which state they were."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from leads.models import Channel, Lead, LeadAssignment
from leads.models.choices import LeadState
from ltc.analytics.counted import Question
from ltc.analytics.past import CHUNK, states_at
from ltc.timeline.models import Entry
from ltc.users.models import Membership

COLUMNS = (
    *("id", "number", "captured_at", "channel__code", "campaign__name", "state", "converted_at", "qualified_at", "mql_at", "assigned_at"),
    *("first_response_at", "first_response_due_at", "owner", "team", "region", "product_interest", "industry", "score"),
    "close_reason__counts_in_denominator",
)


IN_A_MERGE = Q(state=LeadState.MERGED) | Q(pk__in=Lead.objects.filter(state=LeadState.MERGED).order_by().values("merged_into"))


@dataclass(slots=True)
class LeadThen:
    """A lead as it stood: its capture, its state, and what it had reached by then."""

    id: Any
    number: str
    captured_at: datetime
    channel: str
    campaign: str
    state: str
    converted_at: datetime | None
    qualified_at: datetime | None
    mql_at: datetime | None
    assigned_at: datetime | None
    first_response_at: datetime | None
    first_response_due_at: datetime | None
    owner: Any
    team: Any
    region: str
    product: str
    segment: str
    score: int
    reason_counts: bool | None
    kind: str = "lead"

    @property
    def label(self) -> str:
        return self.number

    def dimension(self, by: str) -> str:
        return str(getattr(self, by) or "")


@dataclass(frozen=True)
class Origin:
    """When and through which channel a lead was captured."""

    at: datetime
    channel: str


def leads_then(question: Question, narrowed: Q | None = None) -> Iterator[LeadThen]:
    """The leads that were known at `as_of` and count: not merged away by then, no spam, no tests. Streamed.

    `narrowed` leaves out others at once; survivors of a merge come along always, as their capture may differ from their row's.
    """
    as_of = question.as_of
    origins, gone = _merges(as_of)
    wanted = Q(captured_at__lte=as_of) & (narrowed if narrowed is not None else Q())
    rows = Lead.objects.visible_to(question.actor).filter(wanted | IN_A_MERGE if origins else wanted, is_test=False).order_by()
    states = states_at(Lead, as_of)
    holder = owners_at(as_of) if question.by in ("owner", "team") else None
    for row in rows.values_list(*COLUMNS).iterator(chunk_size=CHUNK):
        lead = LeadThen(*row)
        if lead.id in gone:
            continue
        lead.state = states.get(lead.id, lead.state) or LeadState.NEW
        if origin := origins.get(lead.id):
            lead.captured_at, lead.channel = origin.at, origin.channel
        if lead.captured_at > as_of or is_spam(lead):
            continue
        _forget_later(lead, as_of)
        if holder is not None:
            lead.owner, lead.team = holder(lead, lead.captured_at)
        yield lead


def captured(question: Question) -> Iterator[LeadThen]:
    """The leads captured in the period."""
    period = question.period
    for lead in leads_then(question, Q(captured_at__gte=period.start, captured_at__lt=period.end)):
        if period.start <= lead.captured_at < period.end:
            yield lead


def is_spam(lead: LeadThen) -> bool:
    """Disqualified for a reason that says that it never was a lead: spam, a test."""
    return lead.state == LeadState.DISQUALIFIED and lead.reason_counts is False


def _forget_later(lead: LeadThen, as_of: datetime) -> None:
    for name in ("converted_at", "qualified_at", "mql_at", "first_response_at"):
        moment = getattr(lead, name)
        if moment is not None and moment > as_of:
            setattr(lead, name, None)


def _merges(as_of: datetime) -> tuple[dict[Any, Origin], set[Any]]:
    """The origin at `as_of` of each lead that ever took part in a merge, and those that were merged away by then.

    The survivor has the earliest capture of all that went into it, with its channel. Read from the merges themselves: the rows know
    only how it stands now.
    """
    merged = Lead.objects.filter(state=LeadState.MERGED).values_list("pk", "merged_into", "closed_at")
    into = {pk: (survivor, at) for pk, survivor, at in merged.iterator(chunk_size=CHUNK)}
    if not into:
        return {}, set()
    lines = Entry.objects.filter(subject_type=Lead._meta.label_lower, kind=Entry.Kind.TRANSITION)
    for pk, at, data in lines.filter(to_state=LeadState.MERGED).values_list("subject", "at", "data"):
        if pk in into:
            into[pk] = (_known(data.get("survivor"), into[pk][0]), at)
    members = {*into, *(survivor for survivor, _at in into.values())}
    own = _origins()
    parts: dict[Any, list[Any]] = {}
    gone = set()
    for pk, (survivor, merged_at) in into.items():
        if merged_at is None or merged_at <= as_of:
            parts.setdefault(survivor, []).append(pk)
            gone.add(pk)
    return {pk: _earliest(pk, own, parts) for pk in members if pk in own}, gone


def _known(text: Any, otherwise: Any) -> Any:
    return type(otherwise)(text) if text else otherwise


def _origins() -> dict[Any, Origin]:
    """How each lead itself came: its capture line, or its row where there is none."""
    own = {pk: Origin(at, code) for pk, at, code in Lead.objects.filter(IN_A_MERGE).values_list("pk", "captured_at", "channel__code")}
    lines = Entry.objects.filter(
        subject_type=Lead._meta.label_lower, subject__in=Lead.objects.filter(IN_A_MERGE).values("pk"), name="capture"
    )
    known = set(Channel.objects.values_list("code", flat=True))
    for pk, at, data in lines.values_list("subject", "at", "data"):
        code = data.get("channel", "")
        own[pk] = Origin(at, code if code in known else own[pk].channel)
    return own


def _earliest(pk: Any, own: dict[Any, Origin], parts: dict[Any, list[Any]]) -> Origin:
    found, waiting, seen = own[pk], list(parts.get(pk, ())), {pk}
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        if part in own and own[part].at < found.at:
            found = own[part]
        waiting += parts.get(part, ())
    return found


def owners_at(as_of: datetime) -> Callable[[LeadThen, datetime], tuple[Any, Any]]:
    """Who had a lead at an instant, with the team: from the assignments, walking back from the present owner."""
    changes: dict[Any, list[tuple[datetime, Any, Any]]] = {}
    rows = LeadAssignment.objects.order_by("at", "pk").values_list("lead", "at", "from_member", "to_member")
    for lead, at, before, after in rows.iterator(chunk_size=CHUNK):
        changes.setdefault(lead, []).append((at, before, after))
    teams = dict(Membership.objects.values_list("pk", "team"))

    def holder(lead: LeadThen, moment: datetime) -> tuple[Any, Any]:
        owner = lead.owner
        for at, before, _after in reversed(changes.get(lead.id, [])):
            if at <= moment:
                break
            owner = before
        return owner, lead.team if owner == lead.owner else teams.get(owner)

    return holder
