"""Deals as they stood at an instant: stage, state, worth, owner, replayed from their history."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ltc.analytics.counted import Question
from ltc.analytics.past import CHUNK, Moment, histories, touched
from ltc.money.errors import FxRateMissing
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from opportunities import path
from opportunities.models import Opportunity, OpportunityLine

KEYS = ("S1", "S2", "S3", "S4", "S5")
KEY_OF = dict(zip(path.PATH, KEYS, strict=True))
CLOSED = ("won", "lost", "cancelled")
STANDING = ("open", "suspended")
VALUES = ("amount", "currency", "fx_rate", "amount_base", "close_date", "probability", "forecast_category")
COLUMNS = (
    *("id", "number", "customer", "lead", "origin", "lead__campaign__name", "owner", "team", "customer__region", "customer__kind"),
    *("amount", "currency", "fx_rate", "amount_base", "close_date", "probability", "forecast_category"),
    *("stage", "state", "created_at", "stage_entered_at", "closed_at", "lead__captured_at", "customer__first_order_at"),
)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A deal stood in a stage from `start` on; `end` is None while it does. Time suspended or closed lies between visits."""

    stage: str
    start: datetime
    end: datetime | None


@dataclass(slots=True)
class Deal:
    """An opportunity as it stood at an instant."""

    id: Any
    number: str
    customer: Any
    lead: Any
    channel: str
    campaign: str
    owner: Any
    team: Any
    region: str
    segment: str
    amount: Decimal
    currency: str
    fx_rate: Decimal | None
    amount_base: Decimal | None
    close_date: date
    probability: Decimal
    forecast_category: str
    stage: str
    state: str
    created_at: datetime
    stage_entered_at: datetime
    closed_at: datetime | None
    captured_at: datetime | None
    customer_since: datetime | None
    product: str = ""
    base_currency: str = ""
    reopened: int = 0
    visits: list[Visit] = field(default_factory=list)
    entered: dict[str, datetime] = field(default_factory=dict)
    closures: list[tuple[datetime, str]] = field(default_factory=list)
    idle: timedelta = timedelta(0)
    kind: str = "opportunity"

    @property
    def label(self) -> str:
        return self.number

    def dimension(self, by: str) -> str:
        return str(getattr(self, by) or "")

    @property
    def worth(self) -> Decimal:
        """The amount in base currency, at the frozen rate or the deal's own; zero while no rate is known."""
        if self.amount_base is not None:
            return self.amount_base
        return self.amount if self.currency == self.base_currency else ZERO

    @property
    def flag(self) -> str:
        """Said of a number that this deal is in, if its worth is not known."""
        return "mixed_currency" if self.amount_base is None and self.currency != self.base_currency and self.amount else ""

    @property
    def won_at(self) -> datetime | None:
        return self.closed_at if self.state == "won" else None

    def has_reached(self, stage: str) -> bool:
        """Whether it ever entered the stage or a later one, or was won: moving back and losing take nothing away."""
        if any(outcome == "won" for _at, outcome in self.closures):
            return True
        return any(path.position(entered) >= path.position(stage) for entered in self.entered)

    def time_in(self, stage: str) -> timedelta:
        """All its visits of a stage together."""
        return sum((visit.end - visit.start for visit in self.visits if visit.stage == stage and visit.end is not None), timedelta(0))

    def left(self, stage: str) -> datetime | None:
        """When it left a stage for the last time; None if it never was there or stands there now."""
        if stage not in self.entered or (self.state in STANDING and self.stage == stage):
            return None
        return max((visit.end for visit in self.visits if visit.stage == stage and visit.end is not None), default=None)


def touched_in(question: Question, **narrowed: Any) -> Q:
    """The deals to which something happened in the period; those of which no history is kept come along by their row."""
    period = question.period
    return Q(pk__in=touched(Opportunity, at__gte=period.start, at__lt=period.end, **narrowed)) | Q(
        closed_at__gte=period.start, closed_at__lt=period.end
    )


def standing(question: Question) -> Q:
    """The deals that may have been open at `as_of`: open now, or moved since."""
    return Q(state__in=STANDING) | Q(pk__in=touched(Opportunity, at__gt=question.as_of))


def deals_then(question: Question, narrowed: Q | None = None) -> Iterator[Deal]:
    """The deals that existed at `as_of`, as they stood, in two queries; `narrowed` leaves out others at once."""
    rows = Opportunity.objects.visible_to(question.actor).filter(narrowed or Q()).order_by()
    rows = rows.annotate(origin=Coalesce("lead__channel__code", "channel__code"))
    if question.by == "product":
        rows = rows.annotate(main_product=main_product())
    base = Tenant.objects.values_list("base_currency", flat=True).get(pk=current_tenant_id())
    columns = (*COLUMNS, "main_product") if question.by == "product" else COLUMNS
    deals = {row[0]: Deal(*row) for row in rows.values_list(*columns).iterator(chunk_size=CHUNK)}
    teams = dict(Membership.objects.values_list("pk", "team")) if question.by == "team" else {}
    rates = Rates(base, question.today)
    for pk, moments in histories(Opportunity, None if narrowed is None else rows.values("pk")):
        if (deal := deals.pop(pk, None)) is not None and moments[0].at <= question.as_of:
            deal.base_currency = base
            yield rates.valued(replayed(deal, moments, question.as_of, teams))
    for deal in deals.values():
        deal.base_currency = base
        if (without := replayed(deal, _from_row(deal), question.as_of, teams)).created_at <= question.as_of:
            yield rates.valued(without)


class Rates:
    """What open deals are worth that had no rate of their own: at the rate of a day, looked up once for each currency."""

    def __init__(self, base: str, day: date) -> None:
        self.base, self.day = base, day
        self._known: dict[str, Decimal | None] = {}

    def valued(self, deal: Deal) -> Deal:
        if deal.amount_base is None and deal.currency != self.base and deal.state in STANDING:
            if (rate := self._rate(deal.currency)) is not None:
                deal.fx_rate, deal.amount_base = rate, convert(deal.amount, rate, to_currency=self.base)
        return deal

    def _rate(self, currency: str) -> Decimal | None:
        if currency not in self._known:
            try:
                self._known[currency] = exchange_rate(from_currency=currency, to_currency=self.base, on=self.day).rate
            except FxRateMissing:
                self._known[currency] = None
        return self._known[currency]


def main_product() -> Subquery:
    """The product of a deal's largest line."""
    lines = OpportunityLine.objects.filter(opportunity=OuterRef("pk"), product__isnull=False)
    return Subquery(lines.order_by("-gross", "line_no").values("product__sku")[:1])


def _from_row(deal: Deal) -> list[Moment]:
    """The history of a deal of which none is kept."""
    start = min(deal.stage_entered_at, deal.created_at)
    moments = [Moment(start, "created", "", deal.stage, {})]
    if deal.closed_at is not None:
        moments.append(Moment(deal.closed_at, deal.state, "open", deal.state, {}))
    return moments


def replayed(deal: Deal, moments: list[Moment], as_of: datetime, teams: dict[Any, Any]) -> Deal:
    """The deal as it stood at `as_of`. Values of the row hold unless something changed them afterwards."""
    if moments[-1].at > as_of:
        _value_then(deal, moments, as_of)
    _owner(deal, moments, as_of, teams)
    deal.closed_at, deal.state, deal.created_at = None, "", moments[0].at
    walk = _Walk(deal)
    for moment in moments:
        if moment.at > as_of:
            break
        walk.take(moment)
    walk.rest()
    return deal


@dataclass(slots=True)
class _Walk:
    """Follows a deal's history line by line. `since` is set while it stands in a stage, `paused` while it is suspended."""

    deal: Deal
    stage: str = ""
    since: datetime | None = None
    paused: datetime | None = None

    def take(self, moment: Moment) -> None:
        deal, after = self.deal, moment.after
        if after in path.PATH and (after != self.stage or deal.state in CLOSED):
            self._enter(after, moment.at)
        elif after == "open" and deal.state in CLOSED:
            self._enter(moment.data.get("stage") or (path.SIGNING if moment.name == "unwin" else self.stage), moment.at)
        elif after == "open" and self.paused is not None:
            deal.idle += moment.at - self.paused
            self.paused, self.since, deal.state = None, moment.at, "open"
        elif after == "suspended" and deal.state == "open":
            self._stop(moment.at)
            self.paused, deal.state = moment.at, after
        elif after in CLOSED and after != deal.state:
            self._stop(moment.at)
            if self.paused is not None:
                deal.idle += moment.at - self.paused
            self.paused, deal.state, deal.closed_at = None, after, moment.at
            deal.closures.append((moment.at, after))

    def rest(self) -> None:
        """The history ends here."""
        self.deal.stage = self.stage or path.DISCOVERY
        if self.since is not None:
            self.deal.visits.append(Visit(self.stage, self.since, None))

    def _stop(self, at: datetime) -> None:
        if self.since is not None:
            self.deal.visits.append(Visit(self.stage, self.since, at))
        self.since = None

    def _enter(self, stage: str, at: datetime) -> None:
        deal = self.deal
        self._stop(at)
        if deal.state in CLOSED and deal.closed_at is not None:
            deal.idle += at - deal.closed_at
            deal.reopened += 1
            deal.closed_at = None
        self.stage, self.since, self.paused, deal.state = stage, at, None, "open"
        deal.entered.setdefault(stage, at)


def _value_then(deal: Deal, moments: list[Moment], as_of: datetime) -> None:
    """What the deal was worth and how likely it was, as the lines up to `as_of` tell it; what no line tells is as in the row."""
    known: dict[str, Any] = {}
    usual: dict[str, Any] = {}
    for moment in moments:
        stage = moment.after if moment.after in path.PATH else moment.data.get("stage")
        if moment.at > as_of:
            if moment.after != moment.before:
                known = {**usual, **known}
            continue
        if stage in path.PATH:
            usual = {"probability": path.PROBABILITY[stage], "forecast_category": path.CATEGORY[stage]}
            known |= {name: value for name, value in usual.items() if name in known}
        known |= {name: value for name, value in moment.data.items() if name in VALUES}
    for name, value in known.items():
        setattr(deal, name, _typed(name, value))


def _typed(name: str, value: Any) -> Any:
    if value is None or name in ("currency", "forecast_category"):
        return value
    return date.fromisoformat(str(value)[:10]) if name == "close_date" else Decimal(str(value))


def _owner(deal: Deal, moments: list[Moment], as_of: datetime, teams: dict[Any, Any]) -> None:
    """Credit stays with who had the deal when it was closed, or had it at `as_of` if it was open."""
    moved = [moment for moment in moments if moment.before != moment.after and moment.at <= as_of]
    closed = [moment.at for moment in moved if moment.after in CLOSED]
    reopened = [moment.at for moment in moved if moment.before in CLOSED]
    limit = closed[-1] if closed and (not reopened or reopened[-1] < closed[-1]) else as_of
    owners = [(moment.at, moment.data["owner"], moment.data.get("team")) for moment in moments if moment.data.get("owner")]
    if not owners or owners[-1][0] <= limit:
        return
    held = [(owner, team) for at, owner, team in owners if at <= limit]
    if held:
        deal.owner = type(deal.owner)(held[-1][0])
        deal.team = held[-1][1] or teams.get(deal.owner, deal.team)
