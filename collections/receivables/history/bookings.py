"""Orders as they were confirmed, and how they ended."""

import uuid
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from leads.models import Lead
from ltc.customers.models import Customer
from ltc.timeline.models import Entry
from opportunities.models import Opportunity
from orders.models import Order
from receivables.history.customers import ACTIVATE
from receivables.history.holding import Held
from receivables.history.values import Wrong
from receivables.history.world import IMPORTER, SOURCE, Fact, World
from receivables.models import ImportedFact

MINE = "object IN ('order', 'order_state')"
State = Order.State
NAMES: Final = {State.COMPLETED: "complete", State.CLOSED: "close", State.CANCELLED: "cancel"}
KEPT: Final = ("state", "completed_at", "closed_at", "held_from", "hold_reason")


def bring_orders(world: World) -> None:
    """The orders of the file. Their lines come with what was promised of them."""
    taken = world.clashes("order", Order._meta.db_table)
    for batch in world.subjects(MINE):
        background = Background(world, batch)
        for facts in batch:
            standing = background.standing.get(facts[0].subject)
            try:
                if standing is not None:
                    OrderPast.standing(world, standing).go_on(facts)
                    continue
                made = next(fact for fact in facts if fact.object == "order")
                if made.ref in taken:
                    message = _("There is an order with this reference that no history import made.")
                    raise Wrong(message, _("Give the record another ref."), "ref")
                OrderPast(world, made).tell([fact for fact in facts if fact is not made], background)
            except Wrong as wrong:
                world.faults.add_wrong(facts[0].line, facts[0].object, wrong)
        world.settle()
    world.many()
    with connection.cursor() as cursor:
        cursor.execute(ACTIVATE, {"tenant": world.tenant.pk, "now": world.now, "who": IMPORTER.label})


class Background:
    """What a batch of orders needs to know of other records: where they came from, and whose they were."""

    def __init__(self, world: World, batch: list[list[Fact]]) -> None:
        made = [fact for facts in batch for fact in facts if fact.object == "order"]
        subjects = [facts[0].subject for facts in batch if not any(fact.object == "order" for fact in facts)]
        refs = [fact.ref for fact in made]
        self.standing = {order.pk: order for order in Order.objects.filter(pk__in=subjects)}
        turns = ImportedFact.objects.filter(run=world.run, object="lead_state", data__to="converted", data__order__in=refs)
        self.leads: dict[str, uuid.UUID | None] = dict(turns.order_by("-line").values_list("data__order", "subject"))
        self.held = (
            Held(Opportunity, [deal for fact in made if (deal := fact.id("opportunity"))]),
            Held(Lead, [lead for lead in self.leads.values() if lead]),
            Held(Customer, [customer for fact in made if (customer := fact.id("customer"))]),
        )

    def owner(self, made: Fact) -> uuid.UUID | None:
        """Whoever had the opportunity, or the lead that it came from, or the customer when the order was confirmed."""
        records = (made.id("opportunity"), self.leads.get(made.ref), made.id("customer"))
        owners = (held.at(record, made.at) for held, record in zip(self.held, records, strict=True))
        return next((owner for owner in owners if owner), None)


class OrderPast:
    """One order, brought forward fact by fact."""

    def __init__(self, world: World, made: Fact) -> None:
        self.world, self.made, self.since = world, made, made.at
        self.values: dict[str, Any] = {
            "state": State.CONFIRMED,
            "completed_at": None,
            "closed_at": None,
            "held_from": "",
            "hold_reason": "",
        }
        self.told: dict[str, Any] = {}

    @classmethod
    def standing(cls, world: World, order: Order) -> "OrderPast":
        """An order of an earlier import, or one that lives here by now."""
        past = cls(world, Fact(0, "order", order.external_ref, order.pk, order.confirmed_at or order.created_at, {}))
        past.values = {name: getattr(order, name) for name in KEPT}
        past.since = max(past.since, world.last_step(order.pk) or past.since)
        past.told = {"owner": order.owner_id, "team": order.team_id}
        return past

    def tell(self, facts: list[Fact], background: Background) -> None:
        """Write the order with all that happened to it."""
        world, made = self.world, self.made
        currency, day = made.data.get("currency", world.currency), world.day(made.at)
        gross, rate = world.amount_of(made, currency, "gross"), world.rate_of(made, currency, day)
        owner = background.owner(made) or world.nobody
        worth = {"gross": gross, "currency": currency, "fx_rate": rate, "gross_base": world.base(gross, rate)}
        self.told = {**{name: str(value) for name, value in worth.items()}, "owner": owner, "team": world.team_of(owner)}
        self._enter("created", made.at, "", State.DRAFT, kind=Entry.Kind.SYSTEM)
        if deal := made.id("opportunity"):
            self._enter("from_opportunity", made.at, "", "", kind=Entry.Kind.SYSTEM, data={"opportunity": deal})
        self._enter("confirm", made.at, State.DRAFT, State.CONFIRMED)
        self._advance(facts)
        world.add(
            Order, id=made.subject, number=world.number("order", day), customer_id=made.id("customer"), opportunity_id=deal,
            lead_id=background.leads.get(made.ref), order_date=day, net=gross, confirmed_at=made.at, owner_id=owner,
            team_id=world.team_of(owner), source_system=SOURCE, external_ref=made.ref, created_at=made.at,
            billing_policy=made.data.get("billing_policy", Order.BillingPolicy.MILESTONES), **worth, **self.values,
        )  # fmt: skip

    def go_on(self, facts: list[Fact]) -> None:
        """Add later facts to an order that is in the books."""
        self._advance(facts)
        Order.objects.filter(pk=self.made.subject).update(**self.values)

    def _advance(self, facts: list[Fact]) -> None:
        for fact in facts:
            values, was, becomes = self.values, self.values["state"], State(fact.data["to"])
            if fact.at < self.since:
                message = _("This lies before the last thing that is known of the order.")
                self.world.faults.add(fact.line, fact.object, "at", message, _("Correct one of the two instants."))
            elif was in (State.CLOSED, State.CANCELLED) and was != becomes:
                message = _("The order was closed or cancelled before: nothing follows on that.")
                self.world.faults.add(fact.line, fact.object, "to", message, _("Take this line out, or correct the instants."))
            elif was != becomes:
                if becomes == State.COMPLETED:
                    values["completed_at"] = fact.at
                else:
                    values["closed_at"] = fact.at
                    values["completed_at"] = values["completed_at"] or (fact.at if becomes == State.CLOSED else None)
                values.update(state=becomes, held_from="", hold_reason="")
                self._enter(NAMES[becomes], fact.at, was, becomes)

    def _enter(
        self, name: str, at: datetime, was: str, becomes: str, *, kind: str = Entry.Kind.TRANSITION, data: dict[str, Any] | None = None
    ) -> None:
        self.since = at
        self.world.enter(Order, self.made.subject, at, name, kind=kind, was=was, becomes=becomes, data={**self.told, **(data or {})})
