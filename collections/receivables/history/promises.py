"""What was promised of an order, delivered of it, and accepted: commitments with their lines, shipments and acceptances."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Acceptance, CommitmentChange, DeliveryCommitment, Shipment, ShipmentLine
from delivery.services import ACCEPTANCE_DAYS
from ltc.money.currencies import exponent
from ltc.money.rounding import round_half_up
from ltc.tenancy.identifiers import uuid7
from ltc.timeline.models import Entry
from orders.models import Order, OrderLine
from receivables.history.values import Wrong
from receivables.history.world import IMPORTER, Fact, World

GOODS_WORD = gettext_lazy("Goods")
MINE = "object IN ('commitment', 'promise_change', 'delivery', 'commitment_end')"
State = DeliveryCommitment.State
ENDED: Final = (State.CANCELLED, State.CLOSED_SHORT, State.WAIVED)
# The history of a milestone tells its steps (rules 3.8): planned, in progress again after a rejection, submitted, accepted.
MILESTONE_STEPS: Final[dict[tuple[str, str], str]] = {
    ("created", State.OPEN): "planned",
    ("submit", State.DELIVERED): "submitted",
    ("reject", State.OPEN): "in_progress",
}
END_NAMES: Final = {State.CANCELLED: "cancel", State.CLOSED_SHORT: "close_short", State.WAIVED: "waive"}
KEPT: Final = ("state", "qty_delivered", "completed_on", "promised_baseline", "promised_current")

# Where each commitment stands in its order: its number, and the quantities up to it and in all.
PLACES = """
SELECT subject, number, upto, whole FROM (
    SELECT subject, origin, row_number() OVER w AS number, sum((data->>'quantity')::numeric) OVER w AS upto,
           sum((data->>'quantity')::numeric) OVER (PARTITION BY origin) AS whole
    FROM collections_importedfact
    WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND object = 'commitment' AND origin = ANY(%(orders)s)
    WINDOW w AS (PARTITION BY origin ORDER BY line)
) AS places WHERE subject = ANY(%(commitments)s)
"""
GOODS = """
INSERT INTO orders_orderline (
    tenant_id, id, order_id, line_no, description, uom, qty, unit_price, discount_rate, net, tax_rate, tax, gross,
    qty_delivered, qty_accepted, qty_invoiced, closed_short
)
SELECT o.tenant_id, gen_random_uuid(), o.id, 1, %(goods)s, '', 1, o.gross, 0, o.gross, 0, 0, o.gross,
       (o.state IN ('completed', 'closed'))::int, (o.state IN ('completed', 'closed'))::int, 0, false
FROM orders_order o
JOIN collections_importedfact f ON f.tenant_id = o.tenant_id AND f.subject = o.id AND f.object = 'order' AND f.run_id = %(run)s
WHERE o.tenant_id = %(tenant)s
  AND NOT EXISTS (SELECT FROM orders_orderline l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id)
"""
PROGRESS = """
WITH touched AS (
    SELECT DISTINCT l.order_id FROM collections_importedfact f
    JOIN delivery_deliverycommitment c ON c.tenant_id = f.tenant_id AND c.id = f.subject
    JOIN orders_orderline l ON l.tenant_id = c.tenant_id AND l.id = c.order_line_id
    WHERE f.tenant_id = %(tenant)s AND f.run_id = %(run)s AND f.object IN ('commitment', 'delivery', 'commitment_end')
    UNION
    SELECT subject FROM collections_importedfact WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND object = 'order'
), done AS (
    SELECT l.order_id,
           bool_and(l.qty_delivered >= CASE WHEN l.closed_short THEN l.qty_delivered ELSE l.qty END) AS delivered,
           bool_or(l.qty_delivered > 0) AS some_delivered,
           bool_and(l.qty_accepted >= CASE WHEN l.closed_short THEN l.qty_delivered ELSE l.qty END) AS accepted,
           bool_or(l.qty_accepted > 0) AS some_accepted
    FROM orders_orderline l JOIN touched ON touched.order_id = l.order_id
    WHERE l.tenant_id = %(tenant)s GROUP BY 1
)
UPDATE orders_order o SET
    delivery_status = CASE WHEN delivered THEN 'full' WHEN some_delivered THEN 'partial' ELSE 'none' END,
    acceptance_status = CASE WHEN accepted THEN 'full' WHEN some_accepted THEN 'partial' ELSE 'none' END
FROM done WHERE o.tenant_id = %(tenant)s AND o.id = done.order_id
"""
STARTED = """
WITH began AS (
    SELECT l.order_id, min(f.at) AS at FROM collections_importedfact f
    JOIN delivery_deliverycommitment c ON c.tenant_id = f.tenant_id AND c.id = f.subject
    JOIN orders_orderline l ON l.tenant_id = c.tenant_id AND l.id = c.order_line_id
    WHERE f.tenant_id = %(tenant)s AND f.run_id = %(run)s AND f.object = 'delivery' GROUP BY 1
), started AS (
    UPDATE orders_order o SET state = 'in_progress' FROM began
    WHERE o.tenant_id = %(tenant)s AND o.id = began.order_id AND o.state = 'confirmed'
    RETURNING o.id, greatest(began.at, o.confirmed_at) AS at, o.owner_id, o.team_id
)
INSERT INTO timeline_entry
    (tenant_id, at, written_at, subject_type, subject, kind, name, from_state, to_state, actor_kind, actor_name, body, data)
SELECT %(tenant)s, at, %(now)s, 'orders.order', id, 'transition', 'start', 'confirmed', 'in_progress', 'system', %(who)s, '',
       jsonb_build_object('source', 'import', 'owner', owner_id, 'team', team_id)
FROM started
"""


def bring_promises(world: World) -> None:
    """The commitments of the file, each with the order line that it is about; orders without any get one line of goods."""
    for batch in world.subjects(MINE):
        background = Background(world, batch)
        for facts in batch:
            try:
                CommitmentPast(world, facts, background).tell()
            except Wrong as wrong:
                world.faults.add_wrong(facts[0].line, facts[0].object, wrong)
        world.settle()
    keys: dict[str, Any] = {
        "tenant": world.tenant.pk, "run": world.run.pk, "now": world.now, "who": IMPORTER.label, "goods": world.say(GOODS_WORD),
    }  # fmt: skip
    world.many()
    with connection.cursor() as cursor:
        for statement in (GOODS, PROGRESS, STARTED):
            cursor.execute(statement, keys)


class Background:
    """The orders of a batch of commitments, the place of each in its order, and those that stand already."""

    def __init__(self, world: World, batch: list[list[Fact]]) -> None:
        made = [fact for facts in batch for fact in facts if fact.object == "commitment"]
        orders = list({uuid.UUID(fact.data["order"]) for fact in made})
        standing = DeliveryCommitment.objects.filter(pk__in=[facts[0].subject for facts in batch]).select_related("order_line__order")
        self.standing = {promise.pk: promise for promise in standing}
        self.orders = {order.pk: order for order in Order.objects.filter(pk__in=orders)}
        # What is promised on top of an order that stood before this run is worth nothing more.
        earlier = OrderLine.objects.filter(order__in=set(orders) - world.made_here("order", orders))
        self.before: dict[Any, int] = dict(earlier.values_list("order").annotate(last=Max("line_no")).order_by())
        with connection.cursor() as cursor:
            keys = {"tenant": world.tenant.pk, "run": world.run.pk, "orders": orders, "commitments": [fact.subject for fact in made]}
            cursor.execute(PLACES, keys)  # type: ignore[arg-type]
            self.places = {subject: (number, upto, whole) for subject, number, upto, whole in cursor.fetchall()}

    def value(self, promise: Fact, order: Order) -> Decimal:
        """The part of the order's price that this promise is worth: by quantity, all parts summing to the whole."""
        if order.pk in self.before:
            return Decimal(0)
        _number, upto, whole = self.places[promise.subject]
        places, quantity = exponent(order.currency), Decimal(promise.data["quantity"])
        return round_half_up(order.gross * upto / whole, places) - round_half_up(order.gross * (upto - quantity) / whole, places)


class CommitmentPast:
    """One commitment, brought forward fact by fact."""

    def __init__(self, world: World, facts: list[Fact], background: Background) -> None:
        self.world, self.background = world, background
        made = next((fact for fact in facts if fact.object == "commitment"), None)
        # Of one day, what was agreed comes before what was delivered: a delivery tells only its day.
        order = {fact.line: (world.day(fact.at), fact.object != "promise_change", fact.at, fact.line) for fact in facts if fact is not made}
        self.made, self.facts = made, sorted((fact for fact in facts if fact is not made), key=lambda fact: order[fact.line])
        self.id = facts[0].subject
        self.step = ""
        self.shipments: list[tuple[date, Decimal, Fact]] = []
        self.changes: list[tuple[date, Fact]] = []
        self.accepted, self.closed_short = Decimal(0), False
        self.last: date | None = None
        if made is not None:
            first = made.day("promised_on")
            self.order = background.orders[uuid.UUID(made.data["order"])]
            self.kind, self.qty, self.line = made.data["kind"], Decimal(made.data["quantity"]), uuid.uuid5(self.id, "line")
            self.values: dict[str, Any] = {
                "state": State.OPEN, "qty_delivered": Decimal(0), "completed_on": None,
                "promised_baseline": first, "promised_current": first,
            }  # fmt: skip
        else:
            standing = background.standing[self.id]
            self.order, self.kind, self.qty, self.line = standing.order_line.order, standing.kind, standing.qty, standing.order_line_id
            self.values = {name: getattr(standing, name) for name in KEPT}
            self.last, self.step = _last_delivery(world, self.id), world.last_state(self.id)
            self.accepted, self.closed_short = standing.order_line.qty_accepted, standing.order_line.closed_short

    @property
    def is_milestone(self) -> bool:
        return bool(self.kind == DeliveryCommitment.Kind.MILESTONE)

    def tell(self) -> None:
        """Write the commitment, its order line and all that was delivered of it."""
        if self.made is not None:
            confirmed = self.order.confirmed_at or self.order.created_at
            self._enter("created", confirmed, "", State.OPEN, kind=Entry.Kind.SYSTEM)
        for fact in self.facts:
            try:
                {"promise_change": self._promise_again, "delivery": self._deliver, "commitment_end": self._end}[fact.object](fact)
            except Wrong as wrong:
                self.world.faults.add_wrong(fact.line, fact.object, wrong)
        self._write()

    def _promise_again(self, fact: Fact) -> None:
        self._must_be_open()
        day, asked = fact.day("to"), fact.data["requested_by"]
        assert day is not None
        self.changes.append((self.values["promised_current"], fact))
        self.values["promised_current"] = day
        if asked != CommitmentChange.RequestedBy.US:
            self.values["promised_baseline"] = day
        state = self.values["state"]
        self._enter("re_promise", fact.at, state, state, data={"promised_on": day, "requested_by": asked})

    def _deliver(self, fact: Fact) -> None:
        self._must_be_open()
        left = self.qty - self.values["qty_delivered"]
        quantity, day = fact.number("quantity") or left, fact.day("on")
        assert day is not None
        if not 0 < quantity <= left:
            message = _("Only %(left)s of it is left to deliver.") % {"left": f"{left.normalize():f}"}
            raise Wrong(message, _("Correct the quantity, or the quantity that was promised."), "quantity")
        was = self.values["state"]
        self.values["qty_delivered"] += quantity
        full = self.values["qty_delivered"] == self.qty
        self.values.update(state=State.DELIVERED if full else State.PARTIALLY_DELIVERED, completed_on=day if full else None)
        name = "submit" if self.is_milestone else "count_delivery"
        self._enter(name, fact.at, was, self.values["state"], data={"qty": quantity, "on": day})
        if rejected := fact.day("rejected_on"):
            before = self.values["state"]
            self.values["qty_delivered"] -= quantity
            self.values.update(state=State.PARTIALLY_DELIVERED if self.values["qty_delivered"] else State.OPEN, completed_on=None)
            self._enter("reject", self.world.clock.midnight(rejected), before, self.values["state"], data={"qty": quantity, "on": rejected})
            return
        if not self.is_milestone:
            self.shipments.append((day, quantity, fact))
        self.last = max(self.last or day, day)
        if accepted := fact.day("accepted_on"):
            self.accepted += quantity
            state = "accepted" if self.is_milestone else self.values["state"]
            self._enter("accept", self.world.clock.midnight(accepted), state, state, data={"qty": quantity, "on": accepted})

    def _end(self, fact: Fact) -> None:
        self._must_be_open()
        how, was = State(fact.data["how"]), self.values["state"]
        if how == State.CLOSED_SHORT and not self.values["qty_delivered"]:
            raise Wrong(_("Nothing of it was delivered."), _("Write “cancelled” or “waived”, or add the delivery."), "how")
        self.values["state"], self.closed_short = how, True
        if how == State.CLOSED_SHORT:
            self.values["completed_on"] = self.last or fact.day("on")
        self._enter(END_NAMES[how], fact.at, was, how, data={"on": fact.day("on")})

    def _must_be_open(self) -> None:
        if self.values["state"] in (State.DELIVERED, *ENDED):
            raise Wrong(_("The commitment is delivered or ended already."), _("Take this line out, or correct the dates."), "commitment")

    def _write(self) -> None:
        world, values = self.world, self.values
        done = {"qty_delivered": values["qty_delivered"], "qty_accepted": self.accepted, "closed_short": self.closed_short}
        if self.made is None:
            DeliveryCommitment.objects.filter(pk=self.id).update(**values)
            OrderLine.objects.filter(pk=self.line).update(promised_on=values["promised_current"], **done)
        else:
            gross = self.background.value(self.made, self.order)
            number = self.background.places[self.id][0] + self.background.before.get(self.order.pk, 0)
            world.add(
                OrderLine, id=self.line, order_id=self.order.pk, line_no=number, description=self.made.ref, qty=self.qty,
                unit_price=round_half_up(gross / self.qty, 6), net=gross, tax=Decimal(0), gross=gross,
                promised_on=values["promised_current"], baseline_date=values["promised_baseline"], **done,
            )  # fmt: skip
            world.add(
                DeliveryCommitment, id=self.id, order_line_id=self.line, kind=self.kind, qty=self.qty,
                created_at=self.order.confirmed_at or world.now, **values,
            )  # fmt: skip
        for old, fact in self.changes:
            world.add(
                CommitmentChange, commitment_id=self.id, old_date=old, new_date=fact.day("to"), requested_by=fact.data["requested_by"],
                reason=IMPORTER.label, approved_by=IMPORTER.label, at=fact.at,
            )  # fmt: skip
        for day, quantity, fact in self.shipments:
            self._ship(day, quantity, fact)

    def _ship(self, day: date, quantity: Decimal, fact: Fact) -> None:
        world, shipment, at = self.world, uuid7(), fact.at
        world.add(
            Shipment, id=shipment, number=world.number("shipment", day), order_id=self.order.pk, planned_on=day,
            state=Shipment.State.DELIVERED, released_at=at, shipped_at=at, pod_at=at, pod_signed_by=IMPORTER.label, created_at=at,
        )  # fmt: skip
        world.add(ShipmentLine, id=uuid7(), shipment_id=shipment, commitment_id=self.id, qty=quantity)
        told = {"owner": self.order.owner_id, "team": self.order.team_id}
        steps = (("ship", "released", "shipped"), ("confirm_pod", "shipped", "delivered"))
        world.enter(Shipment, shipment, at, "planned", kind=Entry.Kind.SYSTEM, becomes=Shipment.State.PLANNED, data=told)
        world.enter(Shipment, shipment, at, "release", was="planned", becomes="released", data=told)
        for name, was, becomes in steps:
            world.enter(Shipment, shipment, at, name, was=was, becomes=becomes, data={**told, "on": day})
        accepted = fact.day("accepted_on")
        state = Acceptance.State.ACCEPTED if accepted else Acceptance.State.PENDING
        acceptance = uuid7()
        world.add(
            Acceptance, id=acceptance, number=world.number("acceptance", day), shipment_id=shipment, order_id=self.order.pk, state=state,
            submitted_on=day, due_on=day + timedelta(days=ACCEPTANCE_DAYS), accepted_on=accepted,
            signed_by=IMPORTER.label if accepted else "", created_at=at,
        )  # fmt: skip
        world.enter(Acceptance, acceptance, at, "submitted", kind=Entry.Kind.SYSTEM, becomes="pending", data=told)
        if accepted:
            moment = world.clock.midnight(accepted)
            world.enter(Acceptance, acceptance, moment, "accept", was="pending", becomes="accepted", data={**told, "on": accepted})

    def _enter(
        self, name: str, at: datetime, was: str, becomes: str, *, kind: str = Entry.Kind.TRANSITION, data: dict[str, Any] | None = None
    ) -> None:
        if self.is_milestone:
            was, becomes = self.step, self.step if name == "re_promise" else MILESTONE_STEPS.get((name, becomes), becomes)
            self.step = becomes
        dates = {"baseline": self.values["promised_baseline"], "promised": self.values["promised_current"]}
        told = {"owner": self.order.owner_id, "team": self.order.team_id, **dates, **(data or {})}
        self.world.enter(DeliveryCommitment, self.id, at, name, kind=kind, was=was, becomes=becomes, data=told)


def _last_delivery(world: World, commitment: uuid.UUID) -> date | None:
    """The day of the last proof of delivery of a commitment that stands already."""
    last = ShipmentLine.objects.filter(commitment=commitment).aggregate(last=Max("shipment__pod_at"))["last"]
    return world.day(last) if last else None
