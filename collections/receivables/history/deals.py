"""Opportunities: one by one their facts are put in order and told as the history that they would have had here."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from leads.models import CloseReason, Lead
from ltc.customers.models import Customer
from ltc.timeline.models import Entry
from opportunities import path
from opportunities.models import Opportunity
from receivables.history.customers import ACTIVATE
from receivables.history.holding import Held
from receivables.history.values import Wrong
from receivables.history.world import IMPORTER, SOURCE, Fact, World
from receivables.models import ImportedFact

MINE = (
    "object IN ('opportunity', 'opportunity_stage', 'opportunity_change', 'opportunity_status') "
    "OR (object = 'owner_change' AND data->>'record' = 'opportunity')"
)
State, Stage, Forecast = Opportunity.State, Opportunity.Stage, Opportunity.Forecast
CLOSED: Final = (State.WON, State.LOST, State.CANCELLED)
KEPT: Final = (
    "stage", "state", "max_stage", "stage_entered_at", "amount", "currency", "fx_rate", "amount_base", "close_date", "probability",
    "forecast_category", "owner_id", "team_id", "lost_reason_id", "won_at", "closed_at", "reopen_count", "suspended_until",
)  # fmt: skip


def bring_deals(world: World) -> None:
    """The opportunities of the file where their facts have led them."""
    taken = world.clashes("opportunity", Opportunity._meta.db_table)
    for batch in world.subjects(MINE):
        background = Background(world, batch)
        for facts in batch:
            standing = background.standing.get(facts[0].subject)
            try:
                if standing is not None:
                    DealPast.standing(world, standing).go_on(facts)
                    continue
                made = next(fact for fact in facts if fact.object == "opportunity")
                if made.ref in taken:
                    message = _("There is an opportunity with this reference that no history import made.")
                    raise Wrong(message, _("Give the record another ref."), "ref")
                DealPast(world, made, background).tell([fact for fact in facts if fact is not made])
            except Wrong as wrong:
                world.faults.add_wrong(facts[0].line, facts[0].object, wrong)
        world.settle()
    world.many()
    with connection.cursor() as cursor:
        cursor.execute(ACTIVATE, {"tenant": world.tenant.pk, "now": world.now, "who": IMPORTER.label})


class Background:
    """What a batch of opportunities needs to know of other records."""

    def __init__(self, world: World, batch: list[list[Fact]]) -> None:
        made = [fact for facts in batch for fact in facts if fact.object == "opportunity"]
        subjects = [facts[0].subject for facts in batch if not any(fact.object == "opportunity" for fact in facts)]
        refs = [fact.ref for fact in made]
        self.standing = {deal.pk: deal for deal in Opportunity.objects.filter(pk__in=subjects)}
        turns = ImportedFact.objects.filter(run=world.run, object="lead_state", data__to="converted", data__opportunity__in=refs)
        self.leads: dict[str, uuid.UUID | None] = dict(turns.order_by("-line").values_list("data__opportunity", "subject"))
        for fact in made:
            if fact.id("lead"):
                self.leads[fact.ref] = fact.id("lead")
        leads, customers = [lead for lead in self.leads.values() if lead], [uuid.UUID(fact.data["customer"]) for fact in made]
        self.channels = dict(Lead.objects.filter(pk__in=leads).values_list("pk", "channel_id"))
        self.names = dict(Customer.objects.filter(pk__in=customers).values_list("pk", "name"))
        self.held = Held(Lead, leads), Held(Customer, customers)

    def owner(self, made: Fact, lead: uuid.UUID | None) -> uuid.UUID | None:
        """Whoever had the lead, or else the customer, when the opportunity began."""
        leads, customers = self.held
        return leads.at(lead, made.at) or customers.at(made.id("customer"), made.at)


class DealPast:
    """One opportunity, brought forward fact by fact."""

    def __init__(self, world: World, made: Fact, background: Background | None = None) -> None:
        self.world, self.made, self.background = world, made, background
        self.since = made.at
        self.values: dict[str, Any] = dict.fromkeys(KEPT)
        self.lead: uuid.UUID | None = None
        self.tells_expectation = False
        if background is not None:
            self._begin(background)

    def _begin(self, background: Background) -> None:
        world, made = self.world, self.made
        self.lead = background.leads.get(made.ref)
        currency = made.data.get("currency", world.currency)
        amount, rate = world.amount_of(made, currency), world.rate_of(made, currency, world.day(made.at))
        owner = made.id("owner") or background.owner(made, self.lead) or world.nobody
        self.values.update(
            stage=Stage.DISCOVERY, state=State.OPEN, max_stage=Stage.DISCOVERY, stage_entered_at=made.at, amount=amount, currency=currency,
            fx_rate=rate, amount_base=world.base(amount, rate), close_date=made.day("expected_close"), owner_id=owner,
            team_id=world.team_of(owner), reopen_count=0,
        )  # fmt: skip
        self._expect(Stage.DISCOVERY)

    @classmethod
    def standing(cls, world: World, deal: Opportunity) -> "DealPast":
        """An opportunity of an earlier import, or one that lives here by now."""
        past = cls(world, Fact(0, "opportunity", deal.external_ref, deal.pk, deal.created_at, {}))
        past.values = {name: getattr(deal, name) for name in KEPT}
        last = world.last_step(deal.pk)
        past.since = max(deal.created_at, last) if last else deal.created_at
        return past

    def tell(self, facts: list[Fact]) -> None:
        """Write the opportunity with all that happened to it."""
        world, made, background = self.world, self.made, self.background
        assert background is not None
        self.tells_expectation = _states_expectation(facts)
        self._enter("created", made.at, "", Stage.DISCOVERY, kind=Entry.Kind.SYSTEM)
        if self.lead:
            self._enter("from_lead", made.at, "", "", kind=Entry.Kind.SYSTEM, data={"lead": self.lead})
        self._advance(facts)
        channel = background.channels.get(self.lead) if self.lead else None
        customer = uuid.UUID(made.data["customer"])
        world.add(
            Opportunity, id=made.subject, number=world.number("opportunity", world.day(made.at)),
            name=made.data.get("name") or background.names[customer][:200], customer_id=customer, lead_id=self.lead,
            channel_id=channel, source_system=SOURCE, external_ref=made.ref, created_at=made.at, last_activity_at=self.since, **self.values,
        )  # fmt: skip

    def go_on(self, facts: list[Fact]) -> None:
        """Add later facts to an opportunity that is in the books."""
        self.tells_expectation = _states_expectation(facts)
        self._advance(facts)
        Opportunity.objects.filter(pk=self.made.subject).update(**self.values)

    def _advance(self, facts: list[Fact]) -> None:
        tellers = {
            "opportunity_stage": self._to_stage, "opportunity_change": self._change, "opportunity_status": self._to_state,
            "owner_change": self._hand_over,
        }  # fmt: skip
        for fact in facts:
            if fact.at < self.since:
                early = fact.at < self.made.at
                message = (
                    _("This lies before the opportunity began.") if early else _("This lies before the last thing that is known of it.")
                )
                self.world.faults.add(fact.line, fact.object, "at", message, _("Correct one of the two instants."))
                continue
            try:
                tellers[fact.object](fact)
            except Wrong as wrong:
                self.world.faults.add_wrong(fact.line, fact.object, wrong)

    def _to_stage(self, fact: Fact) -> None:
        values, stage = self.values, Stage(fact.data["stage"])
        before, state = values["stage"], values["state"]
        if state in CLOSED:
            return self._reopen(fact, stage)
        if stage == before:
            return None
        ahead = path.position(stage) - path.position(before)
        self._enter_stage(stage, fact.at)
        self._enter("move_back" if ahead < 0 else "advance" if ahead == 1 else "skip", fact.at, before, stage, data={"stage": stage})
        return None

    def _reopen(self, fact: Fact, stage: str) -> None:
        values, was = self.values, self.values["state"]
        values.update(
            closed_at=None, won_at=None, lost_reason_id=None, state=State.OPEN, reopen_count=values["reopen_count"] + (was != State.WON)
        )
        self._enter_stage(stage, fact.at)
        self._enter("unwin" if was == State.WON else "reopen", fact.at, was, State.OPEN, data={"stage": stage})

    def _enter_stage(self, stage: str, at: datetime) -> None:
        self.values.update(stage=stage, stage_entered_at=at, max_stage=path.furthest(self.values["max_stage"], stage))
        self._expect(stage)

    def _expect(self, stage: str) -> None:
        self.values.update(probability=path.PROBABILITY[stage], forecast_category=path.CATEGORY[stage])

    def _change(self, fact: Fact) -> None:
        values = self.values
        if "amount" in fact.data:
            self._revalue(self.world.amount_of(fact, values["currency"]), values["fx_rate"])
        if day := fact.day("expected_close"):
            values["close_date"] = day
        if (probability := fact.number("probability")) is not None:
            values["probability"] = probability
        values["forecast_category"] = fact.data.get("forecast_category", values["forecast_category"])
        self._enter("changed", fact.at, "", "", kind=Entry.Kind.SYSTEM)

    def _to_state(self, fact: Fact) -> None:
        values, was, becomes, at = self.values, self.values["state"], State(fact.data["to"]), fact.at
        if was == becomes and not (was in CLOSED and at > values["closed_at"]):
            return
        if was in CLOSED:
            raise Wrong(
                _("The opportunity is closed already."), _("Open it again with an opportunity_stage line, or correct the instants."), "to"
            )
        said = fact.data.get("reason", "")
        name, told = self._turn(fact, was, becomes, said)
        values["state"] = becomes
        self._enter(name, at, was, becomes, body=said if becomes in (State.SUSPENDED, State.WON, State.OPEN) else "", data=told)

    def _turn(self, fact: Fact, was: str, becomes: str, said: str) -> tuple[str, dict[str, Any]]:
        """What closing, suspending or resuming brings with it: the transition's name, and what its history keeps."""
        values, at = self.values, fact.at
        if "amount" in fact.data:
            self._revalue(self.world.amount_of(fact, values["currency"]), values["fx_rate"])
        if becomes == State.OPEN:
            return "resume", {}
        if becomes == State.SUSPENDED:
            return "suspend", {}
        self._freeze(fact)
        values["closed_at"] = at
        if becomes == State.WON:
            values.update(won_at=at, probability=Decimal(1), forecast_category=Forecast.CLOSED)
            return "win", {}
        lost = becomes == State.LOST
        reason = self.world.reason(CloseReason.Kind.LOST if lost else CloseReason.Kind.CANCEL, said)
        values.update(lost_reason_id=reason.pk, probability=Decimal(0), forecast_category=Forecast.OMITTED)
        return ("lose", {"lost_reason": reason.pk}) if lost else ("cancel", {"cancel_reason": reason.pk})

    def _freeze(self, fact: Fact) -> None:
        """The rate of the closing: stated, or of that day, or the one that the deal was valued at so far."""
        currency, day = self.values["currency"], self.world.day(fact.at)
        stated = "fx_rate" in fact.data or self.world.rate(currency, day) is not None
        rate = self.world.rate_of(fact, currency, day) if stated else self.values["fx_rate"]
        self._revalue(self.values["amount"], rate)

    def _revalue(self, amount: Decimal, rate: Decimal) -> None:
        self.values.update(amount=amount, fx_rate=rate, amount_base=self.world.base(amount, rate))

    def _hand_over(self, fact: Fact) -> None:
        owner = fact.id("to")
        self.values.update(owner_id=owner, team_id=self.world.team_of(owner))
        self._enter("assign", fact.at, self.values["state"], self.values["state"])

    def _enter(
        self, name: str, at: datetime, was: str, becomes: str, *, kind: str = Entry.Kind.TRANSITION, body: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """A line of the history. It also tells what the deal was worth then, and whose it was."""
        self.since = at
        values = self.values
        told = {"owner": values["owner_id"], "team": values["team_id"]}
        worth: dict[str, Any] = {name: str(values[name]) for name in ("amount", "currency", "fx_rate", "amount_base")}
        worth["close_date"] = _iso(values["close_date"])
        if self.tells_expectation:
            worth |= {"probability": str(values["probability"]), "forecast_category": values["forecast_category"]}
        self.world.enter(
            Opportunity, self.made.subject, at, name, kind=kind, was=was, becomes=becomes, body=body, data={**worth, **told, **(data or {})}
        )


def _states_expectation(facts: list[Fact]) -> bool:
    """Whether a probability or a category is told that is not the usual one of its stage; then the history tells them at every step."""
    return any("probability" in fact.data or "forecast_category" in fact.data for fact in facts)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
